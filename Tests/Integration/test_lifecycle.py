"""The whole path: a pod and a container from birth to nothing."""

import os
import re
import subprocess
import time

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from node import eventually, log_lines, log_text, run
from states import CREATED, EXITED, RUNNING, code_of, exited


def test_version_and_config(client):
    version = client.wait_ready()
    assert version.version and version.runtime_name and version.runtime_version
    assert version.runtime_api_version == "v1"
    assert client.call("RuntimeConfig").linux.cgroup_driver == PB.SYSTEMD
    client.call("UpdateRuntimeConfig", runtime_config=PB.RuntimeConfig(network_config=PB.NetworkConfig(pod_cidr="10.1.0.0/24")))


@pytest.mark.vm
def test_status_has_both_conditions(client):
    response = client.call("Status", verbose=True)
    conditions = {condition.type: condition.status for condition in response.status.conditions}
    assert conditions == {"RuntimeReady": True, "NetworkReady": True}
    assert "" in [handler.name for handler in response.runtime_handlers]
    assert response.info


@pytest.mark.vm
def test_a_pod_is_a_unit_with_a_network(client, pod):
    status = client.pod(pod.id)
    assert re.fullmatch("[0-9a-f]{64}", pod.id)
    assert status.state == PB.SANDBOX_READY
    assert status.network.ip.startswith("10.91.")
    assert abs(status.created_at - time.time_ns()) < 60e9
    assert status.metadata == pod.config.metadata
    units = run("systemctl", "list-units", "--no-legend", "--plain", "rktlet-pod-*").stdout
    assert pod.id in units
    assert run("systemctl", "show", "-PSlice", f"rktlet-pod-{pod.id[:12]}.service").stdout.strip() == "rktlet-pods.slice"


def test_a_list_of_units_says_which_pods_they_are(client, make_pod):
    """On a terminal of 120 columns, where the end of long lines is cut off: namespace, name, and enough of the id to ask for more."""
    pods = [make_pod() for _ in range(2)]
    shown = run("script", "-qec", "stty cols 120; SYSTEMD_COLORS=0 systemctl list-units --no-pager --no-legend 'rktlet-pod-*'", "/dev/null").stdout
    for pod in pods:
        line = next(line for line in shown.splitlines() if pod.id[:12] in line)
        assert f"rktlet-pod-{pod.id[:12]}.service" in line and f"Pod {pod.config.metadata.namespace}/{pod.config.metadata.name} (" in line, shown


@pytest.mark.vm
def test_a_container_from_create_to_remove(client, pod, busybox):
    container = pod.create(busybox, "sh", "-c", "echo hello; echo oops >&2; sleep 1000; true")
    status = client.container(container)
    assert (status.state, status.started_at, status.finished_at) == (CREATED, 0, 0)
    assert status.created_at > 0
    client.start(container)
    status = client.container(container)
    assert status.state == RUNNING and status.started_at >= status.created_at
    # It is started a moment before it is its own program.
    eventually(lambda: client.exec(container, "cat", "/proc/1/cmdline")[1].startswith(b"sh\0-c"), "the command is process 1")
    eventually(lambda: log_text(status.log_path, b"stderr") == b"oops\n", "it has written")
    client.stop(container, grace=1)
    status = client.container(container)
    assert status.state == EXITED and status.finished_at >= status.started_at
    assert status.exit_code in (137, 143) and status.reason == "Error"
    assert log_text(status.log_path, b"stdout") == b"hello\n"
    assert log_text(status.log_path, b"stderr") == b"oops\n"
    client.remove(container)
    assert code_of(lambda: client.container(container))[0] == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("code,reason", [(0, "Completed"), (1, "Error"), (42, "Error"), (255, "Error")])
def test_exit_codes(client, pod, busybox, code, reason):
    status = exited(client, pod.run(busybox, "sh", "-c", f"exit {code}"))
    assert (status.exit_code, status.reason) == (code, reason)
    assert 0 < status.created_at <= status.started_at <= status.finished_at


def test_a_signal_death_is_128_and_its_number(client, make_pod, busybox):
    # As PID 1 of a namespace the kernel would shield it.
    pod = make_pod(pid="POD")
    status = exited(client, pod.run(busybox, "sh", "-c", "kill -SEGV $$; sleep 10", pid="POD"))
    assert (status.exit_code, status.reason) == (139, "Error")


def test_an_oom_kill_is_told(client, pod, busybox):
    resources = PB.LinuxContainerResources(memory_limit_in_bytes=20 << 20, memory_swap_limit_in_bytes=20 << 20)
    status = exited(client, pod.run(busybox, "sh", "-c", "tail /dev/zero", resources=resources))
    assert status.reason == "OOMKilled"
    assert status.exit_code != 0


def test_a_command_that_cannot_start(client, pod, busybox):
    container = pod.create(busybox, "/no/such/command")
    code, details = code_of(lambda: client.start(container))
    assert "/no/such/command" in details
    status = client.container(container)
    assert (status.state, status.exit_code, status.reason) == (EXITED, 128, "StartError")
    assert status.message


def test_start_only_from_created(client, pod, busybox):
    container = pod.run(busybox, "true")
    exited(client, container)
    code, details = code_of(lambda: client.start(container))
    assert code == grpc.StatusCode.FAILED_PRECONDITION and container in details


def test_lists_and_filters(client, make_pod, busybox):
    first, second = make_pod(labels={"app": "a"}), make_pod(labels={"app": "b"})
    running = first.run(busybox, "sleep", "1000", labels={"role": "x"})
    made = second.create(busybox, "sleep", "1000", labels={"role": "y"})
    assert {p.id for p in client.pods()} >= {first.id, second.id}
    assert [p.id for p in client.pods(label_selector={"app": "a"})] == [first.id]
    assert [p.id for p in client.pods(id=second.id)] == [second.id]
    assert [c.id for c in client.containers(pod_sandbox_id=first.id)] == [running]
    assert [c.id for c in client.containers(label_selector={"role": "y"})] == [made]
    assert [c.id for c in client.containers(state=PB.ContainerStateValue(state=RUNNING))] == [running]
    assert [c.id for c in client.containers(pod_sandbox_id=first.id, label_selector={"role": "y"})] == []
    streamed = [c.id for batch in client.runtime.StreamContainers(PB.StreamContainersRequest()) for c in batch.containers]
    assert sorted(streamed) == sorted([running, made])
    streamed = [p.id for b in client.runtime.StreamPodSandboxes(PB.StreamPodSandboxesRequest()) for p in b.pod_sandboxes]
    assert sorted(streamed) == sorted([first.id, second.id])


def test_annotations_and_labels_come_back_unaltered(client, make_pod, busybox):
    words = {"a/b": "ä\n\"x\" \\ ", "empty": "", "k8s.io/long": "v" * 5000}
    pod = make_pod(labels=words, annotations=words)
    container = pod.create(busybox, "true", labels=words, annotations=words)
    assert dict(client.pod(pod.id).labels) == words and dict(client.pod(pod.id).annotations) == words
    status = client.container(container)
    assert dict(status.labels) == words and dict(status.annotations) == words


def test_image_identity_is_one_string(client, pod, busybox):
    container = pod.create(busybox, "true")
    status, image = client.container(container), client.image(busybox)
    listed = client.containers(id=container)[0]
    assert client.pull(busybox) == image.id == listed.image_id == status.image_id
    assert re.fullmatch("sha256:[0-9a-f]{64}", image.id)
    assert status.image.image == busybox and status.image_ref


@pytest.mark.vm
def test_the_cgroup_is_the_containers_id(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    # Not by find(1), which fails when another cgroup goes while it looks.
    assert any(container in directories for _, directories, _ in os.walk("/sys/fs/cgroup"))


@pytest.mark.vm
def test_stop_then_remove_a_pod_leaves_nothing(client, make_pod, busybox):
    pod = make_pod()
    container = pod.run(busybox, "sleep", "1000")
    client.stop_pod(pod.id)
    assert client.pod(pod.id).state == PB.SANDBOX_NOTREADY
    assert client.container(container).state == EXITED
    client.stop_pod(pod.id)
    client.remove_pod(pod.id)
    assert code_of(lambda: client.pod(pod.id))[0] == grpc.StatusCode.NOT_FOUND
    assert code_of(lambda: client.container(container))[0] == grpc.StatusCode.NOT_FOUND
    client.remove_pod(pod.id)


def test_remove_is_forceful(client, make_pod, busybox):
    pod = make_pod()
    pod.run(busybox, "sh", "-c", "trap '' TERM; while :; do sleep 1; done")
    client.remove_pod(pod.id, timeout=30)
    assert pod.id not in [p.id for p in client.pods()]
