#!/usr/bin/env python3
"""stats_bench.py: what asking for figures costs on a node of 250 containers, 25 pods of ten each.

PODS, EACH and CALLS are others than 25, 10 and 100; with PASSING the same number of containers come and go, each of which is asked for by itself.

Run it in a test host as root, with RKTLET_BIN (the release build):

    Tests/Host/testhost with bench --bind=$PWD --sysctl-rw -- --env=RKTLET_BIN=$PWD/.build/release --cwd=$PWD $(scripts/venv) Benchmarks/stats_bench.py

Prints a line for each call: its time, the daemon's processor time for it, and what the daemon's memory grew by in each quarter of its calls.
"""

import concurrent.futures
import os
import re
import statistics
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Integration"))

# Before the client: it knows where that is.
from node import Node, run  # noqa: E402
from cri_client import container_config, pod_config  # noqa: E402

PODS, EACH, CALLS, PASSING = (int(os.environ.get(name, usual)) for name, usual in (("PODS", 25), ("EACH", 10), ("CALLS", 100), ("PASSING", 0)))
REGISTRY = "127.0.0.1:5000"


def processor_seconds(pid):
    """Of all its threads, to the nanosecond (proc(5), schedstat). Those that have ended meanwhile are not in it."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as stream:
            total += int(stream.read().split()[0])
    return total / 1e9


def private_kilobytes(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
        return sum(int(size) for size in re.findall(r"^Private_\w+: +(\d+)", stream.read(), re.M))


def make_node(node, image):
    def make(number):
        config = pod_config(f"bench-{number}")
        pod = node.client.run_pod(config)
        for index in range(EACH):
            node.client.start(node.client.create(pod, container_config(f"c{index}", image, "sleep", "100000"), config))
        return pod
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(make, range(PODS)))


def measure(node, title, *calls):
    pid = node.pid()
    for call in calls:
        node.client.call(call)
    before, memory, times = processor_seconds(pid), [private_kilobytes(pid)], []
    for number in range(CALLS):
        began = time.perf_counter()
        for call in calls:
            node.client.call(call)
        times.append(time.perf_counter() - began)
        if (number + 1) * 4 // CALLS == len(memory):
            memory.append(private_kilobytes(pid))
    spent = (processor_seconds(pid) - before) / CALLS
    print(f"| {title} | {statistics.median(times) * 1e3:.1f} ms | {spent * 1e3:.1f} ms | {growth(memory)} |", flush=True)


def growth(memory):
    return ", ".join(f"{after - before:+d}" for before, after in zip(memory, memory[1:])) + " kB"


def pass_by(node, image):
    """Containers that come and go, each asked for by itself; the daemon's memory grows by what the recorder and the index keep at most."""
    memory, calls = [private_kilobytes(node.pid())], 0
    config = pod_config("bench-passing")
    pod = node.client.run_pod(config)
    for number in range(PASSING):
        container = node.client.create(pod, container_config(f"p{number}", image, "sleep", "100000"), config)
        node.client.start(container)
        for _ in range(max(1, CALLS // PASSING)):
            node.client.call("ContainerStats", container_id=container)
            calls += 1
        node.client.stop(container, grace=0)
        node.client.remove(container)
        if (number + 1) * 4 // PASSING == len(memory):
            memory.append(private_kilobytes(node.pid()))
    node.client.delete_pod(pod)
    print(f"| {PASSING} containers that come and go, ContainerStats {calls} times | | | {growth(memory)} |", flush=True)


def main():
    run(os.path.join(ROOT, "Tests", "Host", "registry"), "start", REGISTRY, timeout=120)
    image = f"{REGISTRY}/busybox:1"
    node = Node().start()
    node.client.pull(image)
    pods = make_node(node, image)
    print(f"| {PODS * EACH} containers in {PODS} pods | time, median of {CALLS} | processor time each | memory grew by, in each quarter |\n|---|---|---|---|")
    measure(node, "ListContainerStats", "ListContainerStats")
    measure(node, "ListPodSandboxStats", "ListPodSandboxStats")
    measure(node, "ListPodSandboxMetrics", "ListPodSandboxMetrics")
    measure(node, "a relist: ListPodSandbox and ListContainers", "ListPodSandbox", "ListContainers")
    if PASSING:
        pass_by(node, image)
    for pod in pods:
        node.client.delete_pod(pod)
    node.stop()


if __name__ == "__main__":
    main()
