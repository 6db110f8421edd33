"""Which namespaces a container shares, and with whom: the pod, the node, another container."""

import os

import pytest
from cri_client import PB
from node import eventually, log_text
from states import exited


def output(client, pod, image, script, **fields):
    status = exited(client, pod.run(image, "sh", "-c", script, **fields))
    assert status.exit_code == 0, (status, log_text(status.log_path))
    return log_text(status.log_path, b"stdout").decode()


def options(**modes):
    """Namespace options of a container's security context."""
    names = {kind: PB.NamespaceMode.Value(mode) for kind, mode in modes.items() if kind != "target_id"}
    if "target_id" in modes:
        names["target_id"] = modes["target_id"]
    return PB.NamespaceOption(**names)


def pod_options(**modes):
    return PB.LinuxPodSandboxConfig(security_context=PB.LinuxSandboxSecurityContext(namespace_options=options(**modes)))


def security(namespaces, **fields):
    return PB.LinuxContainerSecurityContext(namespace_options=namespaces, **fields)


@pytest.mark.vm
def test_the_hosts_pids(client, make_pod, busybox):
    pod = make_pod(linux=pod_options(pid="NODE"))
    text = output(client, pod, busybox, "readlink /proc/self/ns/pid", security=security(options(pid="NODE")))
    assert text.strip() == os.readlink("/proc/1/ns/pid")


def test_the_hosts_ipc_and_its_shared_memory(client, make_pod, busybox):
    pod = make_pod(linux=pod_options(pid="CONTAINER", ipc="NODE"))
    marker = f"/dev/shm/rktlet-test-{os.getpid()}"
    with open(marker, "w") as stream:
        stream.write("of the host\n")
    try:
        text = output(client, pod, busybox, f"readlink /proc/self/ns/ipc; cat {marker}", security=security(options(pid="CONTAINER", ipc="NODE")))
    finally:
        os.unlink(marker)
    assert text.splitlines() == [os.readlink("/proc/self/ns/ipc"), "of the host"]


@pytest.mark.vm
def test_the_pids_of_another_container(client, pod, busybox):
    target = pod.run(busybox, "sleep", "4242", name="target")
    eventually(lambda: client.exec(target, "cat", "/proc/1/comm")[1] == b"sleep\n", "the target is its own program")
    text = output(
        client, pod, busybox, "cat /proc/1/cmdline | tr '\\0' ' '", name="debugger",
        security=security(options(pid="TARGET", target_id=target)))
    assert text == "sleep 4242 "


def test_pods_do_not_share_anything(client, make_pod, busybox):
    script = "for n in net ipc uts pid mnt; do readlink /proc/self/ns/$n; done"
    # Both run while they are asked: the kernel gives the number of a namespace that is gone to the next one.
    containers = [make_pod().run(busybox, "sleep", "1000") for _ in range(2)]
    first, second = (client.exec(container, "sh", "-c", script)[1].split() for container in containers)
    assert len(first) == len(second) == 5 and not set(first) & set(second)


@pytest.mark.vm
def test_a_user_namespace(client, make_pod, busybox):
    if not user_namespaces(client):
        # Said so, and refused by name: never a pod without what was asked for.
        with pytest.raises(Exception, match="user"):
            make_pod(linux=mapped_pod())
        return
    pod = make_pod(linux=mapped_pod())
    namespaces = options(pid="CONTAINER")
    namespaces.userns_options.CopyFrom(mapping())
    script = "cat /proc/self/uid_map; id -u; touch /root/x && ls -ln /root/x"
    lines = output(client, pod, busybox, script, security=security(namespaces)).splitlines()
    assert lines[0].split() == ["0", "100000", "65536"]
    assert lines[1] == "0"
    assert lines[2].split()[2:4] == ["0", "0"]


def user_namespaces(client):
    status = client.call("Status")
    return any(handler.features.user_namespaces for handler in status.runtime_handlers)


def mapping():
    ids = [PB.IDMapping(host_id=100000, container_id=0, length=65536)]
    return PB.UserNamespace(mode=PB.POD, uids=ids, gids=ids)


def mapped_pod():
    linux = pod_options(pid="CONTAINER")
    linux.security_context.namespace_options.userns_options.CopyFrom(mapping())
    return linux


def test_a_pod_with_shared_pids_reaps_what_its_containers_leave(client, make_pod, busybox):
    pod = make_pod(pid="POD")
    container = pod.run(busybox, "sh", "-c", "(sleep 0.1 &); exec sleep 1000", pid="POD")
    pid1 = client.exec(container, "cat", "/proc/1/comm")[1].strip()
    assert pid1 and pid1 != b"sleep"
    zombies = lambda: client.exec(container, "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l")[1].strip()
    eventually(lambda: zombies() == b"0", "no zombie is left")
