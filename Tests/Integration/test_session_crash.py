"""The crash matrix of exec, attach and port-forward: client, daemon, command line and supervisor, each killed at every step of a session.

What remains on the node is counted by the `node` fixture; what would go with the pod, here."""

import collections
import contextlib
import glob
import json
import os
import subprocess
import sys

import grpc
import pytest
from cri_client import PB
from node import ROOT, STRUCK, eventually, gantry_json, run
from spdy_client import PING, SPDY, Refused, SPDYCommand

PORT = 8080
# What listens, and says something now and then: a container that is connected to and listened to.
SERVER = f"nc -ll -p {PORT} -e cat & while :; do echo tick; sleep 0.1; done"
# Children of every kind: in the foreground, in the background, out of the terminal's reach.
COMMAND = "setsid sleep 8121 & sleep 8122 & echo on; sleep 8123"
SLEEPS = "sleep 812[123]"
HOLDER = os.path.join(ROOT, "Tests", "Client", "held_sessions.py")


@pytest.fixture(scope="module", autouse=True)
def on_the_accident_prone_engine(accident_prone):
    """All of these tests."""


class Target:
    """A pod with a container, and what of sessions is in it."""

    def __init__(self, node, pod, image):
        self.node, self.pod = node, pod
        self.container = pod.run(image, "sh", "-c", SERVER)
        self.serves()
        with SPDYCommand(self.url("exec"), stdin=True) as session:
            assert session.result()[0] == 1
        record = next(record for record in gantry_json("list") if pod.id[:12] in record.get("unit", ""))
        self.uuid, self.supervisor = record["name"], record["pid"]
        app = next(app for app in record["apps"] if app["name"] == self.container)
        self.init, self.cgroup = app["pid"], app["cgroup"]
        self.is_clean()
        self.descriptors = self.supervisor_descriptors()

    def serves(self):
        def answers():
            with SPDY(self.url(f"forward:{PORT}"), "portforward.k8s.io") as session:
                error = session.open(streamType="error", port=PORT, requestID="1")
                data = session.open(streamType="data", port=PORT, requestID="1")
                session.send(data, b"x", fin=True)
                session.until(lambda: error in session.ended)
                return session.data[data] == b"x"
        eventually(answers, "the server in the pod listens")

    def url(self, kind):
        client, streams = self.node.client, {"stdout": True, "stdin": kind != "attach", "tty": kind == "terminal"}
        if kind.startswith("forward"):
            return client.call("PortForward", pod_sandbox_id=self.pod.id).url
        if kind == "attach":
            return client.call("Attach", container_id=self.container, **streams).url
        command = ["sh", "-c", COMMAND] if kind == "terminal" or kind == "pipes" else ["false"]
        return client.call("Exec", container_id=self.container, cmd=command, **streams).url

    def hold(self, kinds):
        """A client of its own, with these sessions."""
        words = [f"{kind}={self.url(kind)}" for kind in kinds]
        client = subprocess.Popen([sys.executable, HOLDER, *words], stdout=subprocess.PIPE, text=True)
        line = client.stdout.readline()
        assert line == "ready\n", line
        return client

    def supervisor_descriptors(self):
        kinds = collections.Counter()
        for fd in glob.glob(f"/proc/{self.supervisor}/fd/*"):
            with contextlib.suppress(FileNotFoundError):
                kinds[os.readlink(fd).split(":")[0]] += 1
        return kinds

    def leftovers(self):
        """Processes, cgroups, files and terminals of sessions; while the container runs."""
        processes = run("pgrep", "-afx", f"{SLEEPS}|cat", check=False).stdout.splitlines()
        cgroups = glob.glob(f"/sys/fs/cgroup/*{self.cgroup}/exec-*") + glob.glob(f"/sys/fs/cgroup{self.cgroup}/exec-*")
        files = glob.glob(f"/run/rktlet/engine/{self.uuid}/apps/{self.container}/exec-*")
        terminals = set(os.listdir(f"/proc/{self.init}/root/dev/pts")) - {"ptmx"}
        return processes + cgroups + files + sorted(terminals)

    def is_clean(self):
        left = []

        def nothing_is_left():
            left[:] = self.leftovers()
            return not left
        try:
            eventually(nothing_is_left, "nothing is left of sessions")
        except AssertionError as error:
            raise AssertionError(f"left of sessions: {left}") from error

    def is_as_before(self):
        self.is_clean()
        eventually(
            lambda: not self.supervisor_descriptors() - self.descriptors,
            f"the supervisor has let go of what it had: {self.descriptors}")
        client = self.node.client
        assert client.container(self.container).state == PB.CONTAINER_RUNNING
        assert client.exec(self.container, "true")[0] == 0
        self.serves()


@pytest.fixture
def target(node, pod, busybox):
    return Target(node, pod, busybox)


def is_down():
    return run("systemctl", "show", "-PActiveState", "rktlet.service").stdout.strip() in ("inactive", "failed")


def start_again(node):
    eventually(is_down, "the daemon is dead")
    node.client.close()
    node.start()


def pod_is_over(target):
    client = target.node.client
    eventually(lambda: client.pod(target.pod.id).state == PB.SANDBOX_NOTREADY, "the pod is not ready")
    eventually(lambda: not run("pgrep", "-fx", SLEEPS, check=False).stdout, "the commands are dead")
    client.delete_pod(target.pod.id)


DAEMON = pytest.param("daemon", marks=pytest.mark.restarts_daemon)
# So many terminals that their commands and their connections end in any order.
SESSIONS = ["terminal"] * 20 + ["pipes"] * 5 + ["attach"] * 3 + [f"forward:{PORT}"] * 2


@pytest.mark.parametrize("victim", ["client", DAEMON, "gantry", "supervisor"])
def test_many_sessions_whose_other_side_dies(node, target, victim):
    client = target.hold(SESSIONS)
    try:
        commands = 3 * sum(kind in ("terminal", "pipes") for kind in SESSIONS)
        eventually(lambda: len(run("pgrep", "-fx", SLEEPS).stdout.split()) == commands, "all commands run")
        if victim == "client":
            client.kill()
        elif victim == "daemon":
            node.kill()
        elif victim == "gantry":
            # Those that make connections into the pod: no session but these has a command line while it goes on.
            pids = run("pgrep", "-f", f"^{os.path.dirname(node_binary())}/gantry port-forward ").stdout.split()
            assert len(pids) == 2
            run("kill", "-KILL", *pids)
        else:
            os.kill(target.supervisor, 9)
        if victim == "gantry":
            # Connections that are there stay, as do all the other sessions; who goes then is the client.
            assert target.leftovers() and client.poll() is None
            client.kill()
    finally:
        client.kill()
        client.wait()
        client.stdout.close()
    if victim == "daemon":
        start_again(node)
    if victim == "supervisor":
        return pod_is_over(target)
    target.is_as_before()


@pytest.mark.restarts_daemon
def test_a_daemon_that_is_stopped_tells_its_clients_and_harms_no_container(node, target):
    before = node.client.container(target.container)
    sessions = {kind: SPDYCommand(target.url(kind), stdin=kind != "attach", tty=kind == "terminal") for kind in ("terminal", "pipes", "attach")}
    for session in sessions.values():
        session.until(lambda: session.data[session.stdout])
    with SPDY(target.url("forward"), "portforward.k8s.io") as forward:
        forward.ping(1)
        assert forward.step() == PING
        stopping = subprocess.Popen(["systemctl", "stop", "rktlet.service"])
        for session in sessions.values():
            session.finish()
            status = json.loads(session.data[session.error])
            assert status["status"] == "Failure" and status["reason"] == "ServiceUnavailable"
            assert "the daemon is stopping" in status["message"] and status["message"].count(target.container) == 1, status
        forward.until(lambda: forward.is_gone)
    assert stopping.wait(timeout=60) == 0
    node.client.close()
    node.start()
    target.is_as_before()
    assert node.client.container(target.container) == before


def node_binary():
    with open("/run/crash-engine") as stream:
        return stream.read()


def one_session(target, kind):
    """From nothing to nothing, and whatever may fail in between."""
    with contextlib.suppress(grpc.RpcError, Refused, OSError, EOFError):
        url = target.url(kind)
        if kind.startswith("forward"):
            session = SPDY(url, "portforward.k8s.io")
            session.open(streamType="error", port=PORT, requestID="1")
            first = session.open(streamType="data", port=PORT, requestID="1")
        else:
            session = SPDYCommand(url, stdin=kind != "attach", tty=kind == "terminal")
            first = session.stdout
        with session:
            if kind.startswith("forward"):
                session.send(first, b"hello")
            session.until(lambda: session.data[first] or session.is_gone or first in session.ended or first in session.resets)


VERB = {"terminal": "app exec", "pipes": "app exec", "attach": "app attach", "forward": "port-forward"}


# A forwarding's command line ends with its session.
@pytest.mark.parametrize("when, kind", [("before", kind) for kind in VERB] + [("after", kind) for kind in VERB if kind != "forward"])
@pytest.mark.parametrize("victim", [DAEMON, "gantry", "supervisor"])
def test_a_session_that_something_dies_under_as_it_begins(node, target, accident, when, kind, victim):
    accident(when, VERB[kind], victim)
    one_session(target, kind)
    eventually(lambda: os.path.exists(STRUCK), "the accident happened")
    if victim == "daemon":
        start_again(node)
    if victim == "supervisor":
        return pod_is_over(target)
    target.is_as_before()
