"""Limits, and what the kernel does at them."""

import glob
import os

import grpc
import pytest
from cri_client import PB
from node import eventually, gantry, gantry_json, log_text, run
from states import code_of, exited


def cgroup_file(container, *names):
    """The content of the first of these files in the container's cgroup, whatever the hierarchy."""
    for top, _, files in os.walk("/sys/fs/cgroup"):
        if os.path.basename(top) == container:
            for name in names:
                if name in files:
                    with open(os.path.join(top, name)) as stream:
                        return stream.read().strip()
    raise AssertionError(f"none of {names} in a cgroup of {container}")


def resources(**fields):
    return PB.LinuxContainerResources(**fields)


@pytest.mark.vm
def test_processors_and_memory_nodes(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", resources=resources(cpuset_cpus="0", cpuset_mems="0"))
    code, out, _ = client.exec(container, "grep", "Cpus_allowed_list", "/proc/self/status")
    assert (code, out.split()[-1]) == (0, b"0")


@pytest.mark.vm
def test_an_oom_score(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", resources=resources(oom_score_adj=777))
    assert client.exec(container, "cat", "/proc/1/oom_score_adj")[1] == b"777\n"


@pytest.mark.vm
def test_the_pods_own_score_is_not_the_containers(client, pod, busybox):
    """A container that asks for nothing, and an exec in it, are killed before the supervisor is, not with it."""
    container = pod.run(busybox, "sleep", "1000")
    record = next(app for pod_ in gantry_json("list") for app in pod_["apps"] if app["name"] == container)
    with open(f"/proc/{record['pid']}/oom_score_adj") as stream:
        assert int(stream.read()) >= 0
    assert int(client.exec(container, "cat", "/proc/self/oom_score_adj")[1]) >= 0


def test_an_oom_kill_of_a_child_is_no_oom_kill_of_a_container_that_goes_on(client, pod, busybox):
    limit = resources(memory_limit_in_bytes=20 << 20, memory_swap_limit_in_bytes=20 << 20)
    status = exited(client, pod.run(busybox, "sh", "-c", "tail /dev/zero; exit 0", resources=limit))
    assert (status.exit_code, status.reason) == (0, "Completed")


@pytest.mark.vm
def test_an_oom_kill_keeps_the_exit_code_of_the_process(client, pod, busybox):
    limit = resources(memory_limit_in_bytes=20 << 20, memory_swap_limit_in_bytes=20 << 20)
    status = exited(client, pod.run(busybox, "tail", "/dev/zero", resources=limit))
    assert (status.exit_code, status.reason) == (137, "OOMKilled")
    status = exited(client, pod.run(busybox, "sh", "-c", "tail /dev/zero; exit 3", name="d", resources=limit))
    assert (status.exit_code, status.reason) == (3, "OOMKilled")


@pytest.fixture
def limited_slice(client):
    """A slice with 48 MiB as the kubelet makes one for a pod, and the parents that its name says; gone at the end."""
    name = "kubepods-burstable-podab12.slice"
    run("busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
        "StartTransientUnit", "ssa(sv)a(sa(sv))", name, "replace", "2", "MemoryMax", "t", str(48 << 20),
        "MemorySwapMax", "t", "0", "0")
    yield name
    for pod in client.pods():
        client.delete_pod(pod.id)
    run("systemctl", "stop", "kubepods.slice")
    eventually(lambda: "kubepods" not in run("systemctl", "list-units", "--all", "--plain", "--no-legend").stdout, "the slices are gone")
    # cgroup v1: what the engine remembers of them for an hour.
    for mark in glob.glob("/run/rktlet/engine/cgroups/*kubepods*"):
        os.utime(mark, (0, 0))
    gantry("gc")


@pytest.mark.vm
def test_a_pod_in_the_kubelets_slice_and_its_limit(client, make_pod, busybox, limited_slice):
    parent = f"/kubepods.slice/kubepods-burstable.slice/{limited_slice}"
    pod = make_pod(linux=PB.LinuxPodSandboxConfig(cgroup_parent=parent))
    unit = f"rktlet-pod-{pod.id[:12]}.service"
    assert run("systemctl", "show", "-PSlice", unit).stdout.strip() == limited_slice
    assert run("systemctl", "show", "-PControlGroup", unit).stdout.strip().endswith(f"{parent}/{unit}")
    status = exited(client, pod.run(busybox, "tail", "/dev/zero"))
    assert (status.exit_code, status.reason) == (137, "OOMKilled")
    assert client.pod(pod.id).state == PB.SANDBOX_READY


@pytest.mark.vm
def test_the_unified_map_is_heeded_or_refused(client, pod, busybox):
    wanted = resources(unified={"memory.high": str(48 << 20)})
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        container = pod.run(busybox, "sleep", "1000", resources=wanted)
        assert cgroup_file(container, "memory.high") == str(48 << 20)
    else:
        with pytest.raises(Exception, match="unified"):
            pod.create(busybox, "true", resources=wanted)


@pytest.mark.vm
def test_huge_pages_are_limited_or_refused_by_name(client, pod, busybox):
    def limit(size, pages):
        return resources(hugepage_limits=[PB.HugepageLimit(page_size=size, limit=pages)])
    on_v2 = os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    with open("/sys/fs/cgroup/cgroup.controllers" if on_v2 else "/proc/self/cgroup") as stream:
        can_limit = "hugetlb" in stream.read().replace(":", " ").replace(",", " ").split()
    sizes = [int(name.split("-")[1].removesuffix("kB")) for name in os.listdir("/sys/kernel/mm/hugepages")]
    # The kubelet names all that there are, with 0 for who asked for none.
    container = pod.run(busybox, "sleep", "1000", name="none", resources=limit("2MB", 0))
    if can_limit and 2048 in sizes:
        assert cgroup_file(container, "hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes") == "0"
        container = pod.run(busybox, "sleep", "1000", name="some", resources=limit("2MB", 4 << 20))
        assert cgroup_file(container, "hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes") == str(4 << 20)
        client.runtime.UpdateContainerResources(PB.UpdateContainerResourcesRequest(container_id=container, linux=limit("2MB", 2 << 20)))
        assert cgroup_file(container, "hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes") == str(2 << 20)
    else:
        code, details = code_of(lambda: pod.create(busybox, "true", name="some", resources=limit("2MB", 4 << 20)))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and "hugepage" in details and "2MB" in details, details
    code, details = code_of(lambda: pod.create(busybox, "true", name="wrong", resources=limit("3MB", 3 << 20)))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "hugepage" in details and "3MB" in details, details


def test_the_writable_layer_is_gone_with_the_container(client, pod, busybox):
    def layers():
        return [top for top, _, files in os.walk("/var/lib/rktlet/pods") if "big" in files]
    container = pod.run(busybox, "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=8 2>/dev/null; sleep 1000")
    eventually(layers, "the container has written")
    client.stop(container)
    client.remove(container)
    assert not layers()


def test_a_stop_signal_of_the_request(client, pod, busybox):
    script = "trap 'echo usr1; exit 9' USR1; trap 'echo term; exit 8' TERM; echo ready; while :; do sleep 0.05; done"
    container = pod.run(busybox, "sh", "-c", script, stop_signal=PB.SIGNAL_SIGUSR1)
    path = client.container(container).log_path
    eventually(lambda: b"ready" in log_text(path), "the container has its traps")
    client.stop(container, grace=20)
    assert client.container(container).exit_code == 9
    assert log_text(path).endswith(b"usr1\n")
