"""One daemon under everything at once for a long time (LONG_SECONDS): nothing of it grows, and it is the process that was started."""

import concurrent.futures
import os
import re
import time

import grpc
import pytest
from conftest import Pod
from cri_client import PB, pod_config
from node import eventually

SECONDS = int(os.environ.get("LONG_SECONDS", "600"))
WARM_UP = 20


def held(node):
    """(resident bytes, descriptors, threads) of the daemon at rest."""
    eventually(node.at_rest, "the daemon has nothing to do", timeout=60)
    pid = node.pid()
    with open(f"/proc/{pid}/status") as stream:
        fields = dict(line.split(":", 1) for line in stream.read().splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024, len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"])


def round_trip(client, image, number):
    pod = Pod(client, pod_config(f"soak-{number}"))
    container = pod.run(image, "sh", "-c", "yes hello | head -n 2000; sleep 1000")
    for _ in range(5):
        assert client.exec(container, "echo", "x")[1] == b"x\n"
    for stream, request in (
            (client.runtime.StreamPodSandboxes, PB.StreamPodSandboxesRequest()), (client.runtime.StreamContainers, PB.StreamContainersRequest()),
            (client.images.StreamImages, PB.StreamImagesRequest())):
        assert list(stream(request, timeout=60))
        stream(request).cancel()
    with pytest.raises(grpc.RpcError):
        list(client.runtime.GetContainerEvents(PB.GetEventsRequest(), timeout=60))
    for method, fields in (("Status", {"verbose": True}), ("ListContainers", {}), ("ImageFsInfo", {}), ("ContainerStatus", {"container_id": container, "verbose": True})):
        client.call(method, **fields)
    client.stop(container)
    client.remove(container)
    client.delete_pod(pod.id)


@pytest.mark.long
@pytest.mark.timeout(SECONDS * 2 + 600)
def test_nothing_grows(node, client, busybox):
    for number in range(WARM_UP):
        round_trip(client, busybox, number)
    before, began, number, seen = held(node), time.monotonic(), WARM_UP, []
    while time.monotonic() - began < SECONDS:
        round_trip(client, busybox, number)
        number += 1
        assert node.lives(), node.journal()
        if number % 50 == 0:
            seen.append((number, held(node)[0] >> 20))
    after = held(node)
    print(f"soak: {number} pods in {time.monotonic() - began:.0f} s; (resident, descriptors, threads) {before} -> {after}; pods and MiB: {seen}")
    assert after[0] - before[0] < 16 << 20, "memory grows"
    assert after[1] <= before[1] + 2 and after[2] <= before[2] + 4


def private(node):
    """Bytes of the daemon's memory that nobody shares with it."""
    with open(f"/proc/{node.pid()}/smaps_rollup") as stream:
        return sum(int(number) for number in re.findall(r"^Private_\w+:\s+(\d+) kB", stream.read(), re.MULTILINE)) * 1024


@pytest.mark.long
@pytest.mark.timeout(SECONDS * 2 + 600)
def test_pods_that_come_and_go_are_forgotten(node, client, busybox):
    """As many as there is time for, four at a time. The daemon keeps the ids of the last 2,048 pods and 4,096 containers; more is no growth of its own."""
    def cycle(number):
        pod = Pod(client, pod_config(f"come-and-go-{number}"))
        container = pod.run(busybox, "sleep", "1000")
        client.stop(container)
        client.remove(container)
        client.delete_pod(pod.id)
    began, number, seen = time.monotonic(), 0, []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while time.monotonic() - began < SECONDS:
            list(pool.map(cycle, range(number, number + 100)))
            number += 100
            eventually(node.at_rest, "the daemon has nothing to do", timeout=60)
            seen.append((number, private(node)))
            assert node.lives(), node.journal()
    half = seen[len(seen) // 2:]
    growth = (half[-1][1] - half[0][1]) / max(1, half[-1][0] - half[0][0])
    print(f"soak: {number} pods; pods and KiB: {[(count, size >> 10) for count, size in seen]}; bytes for each pod in the second half: {growth:.0f}")
    # Pages, not allocations: this would find a leak of a kilobyte. PodCycleMemoryTests counts bytes.
    assert growth < 1024
