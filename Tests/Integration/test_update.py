"""Other limits for what is there already: all of them or none, and kept."""

import os

import grpc
import pytest
from cri_client import PB
from node import eventually, gantry_json, run
from states import exited
from test_resources import cgroup_file, limited_slice, resources  # noqa: F401

V2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
MIB = 1 << 20


def update(client, container, **fields):
    client.runtime.UpdateContainerResources(
        PB.UpdateContainerResourcesRequest(container_id=container, linux=resources(**fields)), timeout=60)


def refused(client, container, *words, code=grpc.StatusCode.INVALID_ARGUMENT, **fields):
    """A change is refused, in these words, and leaves what is reported and what is in force as it was."""
    before = limits(client, container)
    with pytest.raises(grpc.RpcError) as error:
        update(client, container, **fields)
    assert error.value.code() == code, error.value.details()
    assert all(word in error.value.details() for word in words), error.value.details()
    assert limits(client, container) == before


def limits(client, container):
    return reported(client, container), memory(container), quota(container), weight(container)


def reported(client, container):
    return client.container(container).resources.linux


def memory(container):
    return cgroup_file(container, "memory.max", "memory.limit_in_bytes")


def quota(container):
    if V2:
        return cgroup_file(container, "cpu.max")
    return cgroup_file(container, "cpu.cfs_quota_us") + " " + cgroup_file(container, "cpu.cfs_period_us")


def weight(container):
    return cgroup_file(container, "cpu.weight", "cpu.shares")


def has_limits(container):
    try:
        return memory(container) == str(64 * MIB)
    except (AssertionError, OSError):
        return False


@pytest.mark.vm
@pytest.mark.parametrize("started", [False, True])
def test_limits_change_and_are_reported(client, pod, busybox, started):
    first = resources(cpu_period=100000, cpu_quota=50000, cpu_shares=512, memory_limit_in_bytes=64 * MIB, oom_score_adj=500)
    container = pod.create(busybox, "sleep", "1000", resources=first)
    if started:
        client.start(container)
    # A container is made beside the answer to its creation.
    eventually(lambda: has_limits(container), "the container's cgroup")
    before = weight(container)
    update(client, container, cpu_quota=70000, cpu_shares=1024, memory_limit_in_bytes=96 * MIB, oom_score_adj=600)
    assert (memory(container), quota(container)) == (str(96 * MIB), "70000 100000")
    assert weight(container) != before
    told = reported(client, container)
    assert (told.cpu_period, told.cpu_quota, told.cpu_shares) == (100000, 70000, 1024)
    assert (told.memory_limit_in_bytes, told.oom_score_adj) == (96 * MIB, 600)
    if not started:
        client.start(container)
    assert (memory(container), quota(container)) == (str(96 * MIB), "70000 100000")
    assert client.exec(container, "cat", "/proc/1/oom_score_adj")[1] == b"600\n"
    assert client.exec(container, "cat", "/proc/self/oom_score_adj")[1] == b"600\n"
    update(client, container, cpu_quota=-1, memory_limit_in_bytes=-1)
    assert quota(container).split()[0] in ("max", "-1")
    assert memory(container) == "max" or int(memory(container)) > 1 << 60
    assert client.container(container).state == PB.CONTAINER_RUNNING


@pytest.mark.vm
def test_what_is_wrong_is_refused_by_name_and_changes_nothing(client, pod, busybox):
    first = resources(cpu_period=100000, cpu_quota=50000, cpu_shares=512, memory_limit_in_bytes=64 * MIB)
    container = pod.run(busybox, "sleep", "1000", resources=first)
    for words, fields in [
        ("cpu_period", {"cpu_period": -5}), ("cpu_period", {"cpu_period": 10}), ("cpu_quota", {"cpu_quota": 999}),
        ("cpu_shares", {"cpu_shares": -1}), ("cpuset_cpus", {"cpuset_cpus": "4000"}), ("cpuset_cpus", {"cpuset_cpus": "a"}),
        ("cpuset_mems", {"cpuset_mems": "900"}), ("memory_limit_in_bytes", {"memory_limit_in_bytes": -2}),
        ("memory_swap_limit_in_bytes", {"memory_limit_in_bytes": 80 * MIB, "memory_swap_limit_in_bytes": 70 * MIB}),
        ("memory_swap_limit_in_bytes", {"memory_swap_limit_in_bytes": 32 * MIB}),
        ("oom_score_adj", {"oom_score_adj": 1001}),
        ("hugepage_limits", {"hugepage_limits": [PB.HugepageLimit(page_size="3MB", limit=0)]}),
        ("unified", {"unified": {"../memory.max": "1"}}), ("unified", {"unified": {"a/memory.max": "1"}}),
        ("unified", {"unified": {"cgroup.kill": "1"}}), ("unified", {"unified": {"memory.nothing": "1"}}),
    ]:
        refused(client, container, words, cpu_shares=fields.pop("cpu_shares", 2048), **fields)
    if not V2:
        refused(client, container, "unified", "v1", unified={"memory.high": "max"})
    update(client, container, cpu_shares=2048)
    assert reported(client, container).cpu_shares == 2048


@pytest.mark.vm
def test_a_limit_below_what_is_in_use_is_refused(client, pod, busybox):
    script = "dd if=/dev/zero of=/dev/shm/big bs=1M count=40 2>/dev/null; echo ready; sleep 1000"
    container = pod.run(busybox, "sh", "-c", script, resources=resources(
        memory_limit_in_bytes=64 * MIB, memory_swap_limit_in_bytes=64 * MIB))
    eventually(lambda: int(cgroup_file(container, "memory.current", "memory.usage_in_bytes")) > 40 * MIB, "it uses 40 MiB")
    refused(client, container, "memory_limit_in_bytes", memory_limit_in_bytes=20 * MIB, cpu_shares=4096)
    assert client.container(container).state == PB.CONTAINER_RUNNING
    update(client, container, memory_limit_in_bytes=56 * MIB)
    assert memory(container) == str(56 * MIB)


@pytest.mark.vm
def test_a_cpuset_changes_also_below_commands(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", resources=resources(cpuset_cpus="0-1" if os.cpu_count() > 1 else "0"))
    update(client, container, cpuset_cpus="0", cpuset_mems="0")
    code, out, _ = client.exec(container, "grep", "Cpus_allowed_list", "/proc/self/status")
    assert (code, out.split()[-1]) == (0, b"0")


def test_an_exited_container_is_refused(client, pod, busybox):
    container = pod.run(busybox, "true")
    exited(client, container)
    with pytest.raises(grpc.RpcError) as error:
        update(client, container, cpu_shares=512)
    assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION and "exited" in error.value.details()
    with pytest.raises(grpc.RpcError) as error:
        update(client, "0" * 64, cpu_shares=512)
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.vm
@pytest.mark.restarts_daemon
def test_limits_are_kept_by_a_restart_and_by_daemon_reload(node, client, pod, busybox):
    container = pod.create(busybox, "sleep", "1000", resources=resources(memory_limit_in_bytes=64 * MIB))
    update(client, container, memory_limit_in_bytes=96 * MIB, cpu_shares=256)
    before = weight(container)
    node.kill()
    node.start()
    client = node.client
    run("systemctl", "daemon-reload")
    assert (reported(client, container).memory_limit_in_bytes, reported(client, container).cpu_shares) == (96 * MIB, 256)
    client.start(container)
    assert (memory(container), weight(container)) == (str(96 * MIB), before)
    run("systemctl", "daemon-reload")
    assert (memory(container), weight(container)) == (str(96 * MIB), before)
    record = next(app for pod_ in gantry_json("list") for app in pod_["apps"] if app["name"] == container)
    assert record["resources"]["memoryLimit"] == 96 * MIB


def unit_file(pod, *names):
    return cgroup_file(f"rktlet-pod-{pod.id[:12]}.service", *names)


def update_pod(client, pod, overhead=None, **fields):
    client.runtime.UpdatePodSandboxResources(PB.UpdatePodSandboxResourcesRequest(
        pod_sandbox_id=pod.id, resources=resources(**fields), overhead=resources(**(overhead or {}))), timeout=60)


@pytest.mark.vm
def test_a_pods_unit_is_limited_and_a_reload_keeps_it(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    update_pod(client, pod, overhead={"memory_limit_in_bytes": 16 * MIB},
               cpu_shares=2048, cpu_period=100000, cpu_quota=150000, memory_limit_in_bytes=256 * MIB)

    def seen():
        return unit_file(pod, "memory.max", "memory.limit_in_bytes"), unit_file(pod, "cpu.max", "cpu.cfs_quota_us").split()[0]

    eventually(lambda: seen() == (str(272 * MIB), "150000"), "systemd has limited the unit")
    run("systemctl", "daemon-reload")
    assert seen() == (str(272 * MIB), "150000")
    with pytest.raises(grpc.RpcError) as error:
        update_pod(client, pod, memory_limit_in_bytes=4096)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "memory_limit_in_bytes" in error.value.details()
    with pytest.raises(grpc.RpcError) as error:
        update_pod(client, pod, cpu_quota=1, cpu_shares=2)
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "cpu_quota" in error.value.details()
    assert seen() == (str(272 * MIB), "150000")
    update_pod(client, pod)
    eventually(lambda: seen()[0] == "max" or int(seen()[0]) > 1 << 60, "the unit has no limit any more")
    assert client.container(container).state == PB.CONTAINER_RUNNING
    client.stop_pod(pod.id)
    with pytest.raises(grpc.RpcError) as error:
        update_pod(client, pod, cpu_shares=512)
    assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.vm
def test_a_resize_as_the_kubelet_makes_it(client, make_pod, busybox, limited_slice):
    """The pod's slice first, then the container, then what is in force is read; nothing is restarted."""
    pod = make_pod(linux=PB.LinuxPodSandboxConfig(cgroup_parent=f"/kubepods.slice/kubepods-burstable.slice/{limited_slice}"))
    container = pod.run(busybox, "sleep", "1000", resources=resources(
        cpu_period=100000, cpu_quota=10000, cpu_shares=102, memory_limit_in_bytes=48 * MIB, oom_score_adj=990))

    def process():
        return next(app["pid"] for pod_ in gantry_json("list") for app in pod_["apps"] if app["name"] == container)

    before = process()
    run("busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
        "SetUnitProperties", "sba(sv)", limited_slice, "true", "1", "MemoryMax", "t", str(96 * MIB))
    update(client, container, cpu_period=100000, cpu_quota=20000, cpu_shares=204, memory_limit_in_bytes=96 * MIB, oom_score_adj=990)
    update_pod(client, pod, cpu_period=100000, cpu_quota=20000, cpu_shares=204, memory_limit_in_bytes=96 * MIB)
    status = client.container(container)
    told = status.resources.linux
    assert (told.cpu_quota, told.cpu_shares, told.memory_limit_in_bytes) == (20000, 204, 96 * MIB)
    assert status.state == PB.CONTAINER_RUNNING and process() == before
    run("systemctl", "daemon-reload")
    assert memory(container) == str(96 * MIB)
