"""What reaches the kubelet when the engine hangs, prints rubbish, fails or has no room: a status that says so, in time, and nothing left."""

import os
import time

import grpc
import pytest
from cri_client import container_config, pod_config
from node import BIN, HERE, Node, eventually, run
from states import code_of

FAULT = "/run/engine-fault"


@pytest.fixture(scope="module", autouse=True)
def faulty(running_node, busybox):
    """The daemon runs on the engine that can have faults."""
    with open("/run/fault-engine", "w") as stream:
        stream.write(os.path.join(BIN, "gantry"))
    running_node.engine = os.path.join(HERE, "fault_engine.sh")
    running_node.restart()
    yield
    running_node.engine = os.path.join(BIN, "gantry")
    running_node.restart()


@pytest.fixture
def fault(node):
    def plan(verb, kind):
        with open(FAULT, "w") as stream:
            stream.write(f"{verb} : {kind}\n")

    def mend():
        if os.path.exists(FAULT):
            os.unlink(FAULT)
    plan.mend = mend
    yield plan
    mend()


@pytest.mark.parametrize("kind", ["rubbish", "fail"])
@pytest.mark.parametrize("verb", ["app sandbox", "app add", "app start", "app stop"])
def test_a_broken_engine_is_told_of_and_leaves_nothing(client, names, busybox, fault, verb, kind):
    config = pod_config(names())
    fault(verb, kind)
    code, details = code_of(lambda: whole_path(client, config, busybox))
    assert code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE), details
    fault.mend()
    for pod in client.pods():
        client.delete_pod(pod.id)
    whole_path(client, config, busybox)


def whole_path(client, config, image):
    pod = client.run_pod(config)
    container = client.create(pod, container_config("c", image, "sleep", "1000"), config)
    client.start(container)
    client.stop(container)
    client.delete_pod(pod)


def test_a_hanging_engine_is_told_of_before_the_kubelet_gives_up(client, pod, busybox, fault):
    fault("app add", "hang")
    begin = time.monotonic()
    code, details = code_of(lambda: pod.create(busybox, "sleep", "1000"))
    assert time.monotonic() - begin < 110
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED and "app add" in details, details
    fault.mend()
    pod.run(busybox, "sleep", "1000")


@pytest.mark.restarts_daemon
def test_the_daemon_starts_when_its_engine_answers(node, fault):
    node.kill()
    fault("list", "fail")
    run("systemctl", "start", "--no-block", "rktlet.service")
    eventually(lambda: "is tried again" in node.journal(), "it says what keeps it")
    assert run("systemctl", "show", "-PActiveState", "rktlet.service").stdout.strip() == "activating"
    fault.mend()
    node.start()
    assert node.client.pods() is not None


@pytest.mark.restarts_daemon
def test_a_full_disk(node, names, registry, tmp_path):
    """The data directory has no room for an image: the pull says so, pods of what is there are not harmed, the daemon serves on."""
    small = "/run/small"
    os.makedirs(small, exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "size=600k", "none", small)
    node.stop()
    other = Node(arguments=[f"--data-dir={small}"])
    try:
        client = other.start().client
        code, details = code_of(lambda: client.pull(f"{registry}/busybox:1"))
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED or "space" in details.lower(), (code, details)
        assert client.image(f"{registry}/busybox:1") is None
        with open(f"{small}/filler", "wb") as stream:
            try:
                while stream.write(b"x" * 65536):
                    stream.flush()
            except OSError:
                pass
        code, details = code_of(lambda: client.run_pod(pod_config(names())))
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED, (code, details)
        assert "space" in details.lower(), details
        os.unlink(f"{small}/filler")
        assert not [p for p in client.pods()]
        client.delete_pod(client.run_pod(pod_config(names())))
        # Empty by now; made by the first start that could be told of nowhere else.
        os.rmdir("/run/rktlet/engine/failed")
    finally:
        other.stop()
        run("umount", "-l", small, check=False)
        node.start()
