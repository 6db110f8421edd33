"""A disk that is full, the data's or the run directory's: what frees it again works."""

import contextlib
import os

import grpc
import pytest
from cri_client import container_config, pod_config
from node import Node, eventually, run
from states import code_of


@pytest.fixture(params=["data", "run"])
def small_disk(node, request):
    """A daemon one of whose two directories is a file system of its own."""
    place = "/run/small"
    os.makedirs(place, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "size=48m" if request.param == "data" else "size=8m", "none", place)
    node.stop()
    other = Node(arguments=[f"--{request.param}-dir={place}"])
    other.place, other.keeps = place, request.param
    try:
        other.start()
        yield other
    finally:
        other.stop()
        run("umount", "-l", place, check=False)
        os.rmdir(place)
        node.start()


def room(place):
    state = os.statvfs(place)
    return state.f_bavail * state.f_frsize


def fill(place):
    with open(f"{place}/filler", "wb", buffering=0) as stream, contextlib.suppress(OSError):
        while stream.write(bytes(4096)):
            pass


@pytest.mark.restarts_daemon
def test_what_is_on_a_full_disk_can_be_stopped_and_removed(small_disk, names, busybox):
    client, place = small_disk.client, small_disk.place
    client.pull(busybox)
    pods = []
    script = "cat /dev/zero > /filler; sleep 1000" if small_disk.keeps == "data" else "sleep 1000"
    for name, command in [("idle", ["sleep", "1000"]), ("filler", ["sh", "-c", script])]:
        config = pod_config(names())
        pod = client.run_pod(config)
        container = client.create(pod, container_config(name, busybox, *command), config)
        client.start(container)
        pods.append((pod, container))
    if small_disk.keeps == "run":
        fill(place)
    eventually(lambda: room(place) == 0, "the disk is full")
    for pod, container in pods:
        client.stop(container)
        assert client.container(container).exit_code == 137
        client.remove(container)
        client.stop_pod(pod)
        client.remove_pod(pod)
    assert client.pods() == [] and client.containers() == []


@pytest.mark.restarts_daemon
def test_a_pod_that_a_full_disk_refused_can_be_had_later(small_disk, names):
    client, place = small_disk.client, small_disk.place
    fill(place)
    config = pod_config(names())
    for _ in range(3):
        code, details = code_of(lambda: client.run_pod(config))
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED and "space" in details.lower(), (code, details)
    os.unlink(f"{place}/filler")
    client.delete_pod(client.run_pod(config))
    assert client.pods() == []
    # Empty by now; made by the first start that could be told of nowhere else.
    for run_dir in ("/run/rktlet", place):
        if os.path.isdir(f"{run_dir}/engine/failed"):
            os.rmdir(f"{run_dir}/engine/failed")
