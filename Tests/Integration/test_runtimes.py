"""Pods of another runtime handler: one that the configuration names, with Debian's runc, through the whole life of a pod."""

import os
import shutil

import grpc
import pytest
from conftest import is_left
from cri_client import PB, container_config, pod_config
from node import eventually, run
from test_daemon import main_process
from test_reload import Journal, configure, shipped  # noqa: F401

RUNC = shutil.which("runc")
STATES = "/run/rktlet/engine/crun"


def handlers(client):
    return {handler.name: handler.features for handler in client.call("Status").runtime_handlers}


def states(container):
    """The files in which the runtime keeps the state of a container."""
    [directory] = [name for name in os.listdir(STATES) if name.endswith(f".{container}")]
    return os.listdir(f"{STATES}/{directory}")


@pytest.fixture
def configured(shipped):  # noqa: F811
    assert RUNC, "runc is missing (make deps-test)"
    configure(f"runtimes:\n  runc: {RUNC}\n")
    run("systemctl", "reload", "rktlet.service")
    eventually(lambda: "runc" in handlers(shipped), "the handler is there")
    return shipped


def test_a_pod_runs_by_the_handler_that_it_names(configured, busybox, names):
    client, name = configured, names()
    assert set(handlers(client)) == {"", "default", "runc"}
    config = pod_config(name)
    pod = client.run_pod(config, handler="runc")
    assert client.pod(pod).runtime_handler == "runc" and [p.runtime_handler for p in client.pods(id=pod)] == ["runc"]
    # The retry of a caller who was not answered.
    assert client.run_pod(config, handler="runc") == pod
    container = client.create(pod, container_config("c", busybox, "sh", "-c", "trap 'exit 5' TERM; echo hello; while :; do sleep 0.1; done"), config)
    client.start(container)
    assert "state.json" in states(container)
    assert client.exec(container, "sh", "-c", "echo out; exit 3")[:2] == (3, b"out\n")
    log = client.container(container).log_path
    eventually(lambda: os.path.exists(log) and " stdout F hello" in open(log).read(), "the container's line is in its log")
    client.call("UpdateContainerResources", container_id=container, linux=PB.LinuxContainerResources(memory_limit_in_bytes=96 << 20))
    assert client.container(container).resources.linux.memory_limit_in_bytes == 96 << 20
    # Neither another daemon nor a configuration without the name changes how a pod goes on.
    configure("")
    run("systemctl", "restart", "rktlet.service")
    client.wait_ready()
    eventually(main_process, "it is ready")
    with pytest.raises(grpc.RpcError) as error:
        client.run_pod(pod_config(names()), handler="runc")
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and '"", "default"' in error.value.details()
    assert client.exec(container, "true")[0] == 0
    second = client.create(pod, container_config("d", busybox, "sleep", "1000"), config)
    client.start(second)
    assert "state.json" in states(second)
    client.stop(container, grace=10)
    assert client.container(container).exit_code == 5
    client.delete_pod(pod)
    eventually(lambda: not is_left(pod), "nothing of the pod is left")
    assert os.listdir(STATES) == []


def test_the_default_handler_can_be_another(configured, busybox, names):
    client = configured
    configure(f"runtimes: {{default: {RUNC}}}\n")
    journal = Journal()
    run("systemctl", "reload", "rktlet.service")
    assert journal.says("taken", "runtimes")
    assert set(handlers(client)) == {"", "default"}
    for handler in ("", "default"):
        config = pod_config(names())
        pod = client.run_pod(config, handler=handler)
        container = client.create(pod, container_config("c", busybox, "sleep", "1000"), config)
        client.start(container)
        assert "state.json" in states(container)
        client.delete_pod(pod)
        eventually(lambda: not is_left(pod), "nothing of the pod is left")


def test_what_a_runtime_cannot_do_is_refused_and_not_claimed(configured, names):
    client = configured
    assert RUNC and handlers(client)["runc"].recursive_read_only_mounts == handlers(client)[""].recursive_read_only_mounts
    version = run(RUNC, "--version").stdout
    if " 1.1." in version:
        assert not handlers(client)["runc"].user_namespaces
    config = pod_config(names())
    mapping = PB.IDMapping(host_id=100000, container_id=0, length=65536)
    config.linux.security_context.namespace_options.userns_options.CopyFrom(
        PB.UserNamespace(mode=PB.NamespaceMode.Value("POD"), uids=[mapping], gids=[mapping]))
    if not handlers(client)["runc"].user_namespaces:
        with pytest.raises(grpc.RpcError) as error:
            client.run_pod(config, handler="runc")
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "userns_options" in error.value.details()
    # A path with nothing at it: the pod says so, and nothing is left.
    configure("runtimes: {gone: /no/such/runtime}\n")
    run("systemctl", "reload", "rktlet.service")
    eventually(lambda: "gone" in handlers(client), "the handler is there")
    assert not handlers(client)["gone"].user_namespaces
    with pytest.raises(grpc.RpcError) as error:
        client.run_pod(pod_config(names()), handler="gone")
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE and "/no/such/runtime" in error.value.details()
    assert client.pods() == []
