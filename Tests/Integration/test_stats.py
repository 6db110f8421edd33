"""What containers and pods use: known loads are found again."""

import os
import socket
import threading
import time

import grpc
import pytest
from cri_client import PB
from gateway import Gateway
from node import BRIDGE_ADDRESS, eventually, gantry_json
from states import code_of

MIB = 1 << 20


def near(value, wanted):
    """Within 5 %."""
    return abs(value - wanted) <= wanted * 0.05


def stats(client, container):
    return client.call("ContainerStats", container_id=container).stats


def pod_stats(client, pod):
    return client.call("PodSandboxStats", pod_sandbox_id=pod).stats.linux


def processor_time(container):
    """Nanoseconds, as the kernel's scheduler counts them for the container's one process."""
    record = next(app for each in gantry_json("list") for app in each["apps"] if app["name"] == container)
    with open(f"/proc/{record['pid']}/schedstat") as stream:
        return int(stream.read().split()[0])


@pytest.mark.vm
def test_processor_time(client, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "while :; do :; done")
    first = stats(client, container).cpu
    assert not first.HasField("usage_nano_cores") and first.timestamp > 0
    eventually(lambda: processor_time(container) > 2_000_000_000, "the loop has had two seconds", timeout=120)
    before = processor_time(container)
    last = stats(client, container).cpu
    after = processor_time(container)
    assert before * 0.95 <= last.usage_core_nano_seconds.value <= after * 1.05
    used = last.usage_core_nano_seconds.value - first.usage_core_nano_seconds.value
    assert near(last.usage_nano_cores.value, used * 1e9 / (last.timestamp - first.timestamp))
    whole = pod_stats(client, pod.id)
    assert whole.cpu.usage_core_nano_seconds.value >= before * 0.95
    assert [each.attributes.id for each in whole.containers] == [container]


@pytest.mark.vm
def test_memory_and_tasks(client, pod, busybox):
    """dd holds a block of 50 MiB, and nobody takes it."""
    limit = PB.LinuxContainerResources(memory_limit_in_bytes=100 * MIB)
    container = pod.run(busybox, "sh", "-c", "dd if=/dev/zero bs=50M count=1 2>/dev/null | sleep 1000", resources=limit)
    eventually(lambda: near(stats(client, container).memory.rss_bytes.value, 50 * MIB), "the block is there")
    memory = stats(client, container).memory
    assert near(memory.working_set_bytes.value, 50 * MIB) and memory.usage_bytes.value >= memory.working_set_bytes.value
    assert memory.available_bytes.value == 100 * MIB - memory.working_set_bytes.value
    assert memory.page_faults.value > 50 * MIB // 4096 * 0.01
    whole = pod_stats(client, pod.id)
    assert whole.memory.working_set_bytes.value >= memory.working_set_bytes.value * 0.95
    # The shell, dd and sleep, and what the supervisor is.
    assert 4 <= whole.process.process_count.value <= 20
    free = pod.run(busybox, "sleep", "1000", name="free")
    assert not stats(client, free).memory.HasField("available_bytes")


@pytest.mark.vm
def test_the_writable_layer(client, pod, busybox):
    script = "mkdir /data; i=0; while [ $i -lt 1000 ]; do head -c 4096 /dev/zero > /data/$i; i=$((i+1)); done; echo written; sleep 1000"
    container = pod.run(busybox, "sh", "-c", script)
    eventually(lambda: b"written" in open(pod.log(container), "rb").read(), "the files are there", timeout=120)
    # Nobody measures because somebody asks: the figure comes by itself.
    eventually(lambda: near(stats(client, container).writable_layer.inodes_used.value, 1000), "the files are counted")
    layer = stats(client, container).writable_layer
    assert near(layer.used_bytes.value, 1000 * 4096)
    assert abs(time.time_ns() - layer.timestamp) < 30_000_000_000
    assert os.path.isdir(layer.fs_id.mountpoint)
    usage = client.call("ImageFsInfo").container_filesystems[0]
    assert usage.fs_id.mountpoint == layer.fs_id.mountpoint


@pytest.mark.vm
def test_traffic(client, pod, busybox):
    """A MiB to the host and one from it."""
    listener = socket.create_server(("0.0.0.0", 0))
    received = []

    def serve():
        peer, _ = listener.accept()
        with peer:
            size = 0
            while piece := peer.recv(65536):
                size += len(piece)
            received.append(size)
            peer.sendall(bytes(MIB))
    server = threading.Thread(target=serve, daemon=True)
    server.start()
    script = f"head -c {MIB} /dev/zero | nc {BRIDGE_ADDRESS} {listener.getsockname()[1]} > /dev/null; echo sent; sleep 1000"
    container = pod.run(busybox, "sh", "-c", script)
    eventually(lambda: b"sent" in open(pod.log(container), "rb").read(), "all of it is sent")
    server.join(timeout=30)
    listener.close()
    assert received == [MIB]
    network = pod_stats(client, pod.id).network
    assert network.default_interface.name == "eth0" and network.timestamp > 0
    # The interface counts frames: 66 bytes of headers for each 1,448 of the MiB, and those of the acknowledgements the other way.
    wanted = MIB * (1448 + 66) / 1448
    assert near(network.default_interface.tx_bytes.value, wanted) and near(network.default_interface.rx_bytes.value, wanted)
    assert "lo" not in [each.name for each in network.interfaces]


def test_a_pod_on_the_hosts_network_has_no_network_of_its_own(client, make_pod, busybox):
    pod = make_pod(network="NODE")
    pod.run(busybox, "sleep", "1000")
    assert not pod_stats(client, pod.id).HasField("network")


@pytest.mark.vm
def test_what_has_ended_is_left_out(client, pod, busybox):
    kept, ended = (pod.run(busybox, "sleep", "1000", name=name) for name in ("kept", "ended"))
    created = pod.create(busybox, "true", name="created")
    client.stop(ended)

    def listed():
        return {each.attributes.id for each in client.call("ListContainerStats").stats}
    assert listed() == {kept}
    assert {each.attributes.id for each in pod_stats(client, pod.id).containers} == {kept}
    for container in (ended, created):
        code, details = code_of(lambda: stats(client, container))
        assert code == grpc.StatusCode.FAILED_PRECONDITION and container in details
    client.stop_pod(pod.id)
    assert not listed() and not client.call("ListPodSandboxStats").stats
    code, details = code_of(lambda: pod_stats(client, pod.id))
    assert code == grpc.StatusCode.FAILED_PRECONDITION and pod.id in details


def test_containers_vanish_while_they_are_read(client, pod, busybox):
    """Lists are asked for as fast as can be while containers come and go; none of them fails."""
    stop, failures, answers = threading.Event(), [], []

    def ask():
        while not stop.is_set():
            try:
                answers.append(len(client.call("ListContainerStats").stats))
                client.call("ListPodSandboxStats")
            except grpc.RpcError as error:
                failures.append(error)
    asker = threading.Thread(target=ask, daemon=True)
    asker.start()
    try:
        for number in range(10):
            container = pod.run(busybox, "sleep", "1000", name=f"n{number}")
            client.stop(container)
            client.remove(container)
    finally:
        stop.set()
        asker.join(timeout=60)
    assert not failures and len(answers) > 10


@pytest.mark.parametrize("method,field,kind", [("ContainerStats", "container_id", "container"), ("PodSandboxStats", "pod_sandbox_id", "pod")])
def test_ids_that_are_none(client, method, field, kind):
    for value, wanted in [("", grpc.StatusCode.INVALID_ARGUMENT), ("no id", grpc.StatusCode.NOT_FOUND), ("9" * 64, grpc.StatusCode.NOT_FOUND)]:
        code, details = code_of(lambda: client.call(method, **{field: value}))
        assert code == wanted and (field in details or kind in details)


def test_filters(client, make_pod, busybox):
    first, second = make_pod(labels={"app": "a"}), make_pod(labels={"app": "b"})
    containers = [pod.run(busybox, "sleep", "1000", labels={"of": name}) for pod, name in ((first, "a"), (second, "b"))]

    def found(**fields):
        listed = client.call("ListContainerStats", filter=PB.ContainerStatsFilter(**fields)).stats
        batches = client.runtime.StreamContainerStats(
            PB.StreamContainerStatsRequest(filter=PB.ContainerStatsFilter(**fields)), timeout=60)
        streamed = {each.attributes.id for batch in batches for each in batch.container_stats}
        assert streamed == {each.attributes.id for each in listed}
        return streamed
    assert found() == set(containers)
    assert found(id=containers[0]) == found(pod_sandbox_id=first.id) == found(label_selector={"of": "a"}) == {containers[0]}
    assert found(id=containers[0], pod_sandbox_id=second.id) == set()

    def pods(**fields):
        listed = client.call("ListPodSandboxStats", filter=PB.PodSandboxStatsFilter(**fields)).stats
        batches = client.runtime.StreamPodSandboxStats(
            PB.StreamPodSandboxStatsRequest(filter=PB.PodSandboxStatsFilter(**fields)), timeout=60)
        streamed = {each.attributes.id for batch in batches for each in batch.pod_sandbox_stats}
        assert streamed == {each.attributes.id for each in listed}
        return streamed
    assert pods() == {first.id, second.id}
    assert pods(id=second.id) == pods(label_selector={"app": "b"}) == {second.id}


@pytest.mark.vm
def test_metrics_are_of_the_families_that_are_described(client, pod, busybox):
    limit = PB.LinuxContainerResources(memory_limit_in_bytes=100 * MIB, cpu_period=100_000, cpu_quota=50_000, cpu_shares=512)
    container = pod.run(busybox, "sh", "-c", "dd if=/dev/zero bs=50M count=1 2>/dev/null | sleep 1000", resources=limit)
    eventually(lambda: near(stats(client, container).memory.rss_bytes.value, 50 * MIB), "the block is there")
    families = {each.name: each for each in client.call("ListMetricDescriptors").descriptors}
    listed = client.call("ListPodSandboxMetrics").pod_metrics
    assert [each.pod_sandbox_id for each in listed] == [pod.id]
    streamed = [each.pod_sandbox_id for batch in client.runtime.StreamPodSandboxMetrics(PB.StreamPodSandboxMetricsRequest(), timeout=60)
                for each in batch.pod_sandbox_metrics]
    assert streamed == [pod.id]
    [own] = listed[0].container_metrics
    assert own.container_id == container
    found = {}
    for metric in list(listed[0].metrics) + list(own.metrics):
        assert len(metric.label_values) == len(families[metric.name].label_keys) and metric.HasField("value")
        labels = dict(zip(families[metric.name].label_keys, metric.label_values))
        key = (metric.name, *sorted(labels.items()))
        assert key not in found
        found[key] = metric.value.value

    def value(name, **labels):
        [one] = [number for (title, *pairs), number in found.items() if title == name and labels.items() <= dict(pairs).items()]
        return one
    assert near(value("container_memory_rss", container="c"), 50 * MIB)
    assert value("container_spec_memory_limit_bytes", container="c") == 100 * MIB
    assert value("container_spec_cpu_quota", container="c") == 50_000
    assert value("container_memory_max_usage_bytes", container="c") >= 50 * MIB * 0.95
    # What is in force, and not what it was made with.
    client.call("UpdateContainerResources", container_id=container, linux=PB.LinuxContainerResources(cpu_quota=60_000))
    text = Gateway().get("/metrics/pods")
    assert [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith("container_spec_cpu_quota{")] == ["60000"]
    assert value("container_processes", container="c") == 3
    assert value("container_threads", container="c") >= 3
    assert value("container_threads_max", container="c") >= 0
    # A shell, dd's end of the pipe and sleep.
    assert 6 <= value("container_file_descriptors", container="c") <= 20 and value("container_sockets", container="c") == 0
    assert value("container_ulimits_soft", container="c", ulimit="max_open_files") > 0
    assert value("container_network_receive_bytes_total", container="", interface="eth0") >= 0
    assert abs(value("container_start_time_seconds", container="c") - time.time()) < 120
    names = {key[0] for key in found}
    assert {"container_cpu_usage_seconds_total", "container_cpu_user_seconds_total", "container_cpu_system_seconds_total",
            "container_cpu_cfs_periods_total", "container_memory_usage_bytes", "container_memory_working_set_bytes",
            "container_memory_cache", "container_memory_failcnt", "container_oom_events_total", "container_last_seen"} <= names

    # The same for Prometheus, where seconds have parts.
    text = Gateway().get("/metrics/pods")
    [line] = [line for line in text.splitlines() if line.startswith("container_memory_rss{") and f'name="{container}"' in line]
    assert near(float(line.rsplit(" ", 1)[1]), 50 * MIB) and f'pod="{pod.config.metadata.name}"' in line
    [line] = [line for line in text.splitlines() if line.startswith("container_cpu_usage_seconds_total{") and f'name="{container}"' in line]
    assert 0 < float(line.rsplit(" ", 1)[1]) < 30 and "." in line.rsplit(" ", 1)[1]


@pytest.mark.vm
def test_a_container_that_was_just_started_has_all_metrics(client, pod, busybox):
    """Those of its disk too, which are measured in the background: the conformance suite asks within milliseconds."""
    pod.run(busybox, "sh", "-c", "nc -l -p 8080 & sleep 1000", name="c")

    def missing():
        [listed] = [each for each in client.call("ListPodSandboxMetrics").pod_metrics if each.pod_sandbox_id == pod.id]
        found = {metric.name for metric in list(listed.metrics) + list(listed.container_metrics[0].metrics)}
        return {"container_fs_usage_bytes", "container_fs_limit_bytes", "container_fs_inodes_total", "container_fs_inodes_free",
                "container_fs_inodes_used", "container_file_descriptors", "container_sockets", "container_threads_max"} - found
    eventually(lambda: not missing(), "all of them")
    [listed] = [each for each in client.call("ListPodSandboxMetrics").pod_metrics if each.pod_sandbox_id == pod.id]
    values = {metric.name: metric.value.value for metric in listed.container_metrics[0].metrics}
    eventually(lambda: any(metric.name == "container_sockets" and metric.value.value == 1
                           for each in client.call("ListPodSandboxMetrics").pod_metrics if each.pod_sandbox_id == pod.id
                           for metric in each.container_metrics[0].metrics), "its socket")
    assert 0 < values["container_fs_inodes_free"] <= values["container_fs_inodes_total"]
