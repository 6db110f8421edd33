"""Requests that are wrong: the right code, the field's name, and nothing left."""

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from states import code_of

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def pod_with(change):
    config = pod_config("bad")
    change(config)
    return config


def set_field(path, value):
    def change(message):
        *parents, last = path.split(".")
        for name in parents:
            message = getattr(message, name)
        setattr(message, last, value)
    return change


@pytest.mark.parametrize("change,word", [
    (lambda c: c.ClearField("metadata"), "metadata"),
    (set_field("metadata.name", ""), "metadata.name"),
    (set_field("metadata.uid", ""), "metadata.uid"),
    (set_field("metadata.namespace", ""), "metadata.namespace"),
    (set_field("metadata.name", "x" * 5000), "metadata.name"),
    (set_field("hostname", "h" * 65), "hostname"),
    (set_field("hostname", "a b"), "hostname"),
    (set_field("log_directory", "relative/dir"), "log_directory"),
    (lambda c: c.port_mappings.add(container_port=70000, host_port=1), "port_mappings"),
    (lambda c: c.port_mappings.add(container_port=80, host_port=8080, host_ip="not-an-ip"), "host_ip"),
    (set_field("linux.cgroup_parent", "/kubepods/burstable"), "cgroupDriver"),
    (lambda c: c.linux.sysctls.update({"../../etc/passwd": "1"}), "sysctl"),
])
def test_pods(client, change, word):
    code, details = code_of(lambda: client.run_pod(pod_with(change)))
    assert code == INVALID and word in details, details
    assert not client.pods()


def test_an_unknown_runtime_handler(client, names):
    code, details = code_of(lambda: client.run_pod(pod_config(names()), handler="kata"))
    assert code == INVALID and "kata" in details


def test_no_config_at_all(client):
    assert code_of(lambda: client.call("RunPodSandbox"))[0] == INVALID


@pytest.mark.parametrize("change,word", [
    (lambda c: c.ClearField("metadata"), "metadata"),
    (set_field("metadata.name", ""), "metadata.name"),
    (lambda c: c.ClearField("image"), "image"),
    (set_field("image.image", ""), "image"),
    (set_field("working_dir", "relative"), "working_dir"),
    (set_field("log_path", "../../../etc/cron.d/x"), "log_path"),
    (lambda c: c.mounts.add(container_path="relative", host_path="/"), "container_path"),
    (lambda c: c.mounts.add(container_path="/x", host_path="relative"), "host_path"),
    (lambda c: c.mounts.add(container_path="/x", host_path="/", propagation=9), "propagation"),
    (lambda c: c.mounts.add(container_path="/x", host_path="/", recursive_read_only=True), "recursive_read_only"),
    (set_field("linux.security_context.seccomp.profile_type", 7), "seccomp"),
    (lambda c: c.devices.add(container_path="/dev/x", host_path="/dev/null", permissions="z"), "permissions"),
    (lambda c: c.envs.add(key="", value=b"x"), "envs"),
    (lambda c: c.envs.add(key="A=B", value=b"x"), "envs"),
    (set_field("linux.resources.oom_score_adj", 5000), "oom_score_adj"),
])
def test_containers(client, pod, busybox, change, word):
    config = container_config("c", busybox, "true")
    change(config)
    code, details = code_of(lambda: client.create(pod.id, config, pod.config))
    assert code == INVALID and word in details, details
    assert not client.containers()


def test_a_container_in_no_pod(client, pod, busybox):
    code, details = code_of(lambda: client.create("e" * 64, container_config("c", busybox), pod.config))
    assert code == grpc.StatusCode.NOT_FOUND and "e" * 64 in details


def test_a_container_in_a_stopped_pod(client, pod, busybox):
    client.stop_pod(pod.id)
    code, details = code_of(lambda: pod.create(busybox, "true"))
    assert code == grpc.StatusCode.FAILED_PRECONDITION and pod.id in details


def test_an_image_that_is_not_there(client, pod):
    code, details = code_of(lambda: pod.create("registry.invalid/none:1", "true"))
    assert code == grpc.StatusCode.NOT_FOUND and "registry.invalid/none:1" in details
    assert not client.containers()


@pytest.mark.parametrize("method", [
    "CheckpointPod", "RestorePod",
])
def test_what_is_not_there_yet_says_so(client, method):
    code, details = code_of(lambda: client.call(method))
    assert code == grpc.StatusCode.UNIMPLEMENTED and method in details
