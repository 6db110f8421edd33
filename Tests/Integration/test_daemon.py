"""The daemon as a service: readiness, watchdog, shutdown, socket activation, the unit files as they are shipped, a second daemon."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import grpc
import pytest
from cri_client import PB, Runtime, pod_config
from node import BIN, CNI, SOCKET, eventually, run

RKTLET = os.path.join(BIN, "rktlet")
SERVE = [RKTLET, "serve", f"--engine={os.path.join(BIN, 'gantry')}"]
# Without the variables of the tests: one that the daemon does not know is refused.
PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def state(unit="rktlet.service"):
    return run("systemctl", "show", "-PActiveState", unit).stdout.strip()


def main_process(other_than=None):
    """The daemon's process once it is ready; both are asked at once, so that the one is not of another daemon than the other."""
    shown = run("systemctl", "show", "-pActiveState", "-pMainPID", "rktlet.service").stdout.splitlines()
    pid = next(line for line in shown if line.startswith("MainPID="))
    return pid if "ActiveState=active" in shown and pid not in (other_than, "MainPID=0") else None


class Manager:
    """What systemd is to a service: the socket for its notifications."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()
        self.environment = {"NOTIFY_SOCKET": path, "PATH": "/usr/bin:/bin"}

    def listen(self):
        while True:
            self.said += self.socket.recv(65536).decode().splitlines()


@contextlib.contextmanager
def serving(manager, *arguments, prefix=(), descriptors=(), **environment):
    process = subprocess.Popen(
        [*prefix, *SERVE, *arguments], env={**manager.environment, **environment}, pass_fds=descriptors, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_it_tells_systemd_how_it_is(no_daemon, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    with serving(manager, prefix=["bash", "-c", 'export WATCHDOG_PID=$$; exec "$@"', "bash"], WATCHDOG_USEC="400000") as process:
        eventually(lambda: "READY=1" in manager.said, "it is ready")
        assert Runtime("rktlet", SOCKET).wait_ready().runtime_name == "rktlet"
        eventually(lambda: manager.said.count("WATCHDOG=1") >= 3, "it is alive")
        assert "STOPPING=1" not in manager.said
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    eventually(lambda: "STOPPING=1" in manager.said, "it said that it stops")
    assert not os.path.exists(SOCKET)


def test_a_socket_that_is_passed_on_is_served(no_daemon, tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    path = str(tmp_path / "cri.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(16)
        # dup2 to 3, as systemd passes it.
        prefix = ["bash", "-c", f'exec 3<&{listener.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"', "bash"]
        with serving(manager, prefix=prefix, descriptors=(listener.fileno(),)) as process:
            eventually(lambda: "READY=1" in manager.said, "it is ready")
            client = Runtime("rktlet", path)
            assert client.wait_ready().runtime_name == "rktlet"
            assert client.pods() is not None
            client.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0
    # The socket is systemd's, not ours: it stays.
    assert os.path.exists(path) and not os.path.exists(SOCKET)


def test_calls_wait_for_a_daemon_that_starts(no_daemon, tmp_path):
    """On a socket that systemd has opened: Version at once, the others when the pods are known, or Unavailable after ten seconds."""
    manager = Manager(str(tmp_path / "notify"))
    path, gate, engine = str(tmp_path / "cri.sock"), tmp_path / "closed", tmp_path / "gantry"
    gate.touch()
    engine.write_text(f'#!/bin/sh\ncase " $* " in *" list "*) while [ -e {gate} ]; do sleep 0.05; done;; esac\nexec {BIN}/gantry "$@"\n')
    engine.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen(16)
        prefix = ["bash", "-c", f'exec 3<&{listener.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"', "bash"]
        with serving(manager, f"--engine={engine}", prefix=prefix, descriptors=(listener.fileno(),)) as process:
            client = Runtime("rktlet", path)
            assert client.wait_ready().runtime_name == "rktlet"
            begin = time.monotonic()
            with pytest.raises(grpc.RpcError) as error:
                client.pods()
            assert error.value.code() == grpc.StatusCode.UNAVAILABLE and "starting" in error.value.details()
            assert 9 < time.monotonic() - begin < 20
            waiting = [client.runtime.ListPodSandbox.future(PB.ListPodSandboxRequest(), timeout=60) for _ in range(20)]
            assert client.wait_ready().runtime_name == "rktlet" and not any(call.done() for call in waiting)
            gate.unlink()
            assert [list(call.result().items) for call in waiting] == [[]] * 20
            client.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("verb, fault", [
    ("version", "exit 254"), ("version", "exec sleep 1000"), ("list", "exit 254"), ("list", "exec sleep 1000")])
def test_a_signal_ends_it_while_the_state_cannot_be_read(no_daemon, tmp_path, verb, fault, number):
    manager = Manager(str(tmp_path / "notify"))
    called, engine = tmp_path / "called", tmp_path / "gantry"
    engine.write_text(f'#!/bin/sh\ncase " $* " in *" {verb} "*) touch {called}; {fault};; esac\nexec {BIN}/gantry "$@"\n')
    engine.chmod(0o755)
    with serving(manager, f"--engine={engine}") as process:
        eventually(called.exists, "the engine is asked")
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
    assert "READY=1" not in manager.said


def test_a_signal_ends_it_while_the_remains_of_another_are_removed(no_daemon, tmp_path):
    """A unit that nobody answers for and that hears no SIGTERM: systemd goes on stopping it without the daemon."""
    manager = Manager(str(tmp_path / "notify"))
    orphan = f"rktlet-pod-{'ab' * 32}.service"
    run("systemd-run", f"--unit={orphan}", "--collect", "-pTimeoutStopSec=60", "-pKillMode=mixed",
        "sh", "-c", "trap '' TERM; while :; do sleep 1; done")
    try:
        with serving(manager) as process:
            eventually(lambda: state(orphan) == "deactivating", "it is being stopped")
            eventually(lambda: "READY=1" in manager.said, "it is ready")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=25) == 0
        assert state(orphan) == "deactivating"
    finally:
        run("systemctl", "kill", "-sKILL", orphan, check=False)
        eventually(lambda: state(orphan) == "inactive", "it is gone")


@pytest.mark.parametrize("marker, said", [
    (b"rkt\n", "is the engine rkt's"), (b"rkt\r\n", "is the engine rkt's"), (b"\x1b[2J\n", r'"\x1b[2J"'), (None, "is no regular file")])
def test_a_directory_of_another_engine_is_refused_by_name(no_daemon, tmp_path, marker, said):
    manager = Manager(str(tmp_path / "notify"))
    data = tmp_path / "data"
    data.mkdir()
    if marker is None:
        os.mkfifo(data / "engine")
    else:
        (data / "engine").write_bytes(marker)
    with serving(manager, f"--data-dir={data}") as process:
        _, error = process.communicate(timeout=30)
        assert process.returncode == 1
        assert said in error.decode() and str(data) in error.decode(), error
    assert "READY=1" not in manager.said
    doctor = run(RKTLET, "doctor", f"--engine={os.path.join(BIN, 'gantry')}", f"--data-dir={data}", check=False, env=PLAIN)
    owner = next(line for line in doctor.stdout.splitlines() if line.split()[1:2] == ["owner"])
    assert doctor.returncode == 1 and owner.startswith("FAIL") and said in owner, doctor.stdout


def test_the_commands(running_node, tmp_path):
    assert run(RKTLET, "version", env=PLAIN).stdout.startswith("rktlet ")
    doctor = run(RKTLET, "doctor", f"--engine={os.path.join(BIN, 'gantry')}", check=False, env=PLAIN)
    lines = {line.split()[1]: line for line in doctor.stdout.splitlines() if line[:4] in ("ok  ", "warn", "FAIL")}
    assert lines["bus"].startswith("ok"), doctor.stdout
    assert "gantry Version:" in lines["engine"] or "gantry Version:" in doctor.stdout, doctor.stdout
    assert doctor.returncode in (0, 1)

    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 1000\n")
    hanging.chmod(0o755)
    begin = time.monotonic()
    doctor = run(RKTLET, "doctor", f"--engine={hanging}", check=False, env=PLAIN)
    assert doctor.returncode == 1 and "did not finish" in doctor.stdout
    assert time.monotonic() - begin < 30

    refused = run(RKTLET, "serve", check=False, env={"RKTLET_LOGLEVEL": "debug"})
    assert refused.returncode == 78 and "RKTLET_LOGLEVEL" in refused.stderr


@pytest.mark.parametrize("arguments", [
    [], ["--data-dir=/run/other/data", "--run-dir=/run/other/run", "--listen=unix:///run/other/cri.sock"],
])
def test_a_second_daemon_is_refused_and_does_no_harm(node, names, busybox, pod, arguments):
    container = pod.run(busybox, "sleep", "1000")
    second = run(*SERVE, *arguments, check=False, env=PLAIN)
    assert second.returncode == 1 and "another rktlet" in second.stderr, second.stderr
    assert node.client.container(container).state == PB.CONTAINER_RUNNING
    assert [p.state for p in node.client.pods()] == [PB.SANDBOX_READY]
    shutil.rmtree("/run/other", ignore_errors=True)


@pytest.mark.restarts_daemon
def test_a_daemon_that_died_is_missed_though_systemd_started_another(node):
    """What every test asks at its end, and the run at its own."""
    assert node.lives()
    run("systemctl", "restart", "rktlet.service")
    assert not node.lives() and node.process
    node.start()
    assert node.lives()


@pytest.mark.restarts_daemon
def test_the_end_of_the_daemon_waits_for_no_grace(node, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "trap '' TERM; while :; do sleep 1; done")
    done = threading.Event()

    def stop():
        try:
            node.client.stop(container, grace=600, timeout=700)
        except Exception:  # noqa: BLE001 - how it ends is not the point
            pass
        done.set()
    threading.Thread(target=stop, daemon=True).start()
    eventually(lambda: run("pgrep", "-f", "app stop", check=False).stdout, "the stop is at the engine")
    begin = time.monotonic()
    run("systemctl", "stop", "rktlet.service")
    assert time.monotonic() - begin < 15
    assert done.wait(30), "the caller of the stop still waits"
    node.start()
    assert node.client.container(container).state == PB.CONTAINER_RUNNING
    node.client.stop(container, grace=0)


HANG = "/run/hang-del"
HANGING_PLUGIN = f"""#!/bin/sh
case $CNI_COMMAND in
ADD) echo '{{"cniVersion":"1.0.0","ips":[{{"address":"10.92.0.2/24"}}]}}' ;;
DEL) while [ -e {HANG} ]; do sleep 0.1; done ;;
esac
"""


@pytest.fixture
def hanging_network(node):
    """A network whose DEL hangs for as long as a file is there."""
    plugin, conflist = "/opt/cni/bin/rktlet-hang", os.path.join(CNI, "00-hang.conflist")
    os.makedirs(os.path.dirname(plugin), exist_ok=True)
    with open(plugin, "w") as stream:
        stream.write(HANGING_PLUGIN)
    os.chmod(plugin, 0o755)
    with open(conflist, "w") as stream:
        stream.write('{"cniVersion":"1.0.0","name":"hang","plugins":[{"type":"rktlet-hang"}]}')
    yield
    if os.path.exists(HANG):
        os.unlink(HANG)
    os.unlink(conflist)
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    os.unlink(plugin)


@pytest.mark.restarts_daemon
def test_a_network_that_hangs_keeps_no_node_down(node, names, hanging_network):
    pods = [node.client.run_pod(pod_config(names())) for _ in range(12)]
    node.kill()
    open(HANG, "w").close()
    run("systemctl", "kill", "-sKILL", "--kill-whom=main", "rktlet-pod-*.service")
    begin = time.monotonic()
    node.start()
    assert time.monotonic() - begin < 15
    client = node.client
    assert {p.id for p in client.pods()} == set(pods)
    # What has no network to wait for is served meanwhile.
    other = client.run_pod(pod_config(names(), network="NODE"))
    client.delete_pod(other)
    os.unlink(HANG)
    for pod in pods:
        client.delete_pod(pod)
    assert not client.pods()


def test_the_unit_as_it_is_shipped(installed, names):
    run("systemctl", "start", "rktlet.service")
    client = Runtime("rktlet", SOCKET)
    client.wait_ready()
    pod = client.run_pod(pod_config(names()))
    pid = main_process()
    for _ in range(7):  # more often than systemd's usual limit allows
        run("systemctl", "kill", "-sKILL", "--kill-whom=main", "rktlet.service")
        pid = eventually(lambda: main_process(other_than=pid), "it is back")
    client.close()
    client = Runtime("rktlet", SOCKET)
    client.wait_ready()
    assert [p.id for p in client.pods()] == [pod]
    client.delete_pod(pod)
    client.close()
    run("systemctl", "start", "gantry-gc.service")
    # Where the daemon works on another engine there is nothing to do for it, and nothing to complain of.
    marker = "/var/lib/rktlet/engine"
    with open(marker) as stream:
        owner = stream.read()
    try:
        with open(marker, "w") as stream:
            stream.write("rkt\n")
        run("systemctl", "start", "gantry-gc.service")
        assert "the engine rkt's" in run("journalctl", "-q", "-o", "cat", "-n5", "-u", "gantry-gc.service").stdout
    finally:
        with open(marker, "w") as stream:
            stream.write(owner)


def test_the_socket_unit_starts_the_daemon(installed):
    run("systemctl", "start", "rktlet.socket")
    assert state() == "inactive"
    client = Runtime("rktlet", SOCKET)
    assert client.wait_ready().runtime_name == "rktlet"
    eventually(lambda: state() == "active", "the daemon runs")
    assert client.pods() is not None
    run("systemctl", "stop", "rktlet.service")
    assert os.path.exists(SOCKET)
    client.close()
    client = Runtime("rktlet", SOCKET)
    assert client.wait_ready().runtime_name == "rktlet"
    client.close()
