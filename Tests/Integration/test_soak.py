"""One daemon under everything at once for a long time (LONG_SECONDS): nothing of it grows, and it is the process that was started."""

import os
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
