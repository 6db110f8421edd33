#!/usr/bin/env python3
"""Times two container runtimes side by side, in turns, so that the machine's drift falls on both alike.

Runs inside a test host where both answer on their sockets. Prints one Markdown table; every figure is measured in this run.
"""

import argparse
import concurrent.futures
import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Tests", "Client"))

from cri_client import PB, Runtime, container_config, pod_config  # noqa: E402

COMMAND = ["/bin/sleep", "100000"]


def milliseconds(action):
    start = time.perf_counter()
    result = action()
    return (time.perf_counter() - start) * 1000, result


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def start_pod(runtime, name, image, logs):
    """The three calls of a pod start; returns the time of each and the pod."""
    config = pod_config(name, namespace="bench", logs=logs)
    sandbox, pod = milliseconds(lambda: runtime.run_pod(config))
    request = container_config("c", image, *COMMAND)
    create, container = milliseconds(lambda: runtime.create(pod, request, config))
    start, _ = milliseconds(lambda: runtime.start(container))
    return (sandbox, create, start), pod


def pod_starts(runtimes, image, logs, rounds, parallel):
    """{runtime: [(sandbox, create, start) in ms]}, the runtimes taking turns round by round."""
    times = {runtime.name: [] for runtime in runtimes}
    walls = {runtime.name: [] for runtime in runtimes}
    for turn in range(rounds + 1):
        for runtime in runtimes:
            names = [f"{runtime.name}-{parallel}-{turn}-{index}" for index in range(parallel)]
            with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
                wall, results = milliseconds(
                    lambda: list(pool.map(lambda name: start_pod(runtime, name, image, logs), names)))
                if turn > 0:  # the first round warms both up
                    times[runtime.name] += [steps for steps, _ in results]
                    walls[runtime.name].append(wall)
                list(pool.map(lambda result: runtime.delete_pod(result[1]), results))
    return times, walls


def list_containers(runtimes, image, logs, count, calls):
    """Time of ListContainers with `count` containers recorded (created, not started), bytes untouched by the client."""
    times = {}
    pods = {}
    for runtime in runtimes:
        config = pod_config(f"{runtime.name}-list", namespace="bench", logs=logs)
        pod = pods[runtime.name] = runtime.run_pod(config)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(
                lambda index: runtime.create(pod, container_config(f"n{index}", image, *COMMAND), config),
                range(count)))
    raw = {
        runtime.name: runtime.channel.unary_unary(
            "/runtime.v1.RuntimeService/ListContainers", request_serializer=lambda request: request,
            response_deserializer=lambda data: data)
        for runtime in runtimes}
    for turn in range(calls + 5):
        for runtime in runtimes:
            took, data = milliseconds(lambda: raw[runtime.name](b"", timeout=60))
            if turn >= 5:
                times.setdefault(runtime.name, []).append(took)
            found = len(PB.ListContainersResponse.FromString(data).containers) if turn == 0 else count
            assert found >= count, f"{runtime.name} lists {found} of {count} containers"
    for runtime in runtimes:
        runtime.delete_pod(pods[runtime.name])
    return times


def memory_of(pids):
    """(PSS, private) in kB over these processes, from smaps_rollup."""
    pss = private = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            fields = dict(line.split(":", 1) for line in rollup if ":" in line and "kB" in line)
        pss += int(fields["Pss"].split()[0])
        private += sum(int(fields[key].split()[0]) for key in ("Private_Clean", "Private_Dirty"))
    return pss, private


def processes(pattern):
    """Pids whose command line holds the pattern."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                words = stream.read().split(b"\0")
        except OSError:
            continue
        if words and any(part in words[0].decode(errors="replace") for part in pattern):
            found.append(int(pid))
    return found


def pod_memory(runtimes, logs, overheads, count):
    """kB per idle pod without containers: what runs for the pod's own sake."""
    result = {}
    for runtime in runtimes:
        pods = [
            runtime.run_pod(pod_config(f"{runtime.name}-mem{index}", namespace="bench", logs=logs))
            for index in range(count)]
        pids = processes(overheads[runtime.name])
        pss, private = memory_of(pids)
        result[runtime.name] = (pss / count, private / count, len(pids))
        for pod in pods:
            runtime.delete_pod(pod)
    return result


def row(title, ours, theirs, goal, unit="ms"):
    return f"| {title} | {ours:.1f} {unit} | {theirs:.1f} {unit} | {ours / theirs:.2f} | {goal} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--theirs", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--logs", default="/var/log/pods")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--containers", type=int, default=1000)
    parser.add_argument("--json", help="write the raw figures here")
    options = parser.parse_args()

    ours, theirs = Runtime("rktlet", options.ours), Runtime("containerd", options.theirs)
    runtimes = [ours, theirs]
    for runtime in runtimes:
        runtime.wait_ready()
        runtime.pull(options.image)

    rows, raw = [], {}
    idle = {name: memory_of(processes([name])) for name in ("rktlet", "bin/containerd")}
    for parallel, rounds in ((1, options.rounds), (10, max(3, options.rounds // 5))):
        times, walls = pod_starts(runtimes, options.image, options.logs, rounds, parallel)
        raw[f"start-{parallel}"] = times
        totals = {name: [sum(steps) for steps in values] for name, values in times.items()}
        label = "one by one" if parallel == 1 else "ten at a time"
        for title, function in (("median", statistics.median), ("p99", lambda values: percentile(values, 0.99))):
            rows.append(row(f"pod start, {label}, {title}", function(totals["rktlet"]), function(totals["containerd"]), "0.40"))
        if parallel == 1:
            for index, step in enumerate(("RunPodSandbox", "CreateContainer", "StartContainer")):
                rows.append(row(
                    f"– {step}, median", *(statistics.median(t[index] for t in times[r.name]) for r in runtimes), ""))
        else:
            rows.append(row("– ten pods, wall time, median", *(statistics.median(walls[r.name]) for r in runtimes), ""))

    listing = list_containers(runtimes, options.image, options.logs, options.containers, 100)
    raw["list"] = listing
    rows.append(row(
        f"ListContainers, {options.containers} containers, median",
        *(statistics.median(listing[r.name]) for r in runtimes), "0.50"))

    memory = pod_memory(
        runtimes, options.logs, {"rktlet": ["gantry-pod"], "containerd": ["containerd-shim", "/pause"]}, 10)
    raw["memory"] = memory
    rows.append(row("memory per idle pod, PSS", memory["rktlet"][0], memory["containerd"][0], "0.25", "kB"))
    rows.append(row("memory per idle pod, private", memory["rktlet"][1], memory["containerd"][1], "0.25", "kB"))
    rows.append(row("idle daemon, PSS", idle["rktlet"][0] / 1024, idle["bin/containerd"][0] / 1024, "≤ 40 MB", "MB"))

    print("| what | rktlet | containerd | ratio | goal |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(raw, stream)


if __name__ == "__main__":
    main()
