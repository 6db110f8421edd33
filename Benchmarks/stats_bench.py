#!/usr/bin/env python3
"""stats_bench.py: what asking for figures costs on a node of 250 containers, 25 pods of ten each.

Run it in a test host as root, with RKTLET_BIN (the release build):

    Tests/Host/testhost with bench --bind=$PWD --sysctl-rw -- --env=RKTLET_BIN=$PWD/.build/release --cwd=$PWD $(scripts/venv) Benchmarks/stats_bench.py

Prints a line for each call: its time, the daemon's processor time for it, and what of the daemon's memory grew over all of its calls.
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

PODS, EACH, CALLS = 25, 10, int(os.environ.get("CALLS", "100"))
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
    before, memory, times = processor_seconds(pid), private_kilobytes(pid), []
    for _ in range(CALLS):
        began = time.perf_counter()
        for call in calls:
            node.client.call(call)
        times.append(time.perf_counter() - began)
    spent = (processor_seconds(pid) - before) / CALLS
    print(f"| {title} | {statistics.median(times) * 1e3:.1f} ms | {spent * 1e3:.1f} ms | {private_kilobytes(pid) - memory:+d} kB |", flush=True)


def main():
    run(os.path.join(ROOT, "Tests", "Host", "registry"), "start", REGISTRY, timeout=120)
    image = f"{REGISTRY}/busybox:1"
    node = Node().start()
    node.client.pull(image)
    pods = make_node(node, image)
    print(f"| {PODS * EACH} containers in {PODS} pods | time, median of {CALLS} | processor time each | memory after all |\n|---|---|---|---|")
    measure(node, "ListContainerStats", "ListContainerStats")
    measure(node, "ListPodSandboxStats", "ListPodSandboxStats")
    measure(node, "ListPodSandboxMetrics", "ListPodSandboxMetrics")
    measure(node, "a relist: ListPodSandbox and ListContainers", "ListPodSandbox", "ListContainers")
    for pod in pods:
        node.client.delete_pod(pod)
    node.stop()


if __name__ == "__main__":
    main()
