#!/usr/bin/env python3
"""gateway_bench.py: the gateway beside the CRI's socket, on a node of 1,000 containers.

The node is one real pod with one container, told of a thousand times by an engine that is made up for this: lists come out of the daemon's
memory, so nothing else is of interest. Run it in a test host, with RKTLET_BIN. Prints one line per figure.
"""

import json
import os
import re
import statistics
import stat
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Integration"))

# Before the client: it knows where that is.
from node import BIN, Node, eventually, gantry_json, run  # noqa: E402
from cri_client import container_config, pod_config  # noqa: E402
from gateway import Gateway  # noqa: E402

CONTAINERS, ROUNDS, SUBSCRIBERS = 1000, 40, 200
REGISTRY = "127.0.0.1:5000"


def make_engine(directory, pod, container):
    """An engine whose inventory is the real one's, a thousand times."""
    record = json.dumps(gantry_json("list")[0] if isinstance(gantry_json("list"), list) else gantry_json("list")["pods"][0])
    uuid = json.loads(record)["name"]
    pods = []
    for number in range(CONTAINERS):
        digits = f"{number:08x}"
        pods.append(json.loads(
            record.replace(uuid, digits + uuid[8:]).replace(pod, digits + pod[8:]).replace(container, digits + container[8:])
            .replace("bench-pod", f"bench-pod-{number}")))
    inventory = os.path.join(directory, "inventory.json")
    with open(inventory, "w") as stream:
        json.dump(pods, stream)
    engine = os.path.join(directory, "engine")
    with open(engine, "w") as stream:
        stream.write(f"""#!/bin/bash
case " $* " in
*" list "*) case " $* " in *" image "*) exec {BIN}/gantry "$@" ;; *) exec cat {inventory} ;; esac ;;
*" events "*) exec sleep infinity ;;
*) exec {BIN}/gantry "$@" ;;
esac
""")
    os.chmod(engine, os.stat(engine).st_mode | stat.S_IXUSR)
    return engine


def median(work):
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup") as stream:
        return int(re.search(r"^Rss: +(\d+)", stream.read(), re.M)[1]) / 1024


def measure_lists(node, gateway):
    def by_grpc():
        assert len(node.client.call("ListContainers").containers) == CONTAINERS

    def by_json():
        assert gateway.open("GET", "/v1/containers").read().startswith(b'{"containers":[')
    grpc_time, json_time = median(by_grpc), median(by_json)
    print(f"list of {CONTAINERS} containers: gRPC {grpc_time * 1e3:.1f} ms, JSON {json_time * 1e3:.1f} ms, {json_time / grpc_time:.2f} times")


def measure_subscribers(node, gateway):
    pid = node.pid()
    gateway.get("/v1/version")
    before = resident(pid)
    open_ones = [gateway.open("GET", "/v1/events", timeout=60) for _ in range(SUBSCRIBERS)]
    for one in open_ones:
        one.readline()
    print(f"{SUBSCRIBERS} idle subscribers: {resident(pid) - before:.1f} MB")
    for one in open_ones:
        one.close()


def measure_events(node, gateway, image):
    """From the return of a call that causes an event until a subscriber has it; negative: it was there before."""
    others = [gateway.open("GET", "/v1/events", timeout=60) for _ in range(SUBSCRIBERS)]
    arrived = []
    events = gateway.events()
    next(events)

    def listen():
        for kind, data in events:
            arrived.append((kind, data["containerId"], time.time()))
    threading.Thread(target=listen, daemon=True).start()
    late = []
    pod = node.client.run_pod(pod_config("bench-events"))
    for number in range(20):
        container = node.client.create(pod, container_config(f"c{number}", image, "sleep", "1000"), pod_config("bench-events"))
        done = time.time()
        seen = eventually(lambda: next((at for _, one, at in arrived if one == container), None), "the event")
        late.append(seen - done)
    node.client.delete_pod(pod)
    print(f"event to subscriber, beside {SUBSCRIBERS} others: at most {max(late) * 1e3:.1f} ms after the call's return, median {statistics.median(late) * 1e3:.1f} ms")
    for one in others:
        one.close()


def main():
    run(os.path.join(ROOT, "Tests", "Host", "registry"), "start", REGISTRY, timeout=120)
    image = f"{REGISTRY}/busybox:1"
    node = Node().start()
    gateway = Gateway()
    node.client.pull(image)
    measure_events(node, gateway, image)
    config = pod_config("bench-pod", labels={"app": "bench", "tier": "front"})
    pod = node.client.run_pod(config)
    container = node.client.create(pod, container_config("main", image, "sleep", "1000", labels={"app": "bench"}), config)
    node.client.start(container)
    engine = make_engine("/run", pod, container)
    node.stop()
    node.engine = engine
    node.start()
    eventually(lambda: len(node.client.call("ListContainers").containers) == CONTAINERS, "the made-up node")
    measure_lists(node, gateway)
    measure_subscribers(node, gateway)
    node.stop()
    node.engine = os.path.join(BIN, "gantry")
    node.start()
    node.client.delete_pod(pod)
    node.stop()


if __name__ == "__main__":
    main()
