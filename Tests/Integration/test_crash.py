"""The crash matrix: the daemon, the supervisor and systemd-run, each killed at every step. What remains is counted by the `node` fixture."""

import glob
import os
import shutil
import tarfile

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from node import NEXT, PLAN, ROOT, STRUCK, eventually, gantry_json, log_text, run
from states import RUNNING, exited


@pytest.fixture(scope="module", autouse=True)
def on_the_accident_prone_engine(accident_prone):
    """All of these tests."""


def quietly(call):
    """The result, or None when the accident took the call along."""
    try:
        return call()
    except grpc.RpcError:
        return None


def whole_path(client, config, image):
    """From nothing to nothing, as the kubelet would retry it; every call may fail once."""
    pod = quietly(lambda: client.run_pod(config)) or None
    if pod is None:
        return
    request = container_config("c", image, "sh", "-c", "echo hello; sleep 1000")
    container = quietly(lambda: client.create(pod, request, config))
    if container is None:
        return
    quietly(lambda: client.start(container))
    quietly(lambda: client.exec(container, "true"))
    quietly(lambda: client.stop(container, grace=0))
    quietly(lambda: client.remove(container))
    quietly(lambda: client.stop_pod(pod))
    quietly(lambda: client.remove_pod(pod))


VERBS = ["app sandbox", "app add", "app start", "app exec", "app stop", "app rm", "stop", "rm"]


@pytest.mark.restarts_daemon
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_daemon_dies(node, names, busybox, accident, when, verb):
    config = pod_config(names())
    accident(when, verb, "daemon")
    whole_path(node.client, config, busybox)
    eventually(lambda: os.path.exists(STRUCK), "the accident happened")
    eventually(
        lambda: run("systemctl", "show", "-PActiveState", "rktlet.service").stdout.strip() != "active", "the daemon is dead")
    node.client.close()
    node.start()
    client = node.client
    # A pod that was being made may still be on its way, or be undone just now.
    eventually(lambda: is_consistent(client), "the CRI says what the engine and systemd say")
    # The kubelet's retry: one pod, which works, whatever was left of the first try.
    pod = live_or_new(client, config)
    request = container_config("again", busybox, "sh", "-c", "echo again; exit 5")
    container = client.create(pod, request, config)
    client.start(container)
    status = exited(client, container)
    assert status.exit_code == 5 and log_text(status.log_path) == b"again\n"
    assert len([p for p in client.pods() if p.metadata.name == config.metadata.name and p.state == PB.SANDBOX_READY]) == 1


def wait_daemon_dead():
    shown = ["systemctl", "show", "-PActiveState", "rktlet.service"]
    eventually(lambda: run(*shown).stdout.strip() in ("inactive", "failed"), "the daemon is dead")


UNDO = [f"{when} {verb}" for verb in ("abandon", "stop", "rm") for when in ("before", "after")]
# After the first of these the second daemon has nothing to undo.
FIRST = ["before app sandbox", *(step for step in UNDO if step != "after rm")]


@pytest.mark.restarts_daemon
@pytest.mark.parametrize("second", UNDO)
@pytest.mark.parametrize("first", FIRST)
def test_the_daemon_dies_and_the_next_one_dies_while_it_undoes(node, names, accident, first, second):
    name = names()
    when, _, verb = first.partition(" ")
    accident(when, verb, "daemon", then=second)
    # A pod that cannot be started: what is left of it is half-made however far it came.
    broken = pod_config(name, linux=PB.LinuxPodSandboxConfig(sysctls={"net.ipv4.no_such": "1"}))
    assert quietly(lambda: node.client.run_pod(broken)) is None
    eventually(lambda: not os.path.exists(NEXT), "the first accident happened")
    wait_daemon_dead()
    node.client.close()
    # It may be dead before it could say that it is there.
    run("systemctl", "start", "rktlet.service", check=False)
    eventually(lambda: not os.path.exists(PLAN), "the second accident happened")
    wait_daemon_dead()
    client = node.start().client
    # The same metadata, and nobody removes anything before.
    pod = client.run_pod(pod_config(name))
    assert [(p.id, p.state) for p in client.pods()] == [(pod, PB.SANDBOX_READY)]
    assert len(gantry_json("list")) == 1


def live_or_new(client, config):
    """The pod of this config: as it is when ready, else (as the kubelet does) a new attempt after the old one."""
    for pod in client.pods():
        if pod.metadata.name == config.metadata.name and pod.state != PB.SANDBOX_READY:
            client.delete_pod(pod.id)
    return client.run_pod(config)


def is_consistent(client):
    """Whether what the CRI says is what the engine and systemd say."""
    running = sorted(record["unit"] for record in gantry_json("list") if record["state"] == "running")
    ready = sorted(f"rktlet-pod-{pod.id[:12]}.service" for pod in client.pods() if pod.state == PB.SANDBOX_READY)
    states = [run("systemctl", "is-active", unit, check=False).stdout.strip() for unit in ready]
    return ready == running and all(state == "active" for state in states)


@pytest.mark.parametrize("verb", ["app add", "app start", "app exec", "app stop", "app rm"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_supervisor_dies(client, names, busybox, accident, when, verb):
    config = pod_config(names())
    accident(when, verb, "supervisor")
    whole_path(client, config, busybox)
    assert os.path.exists(STRUCK), "the accident did not happen"
    for pod in client.pods():
        eventually(lambda: client.pod(pod.id).state == PB.SANDBOX_NOTREADY, "the pod is not ready")
        for container in client.containers(pod_sandbox_id=pod.id):
            status = exited(client, container.id)
            assert status.exit_code != 0 and status.reason not in ("", "Completed")
        client.delete_pod(pod.id)
    pod = client.run_pod(config)
    assert client.pod(pod).state == PB.SANDBOX_READY


@pytest.fixture
def checkpoints(node, tmp_path):
    """The handler `runc`, with a stand-in for CRIU: checkpoints(action) is what it does next. Where archives go."""
    runtime = f"{tmp_path}/runc"
    shutil.copy(os.path.join(ROOT, "Tests", "Engine", "supervisor", "checkpoint-stand-in"), runtime)
    node.arguments = [f"--runtime=runc={runtime}"]
    node.restart()
    yield
    for path in (STAND_IN, STAND_IN + ".pid"):
        if os.path.exists(path):
            os.unlink(path)
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    node.arguments = []
    node.restart()


STAND_IN = "/run/checkpoint-stand-in"
COUNT = "n=$(cat /n 2>/dev/null || echo 0); while :; do n=$((n+1)); echo $n > /n.new; mv /n.new /n; echo $n; sleep 0.1; done"


def strike(node, victim):
    if victim == "daemon":
        node.kill()
        return
    if victim == "supervisor and gantry":
        # In this order: a command that outlives the supervisor lets the container go on.
        run("pkill", "-STOP", "-f", "^[^ ]*/gantry .*app checkpoint ")
    if victim.startswith("supervisor"):
        run("systemctl", "kill", "-sKILL", "--kill-whom=main", "rktlet-pod-*.service")
    if victim.endswith("gantry"):
        run("pkill", "-KILL", "-f", "^[^ ]*/gantry .*app checkpoint ")


@pytest.mark.restarts_daemon
@pytest.mark.parametrize("when, victim", [
    *((when, victim) for when in ("before", "during", "after") for victim in ("daemon", "gantry", "supervisor")), ("during", "supervisor and gantry")])
def test_one_dies_while_a_checkpoint_is_made(node, checkpoints, names, busybox, accident, tmp_path, when, victim):
    client, config = node.client, pod_config(names())
    pod = client.run_pod(config, handler="runc")
    container = client.create(pod, container_config("c", busybox, "sh", "-c", COUNT), config)
    client.start(container)

    def goes_on():
        count = log_text(client.container(container).log_path).count(b"\n")
        eventually(lambda: log_text(client.container(container).log_path).count(b"\n") > count + 1, "it goes on counting")
    goes_on()
    out = tmp_path / "out"
    out.mkdir()
    request = PB.CheckpointContainerRequest(container_id=container, location=f"{out}/a.tar", timeout=100)
    if when == "during":
        with open(STAND_IN, "w") as file:
            file.write("wait")
        call = client.runtime.CheckpointContainer.future(request, timeout=100)
        eventually(lambda: os.path.exists(STAND_IN + ".pid") and open(STAND_IN + ".pid").read().strip(), "the runtime writes")
        runtime = int(open(STAND_IN + ".pid").read())
        strike(node, victim)
        with pytest.raises(grpc.RpcError):
            call.result(timeout=60)
        os.unlink(STAND_IN)
        eventually(lambda: not os.path.exists(f"/proc/{runtime}"), "the runtime is gone")
    else:
        accident(when, "app checkpoint", victim)
        quietly(lambda: client.runtime.CheckpointContainer(request, timeout=100))
        eventually(lambda: os.path.exists(STRUCK), "the accident happened")
    if victim == "daemon":
        wait_daemon_dead()
        node.client.close()
        node.process = None
        client = node.start().client
    # Whole, or nothing of it.
    assert sorted(os.listdir(out)) in ([], ["a.tar"]) and (when == "after" or os.listdir(out) == [])
    for archive in out.iterdir():
        with tarfile.open(archive) as tar:
            assert tar.getnames()[-1] == "container.log"
    if victim.startswith("supervisor"):
        # Without waiting for the unit's time to stop: 30 seconds and more.
        assert exited(client, container).exit_code != 0
        eventually(lambda: client.pod(pod).state == PB.SANDBOX_NOTREADY, "the pod is not ready")
    else:
        assert client.container(container).state == RUNNING
        goes_on()
        eventually(lambda: not glob.glob("/var/lib/rktlet/pods/*/apps/*/checkpoint"), "the directory is removed")
        client.runtime.CheckpointContainer(request, timeout=100)
        assert os.listdir(out) == ["a.tar"]
        goes_on()
    client.delete_pod(pod)


@pytest.mark.vm
def test_a_container_of_a_killed_supervisor_has_an_exit(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    run("systemctl", "kill", "-sKILL", "--kill-whom=main", f"rktlet-pod-{pod.id[:12]}.service")
    status = exited(client, container)
    assert status.exit_code == 137 and status.reason == "Error"
    eventually(lambda: client.pod(pod.id).state == PB.SANDBOX_NOTREADY, "the pod is not ready")


def test_systemd_run_dies(client, names, accident):
    config = pod_config(names())
    accident("before", "app sandbox", "systemd-run")
    quietly(lambda: client.run_pod(config))
    assert os.path.exists(STRUCK), "the accident did not happen"
    pod = client.run_pod(config)
    assert [p.id for p in client.pods() if p.state == PB.SANDBOX_READY] == [pod]


@pytest.mark.vm
@pytest.mark.restarts_daemon
def test_pods_and_exits_survive_the_daemon(node, make_pod, busybox):
    pod = make_pod()
    stays = pod.run(busybox, "sleep", "1000", name="stays")
    ends = pod.run(busybox, "sh", "-c", "while [ ! -e /dev/shm/go ]; do usleep 10000; done; exit 77", name="ends")
    created = pod.create(busybox, "true", name="created")
    before = node.client.pod(pod.id)
    node.kill()
    record = next(r for r in gantry_json("list") if pod.id[:12] in r.get("unit", ""))
    app = next(a for a in record["apps"] if a["name"] == stays)
    run("nsenter", "-t", str(app["pid"]), "-m", "touch", "/dev/shm/go")
    node.start()
    client = node.client
    assert client.pod(pod.id) == before
    assert client.container(stays).state == RUNNING
    assert exited(client, ends).exit_code == 77
    client.start(created)
    assert exited(client, created).exit_code == 0
    assert client.run_pod(pod.config) == pod.id


@pytest.mark.restarts_daemon
def test_the_socket_answers_only_when_the_index_is_whole(node, make_pod, busybox):
    pods = [make_pod() for _ in range(5)]
    for _ in range(3):
        node.restart()
        assert {p.id for p in node.client.pods()} == {pod.id for pod in pods}
