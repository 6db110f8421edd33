"""Mounts of the host: propagation, and how read-only read-only is."""

import os
import subprocess

import pytest
from cri_client import PB
from node import eventually, log_text, run
from states import code_of, exited


@pytest.fixture
def shared(tmp_path):
    """A directory that is a mount of its own and propagates."""
    path = str(tmp_path / "shared")
    os.mkdir(path)
    run("mount", "--bind", path, path)
    run("mount", "--make-shared", path)
    yield path
    subprocess.run(["umount", "--recursive", path], check=True)


def mount(path, **fields):
    return PB.Mount(container_path="/data", host_path=path, **fields)


@pytest.mark.vm
def test_what_the_host_mounts_later_is_seen(client, pod, busybox, shared):
    os.mkdir(f"{shared}/sub")
    follows = pod.run(busybox, "sleep", "1000", name="follows", mounts=[mount(shared, propagation=PB.PROPAGATION_HOST_TO_CONTAINER)])
    private = pod.run(busybox, "sleep", "1000", name="private", mounts=[mount(shared)])
    run("mount", "-t", "tmpfs", "later", f"{shared}/sub")
    with open(f"{shared}/sub/file", "w") as stream:
        stream.write("late\n")
    assert client.exec(follows, "cat", "/data/sub/file")[:2] == (0, b"late\n")
    assert client.exec(private, "cat", "/data/sub/file")[0] != 0


def test_what_a_container_mounts_reaches_the_host(client, make_pod, busybox, shared):
    os.mkdir(f"{shared}/sub")
    linux = PB.LinuxPodSandboxConfig(security_context=PB.LinuxSandboxSecurityContext(privileged=True))
    pod = make_pod(linux=linux)
    container = pod.run(
        busybox, "sleep", "1000", mounts=[mount(shared, propagation=PB.PROPAGATION_BIDIRECTIONAL)],
        security=PB.LinuxContainerSecurityContext(privileged=True))
    code, _, err = client.exec(container, "sh", "-c", "mount -t tmpfs inner /data/sub && echo inner > /data/sub/file")
    assert code == 0, err
    with open(f"{shared}/sub/file") as stream:
        assert stream.read() == "inner\n"


def test_propagation_needs_a_shared_mount(client, pod, busybox, tmp_path):
    path = str(tmp_path / "private")
    os.mkdir(path)
    run("mount", "--bind", path, path)
    run("mount", "--make-private", path)
    try:
        code, details = code_of(lambda: pod.run(busybox, "true", mounts=[mount(path, propagation=PB.PROPAGATION_BIDIRECTIONAL)]))
        assert path in details and "shared" in details
    finally:
        run("umount", path)


@pytest.mark.vm
def test_recursively_read_only(client, pod, busybox, shared):
    os.mkdir(f"{shared}/sub")
    run("mount", "-t", "tmpfs", "below", f"{shared}/sub")
    request = mount(shared, readonly=True, recursive_read_only=True)
    if not any(handler.features.recursive_read_only_mounts for handler in client.call("Status").runtime_handlers):
        code, details = code_of(lambda: pod.create(busybox, "true", mounts=[request]))
        assert details.startswith("RROUnsupported")
        return
    script = "touch /data/x 2>/dev/null || echo top; touch /data/sub/x 2>/dev/null || echo below"
    status = exited(client, pod.run(busybox, "sh", "-c", script, mounts=[request]))
    assert log_text(status.log_path) == b"top\nbelow\n"


def test_recursively_read_only_needs_private_and_readonly(client, pod, busybox, shared):
    for wrong in ({"readonly": False}, {"readonly": True, "propagation": PB.PROPAGATION_BIDIRECTIONAL}):
        code, details = code_of(lambda: pod.create(busybox, "true", mounts=[mount(shared, recursive_read_only=True, **wrong)]))
        assert code.name == "INVALID_ARGUMENT" or details.startswith("RROUnsupported"), (code, details)


def test_one_file_of_the_host(client, pod, busybox, tmp_path):
    path = tmp_path / "one.conf"
    path.write_text("one\n")
    request = PB.Mount(container_path="/etc/deep/er/one.conf", host_path=str(path), readonly=True)
    status = exited(client, pod.run(busybox, "cat", "/etc/deep/er/one.conf", mounts=[request]))
    assert log_text(status.log_path) == b"one\n"
    eventually(lambda: path.read_text() == "one\n", "the host's file is as it was")
