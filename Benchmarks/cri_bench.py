#!/usr/bin/env python3
"""Times two container runtimes side by side, in turns, so that the machine's drift falls on both alike.

Runs inside a test host where both answer on their sockets (scripts/bench). Prints one Markdown table; every figure is measured in this
run. Progress goes to standard error.
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
from processes import memory_of, pids_of  # noqa: E402
from session_bench import Sessions  # noqa: E402

COMMAND = ["/bin/sleep", "100000"]
STEPS = ["RunPodSandbox", "CreateContainer", "StartContainer"]
# `gantry` is the daemon's reader of events, which is there as long as it is.
DAEMON = {"rktlet": ["rktlet", "gantry"], "containerd": ["containerd"]}
# What runs for a pod's own sake.
POD = {"rktlet": ["gantry-pod"], "containerd": ["containerd-shim-runc-v2", "pause"]}


def say(text):
    print(f"bench: {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def milliseconds(action):
    start = time.perf_counter()
    result = action()
    return (time.perf_counter() - start) * 1000, result


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Bench:
    def __init__(self, options):
        self.options = options
        self.runtimes = [Runtime("rktlet", options.ours), Runtime("containerd", options.theirs)]
        self.rows, self.raw = [], {}

    say = staticmethod(say)

    def row(self, title, values, goal="", unit="ms", digits=1):
        """values: {runtime: figure}"""
        ours, theirs = values["rktlet"], values["containerd"]
        self.rows.append(f"| {title} | {ours:.{digits}f} {unit} | {theirs:.{digits}f} {unit} | {ours / theirs:.2f} | {goal} |")

    def each(self, function):
        return {runtime.name: function(runtime) for runtime in self.runtimes}

    def pod_config(self, name):
        return pod_config(name, namespace="bench", logs=self.options.logs)

    # Pod start

    def start_pod(self, runtime, name):
        """The three calls of a pod start; the time of each, and the pod."""
        config = self.pod_config(name)
        sandbox, pod = milliseconds(lambda: runtime.run_pod(config))
        request = container_config("c", self.options.image, *COMMAND)
        create, container = milliseconds(lambda: runtime.create(pod, request, config))
        start, _ = milliseconds(lambda: runtime.start(container))
        return (sandbox, create, start), pod

    def pod_starts(self, rounds, parallel):
        """{runtime: [(sandbox, create, start)]} and {runtime: [time until all ran]}, the runtimes taking turns."""
        times, walls, removals = ({runtime.name: [] for runtime in self.runtimes} for _ in range(3))
        for turn in range(rounds + 1):
            for runtime in self.runtimes:
                names = [f"{runtime.name}-{parallel}-{turn}-{index}" for index in range(parallel)]
                with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
                    wall, results = milliseconds(
                        lambda: list(pool.map(lambda name: self.start_pod(runtime, name), names)))
                    removal, _ = milliseconds(
                        lambda: list(pool.map(lambda result: runtime.delete_pod(result[1]), results)))
                if turn > 0:  # the first round warms both up
                    times[runtime.name] += [steps for steps, _ in results]
                    walls[runtime.name].append(wall)
                    removals[runtime.name].append(removal)
        return times, walls, removals

    def measure_starts(self):
        for parallel, rounds in ((1, self.options.rounds), (10, max(2, self.options.rounds // 5))):
            label = "one by one" if parallel == 1 else "ten at a time"
            say(f"pod starts, {label}, {rounds} rounds")
            times, walls, removals = self.pod_starts(rounds, parallel)
            self.raw[f"start-{parallel}"] = times
            totals = {name: [sum(steps) for steps in values] for name, values in times.items()}
            for title, share in (("median", 0.5), ("p99", 0.99)):
                self.row(
                    f"pod start, {label}, {title} of {len(totals['rktlet'])}",
                    self.each(lambda r: percentile(totals[r.name], share)), "0.40")
            if parallel == 1:
                for index, step in enumerate(STEPS):
                    self.row(f"– {step}, median", self.each(lambda r: statistics.median(t[index] for t in times[r.name])))
                self.row("pod stop and removal, container running, median", self.each(lambda r: statistics.median(removals[r.name])))
            else:
                self.row("– all ten, wall time, median", self.each(lambda r: statistics.median(walls[r.name])))

    # ListContainers

    def fill(self, runtime):
        """Containers, created and not started, in pods of fifty."""
        pods = []
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for first in range(0, self.options.containers, 50):
                config = self.pod_config(f"{runtime.name}-list-{first}")
                pods.append(runtime.run_pod(config))
                numbers = range(first, min(first + 50, self.options.containers))
                list(pool.map(
                    lambda number: runtime.create(
                        pods[-1], container_config(f"n{number}", self.options.image, *COMMAND), config), numbers))
        return pods

    def measure_lists(self):
        pods = {}
        for runtime in self.runtimes:
            say(f"{self.options.containers} containers in {runtime.name}")
            pods[runtime.name] = self.fill(runtime)
        # The answer's bytes are left as they come: the client's own decoding would cover what is measured.
        call = self.each(lambda r: r.channel.unary_unary(
            "/runtime.v1.RuntimeService/ListContainers", request_serializer=None, response_deserializer=None))
        times = self.each(lambda r: [])
        say("ListContainers")
        for turn in range(self.options.calls + 10):
            for runtime in self.runtimes:
                took, data = milliseconds(lambda: call[runtime.name](b"", timeout=60))
                if turn == 0:
                    found = len(PB.ListContainersResponse.FromString(data).containers)
                    say(f"{runtime.name} lists {found} containers in {len(data)} bytes")
                    assert found >= self.options.containers, f"{runtime.name} lists {found} containers"
                if turn >= 10:
                    times[runtime.name].append(took)
        self.raw["list"] = times
        title = f"ListContainers, {self.options.containers} containers"
        self.row(f"{title}, median of {self.options.calls}", self.each(lambda r: statistics.median(times[r.name])), "0.50")
        self.row(f"{title}, p99", self.each(lambda r: percentile(times[r.name], 0.99)))
        self.daemon_memory(f"daemon with {self.options.containers} containers")
        for runtime in self.runtimes:
            say(f"removing them from {runtime.name}")
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                list(pool.map(runtime.delete_pod, pods[runtime.name]))

    # Pulls

    def measure_pulls(self):
        """An image that neither has, from a registry on this machine, removed after each; and one that is there, as `Always` asks for it."""
        large, small = self.options.large_image, self.options.image
        self.measure_pull("pull of nine layers, 180 MiB unpacked", large, self.options.pulls)
        self.measure_pull("pull of a small image", small, 3 * self.options.pulls)
        self.measure_pull("pull of a small image that is there", small, 3 * self.options.pulls, remove=False)

    def measure_pull(self, title, image, count, remove=True):
        times = self.each(lambda r: [])
        for turn in range(count + 1):
            say(f"{title}: {turn}")
            for runtime in self.runtimes:
                took, _ = milliseconds(lambda: runtime.pull(image))
                if remove:
                    runtime.remove_image(image)
                # The first warms up whatever there is, and makes the image one that is there.
                if turn > 0:
                    times[runtime.name].append(took)
        self.raw[title] = times
        self.row(f"{title}, median of {count}", self.each(lambda r: statistics.median(times[r.name])))

    # Memory

    def measure_pod_memory(self, count=10):
        say("memory of idle pods")
        memory = {}
        for runtime in self.runtimes:
            before = set(pids_of(POD[runtime.name]))
            pods = [runtime.run_pod(self.pod_config(f"{runtime.name}-mem-{index}")) for index in range(count)]
            memory[runtime.name] = memory_of(set(pids_of(POD[runtime.name])) - before)
            for pod in pods:
                runtime.delete_pod(pod)
        self.raw["pod memory"] = memory
        for title, key in (("PSS", "Pss"), ("private", "Private")):
            self.row(
                f"memory per idle pod, {title}", self.each(lambda r: memory[r.name][key] / count), "0.25", "kB")

    def daemon_memory(self, title, goal=""):
        memory = self.each(lambda r: memory_of(pids_of(DAEMON[r.name])))
        self.raw[title] = memory
        for name in ("RSS", "PSS"):
            self.row(f"{title}, {name}", self.each(lambda r: memory[r.name][name.capitalize()] / 1024), goal, "MB")

    def run(self):
        for runtime in self.runtimes:
            runtime.wait_ready()
            runtime.pull(self.options.image)
        self.daemon_memory("idle daemon, just started", "≤ 40 MB")
        if self.options.rounds:
            self.measure_starts()
            self.measure_pod_memory()
            self.daemon_memory("idle daemon, after the pods above", "≤ 40 MB")
        if self.options.session_bytes:
            Sessions(self).run()
        if self.options.large_image and self.options.pulls:
            self.measure_pulls()
        if self.options.containers:
            self.measure_lists()
        print("| what | rktlet | containerd | ratio | goal |\n|---|---|---|---|---|")
        print("\n".join(self.rows))
        if self.options.json:
            with open(self.options.json, "w", encoding="utf-8") as stream:
                json.dump(self.raw, stream)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True, help="rktlet's socket")
    parser.add_argument("--theirs", required=True, help="containerd's socket")
    parser.add_argument("--image", required=True, help="with /bin/sleep")
    parser.add_argument("--logs", default="/var/log/pods")
    parser.add_argument("--rounds", type=int, default=50, help="pod starts one by one; a fifth of it ten at a time; 0 leaves them out")
    parser.add_argument("--session-bytes", type=int, default=1 << 30, help="through exec and port-forward; 0 leaves sessions out")
    parser.add_argument("--containers", type=int, default=1000, help="for ListContainers; 0 leaves it out")
    parser.add_argument("--calls", type=int, default=200, help="of ListContainers")
    parser.add_argument("--large-image", help="an image to pull and remove, again and again")
    parser.add_argument("--pulls", type=int, default=5, help="of each kind; 0 leaves them out")
    parser.add_argument("--json", help="write the raw figures here")
    Bench(parser.parse_args()).run()


if __name__ == "__main__":
    main()
