"""Checkpoints through the daemon's socket: with CRIU and Debian's runc where the kernel is one that this CRIU knows (the virtual machine), with a
stand-in for CRIU elsewhere, and what is refused."""

import os
import shutil

import grpc
import pytest
from conftest import is_left
from cri_client import PB, container_config, pod_config
from node import ROOT, Node, eventually, log_text
from states import EXITED, RUNNING, code_of

RUNC = shutil.which("runc")
STAND_IN = os.path.join(ROOT, "Tests", "Engine", "supervisor", "checkpoint-stand-in")
IN_MEMORY = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done"
IN_A_FILE = "n=$(cat /n 2>/dev/null || echo 0); while :; do n=$((n+1)); echo $n > /n.new; mv /n.new /n; echo $n; sleep 0.1; done"


@pytest.fixture
def checkpointing(running_node, busybox, request, tmp_path):
    """A daemon with the handler `runc`; its client."""
    assert RUNC and shutil.which("criu"), "runc or criu is missing (make deps-test)"
    runtime = RUNC
    if request.param == "stand-in":
        runtime = f"{tmp_path}/runc"
        shutil.copy(STAND_IN, runtime)
    running_node.stop()
    node = Node(arguments=[f"--runtime=runc={runtime}"]).start()
    yield node.client
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    node.stop()
    running_node.start()


def numbers(client, container):
    return [int(line) for line in log_text(client.container(container).log_path, b"stdout").split()]


def goes_on(client, container):
    count = len(numbers(client, container))
    return eventually(lambda: len(numbers(client, container)) > count + 1, "it goes on counting", timeout=120)


def counted_on(client, image, names, archive, script, again=False):
    """A counter is checkpointed, and made anew of the archive in a pod of its own; `again`, in the same one too."""
    config = pod_config(names())
    pod = client.run_pod(config, handler="runc")
    first = client.create(pod, container_config("c", image, "sh", "-c", script), config)
    client.start(first)
    eventually(lambda: len(numbers(client, first)) > 5, "it counts", timeout=120)
    client.runtime.CheckpointContainer(PB.CheckpointContainerRequest(container_id=first, location=archive, timeout=300), timeout=300)
    assert (os.stat(archive).st_mode & 0o7777, os.stat(archive).st_uid) == (0o600, 0)
    assert client.container(first).state == RUNNING and goes_on(client, first)
    other = pod_config(names())
    places = [(client.run_pod(other, handler="runc"), other), *([(pod, config)] if again else [])]
    for place, fields in places:
        second = client.create(place, container_config("d", archive, "sh", "-c", script), fields)
        assert client.container(second).image_ref == client.container(first).image_ref
        client.start(second)
        eventually(lambda: len(numbers(client, second)) > 3, "it goes on", timeout=120)
        found = numbers(client, second)
        assert found[0] > 5 and found == list(range(found[0], found[0] + len(found)))
        assert client.exec(second, "sh", "-c", "exit 3")[0] == 3
        client.stop(second, grace=0)
        assert client.container(second).state == EXITED and client.container(second).exit_code == 137
    eventually(lambda: goes_on(client, first), "the first one is as it was")
    for each in client.pods():
        client.delete_pod(each.id)
        eventually(lambda: not is_left(each.id), "nothing of the pod is left")


@pytest.mark.vm
@pytest.mark.timeout(900)  # With what a session begins with, in the virtual machine.
@pytest.mark.parametrize("checkpointing", ["criu"], indirect=True)
def test_a_counter_goes_on_from_its_checkpoint(checkpointing, busybox, names, tmp_path):
    """Elsewhere than in the virtual machine CRIU may know neither the kernel nor what the test host keeps from it."""
    attempt = counted_on if os.uname().nodename == "test-vm" else taken_or_refused
    attempt(checkpointing, busybox, names, f"{tmp_path}/a.tar", IN_MEMORY)


def taken_or_refused(client, image, names, archive, script):
    """What CRIU cannot do is refused in its own words, or in the runtime's, and changes nothing."""
    config = pod_config(names())
    pod = client.run_pod(config, handler="runc")
    container = client.create(pod, container_config("c", image, "sh", "-c", script), config)
    client.start(container)
    try:
        client.call("CheckpointContainer", container_id=container, location=archive)
    except grpc.RpcError as error:
        details = error.details()
        assert error.code() == grpc.StatusCode.INTERNAL and container in details and "criu" in details, details
        assert not os.path.exists(archive)
    goes_on(client, container)


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_what_surrounds_a_checkpoint_and_its_restore(checkpointing, busybox, names, tmp_path):
    counted_on(checkpointing, busybox, names, f"{tmp_path}/a.tar", IN_A_FILE, again=True)


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_an_archive_that_cannot_be_taken_makes_no_container(checkpointing, busybox, names, tmp_path):
    client, config = checkpointing, pod_config(names())
    pod = client.run_pod(config, handler="runc")
    first = client.create(pod, container_config("c", busybox, "sh", "-c", IN_A_FILE), config)
    client.start(first)
    archive = f"{tmp_path}/a.tar"
    client.call("CheckpointContainer", container_id=first, location=archive)

    def refused(path, expected, *parts, in_pod=pod, fields=config):
        code, details = code_of(lambda: client.create(in_pod, container_config("d", path, "true"), fields))
        assert code == expected and all(part in details for part in (path, *parts)), details
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    refused(f"{tmp_path}/none.tar", grpc.StatusCode.NOT_FOUND)
    refused(str(tmp_path), invalid, "must be a file")
    with open(f"{tmp_path}/text.tar", "w") as file:
        file.write("no archive\n")
    refused(f"{tmp_path}/text.tar", invalid)
    os.symlink(archive, f"{tmp_path}/link.tar")
    refused(f"{tmp_path}/link.tar", invalid)
    os.chmod(archive, 0o666)
    refused(archive, invalid, "others than root may write it")
    os.chmod(archive, 0o600)
    # By the default handler, whose crun has no checkpoints.
    plain = pod_config(names())
    other = client.run_pod(plain)
    code, details = code_of(lambda: client.create(other, container_config("d", archive, "true"), plain))
    assert code == grpc.StatusCode.FAILED_PRECONDITION and "crun" in details and "runtime handler" in details
    assert [c.id for c in client.containers()] == [first]


def test_a_pod_of_the_default_handler_has_none(client, pod, busybox, tmp_path):
    archive = f"{tmp_path}/a.tar"
    container = pod.create(busybox, "sleep", "1000")

    def checkpoint(location=archive, timeout=0):
        return code_of(lambda: client.runtime.CheckpointContainer(
            PB.CheckpointContainerRequest(container_id=container, location=location, timeout=timeout), timeout=60))
    assert checkpoint()[0] == grpc.StatusCode.FAILED_PRECONDITION
    client.start(container)
    code, details = checkpoint()
    assert code == grpc.StatusCode.FAILED_PRECONDITION and "crun" in details and "runtime handler" in details
    for location, timeout, field in [("", 0, "location"), ("a.tar", 0, "location"), ("/a\0b", 0, "location"), (archive, -1, "timeout")]:
        code, details = checkpoint(location, timeout)
        assert code == grpc.StatusCode.INVALID_ARGUMENT and details.startswith(field), details
    assert checkpoint(str(tmp_path))[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert checkpoint(f"{tmp_path}/none/a.tar")[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert client.container(container).state == RUNNING and not os.path.exists(archive)
