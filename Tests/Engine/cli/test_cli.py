"""The command line on real pods: a systemd unit, the supervisor, crun. Runs as root inside a test host."""

import base64
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid as uuids

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)
sys.path.insert(0, os.path.join(TESTS, "images"))

from engine import GANTRY, HOST, Engine  # noqa: E402
from waiting import has_ended, until  # noqa: E402

IMAGE = "localhost/busybox:latest"


@pytest.fixture(scope="module")
def engine():
    root = tempfile.mkdtemp(prefix="gantry-", dir="/var/tmp")
    engine = Engine(f"{root}/data", f"/run/gantry-{os.getpid()}")
    subprocess.run([os.path.join(HOST, "make-image"), "archive", "busybox", f"{root}/busybox.tar"], check=True, capture_output=True)
    engine.fetch(f"docker-archive:{root}/busybox.tar:{IMAGE}")
    yield engine
    shutil.rmtree(root)
    shutil.rmtree(engine.run_directory)


class Pod:
    def __init__(self, engine, *flags, config=None):
        self.engine, self.uuid = engine, str(uuids.uuid4())
        self.unit = f"gantry-{self.uuid}.service"
        if config is not None:
            path = f"{engine.run_directory}-{self.uuid}.json"
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(config, stream)
            flags += (f"--config={path}",)
        self.started = subprocess.run(
            ["systemd-run", "--quiet", "--collect", f"--unit={self.unit}", "--service-type=notify", "-p", "Delegate=yes", "-p", "KillMode=mixed",
             "-p", "TimeoutStopSec=60", "-p", f"ExecStopPost={' '.join(engine.command('pod-cleanup', self.uuid))}",
             *engine.command("app", "sandbox", f"--uuid={self.uuid}", *flags)], capture_output=True, text=True, check=False)
        if config is not None:
            os.unlink(path)

    def app(self, verb, *arguments, name="a", **options):
        return self.engine.run("app", verb, self.uuid, f"--app={name}", *arguments, **options)

    def add(self, script, *flags, name="a", **options):
        return self.engine.run(
            "app", "add", self.uuid, IMAGE, f"--name={name}", "--exec=/bin/sh", *flags, "--", "-c", script, "---", **options)

    def run(self, script, *flags, name="a"):
        self.add(script, *flags, name=name)
        return self.app("start", name=name)

    def exec(self, *command, options=(), name="a", **keywords):
        return self.engine.run("app", "exec", f"--app={name}", *options, self.uuid, *command, check=False, **keywords)

    def wait_trap(self, seconds=1000, name="a"):
        """Until the script sleeps, its trap set: a start is answered before it has begun. Its own words hold a `sleep`, too."""
        words = ("ps", "-o", "args")
        until(lambda: f"sleep {seconds}" in self.exec(*words, name=name).out.splitlines(), what=f"sleep {seconds}")

    def status(self):
        return self.engine.run("status", self.uuid, "--format=json").json


@pytest.fixture
def pod(engine):
    pod = Pod(engine, "--net=none", "--user-label=who=me")
    assert pod.started.returncode == 0, pod.started.stderr
    yield pod
    engine.run("stop", pod.uuid, "--force", check=False)
    # With the end of the unit also what ExecStopPost= runs is over.
    subprocess.run(["systemctl", "stop", pod.unit], capture_output=True, check=False)
    engine.run("rm", pod.uuid, check=False)


SLEEP = "trap 'exit 3' TERM; sleep 1000 & wait"


def test_the_life_of_an_app(engine, pod):
    added = pod.add(SLEEP, "--format=json").json
    assert (added["name"], added["state"], added["image_name"]) == ("a", "created", IMAGE)
    started = pod.app("start", "--format=json").json
    assert started["state"] == "running" and started["pid"] > 0 and started["started_at"] > 10**18
    assert pod.app("status", "--format=json").json == started
    assert engine.run("app", "list", pod.uuid).out.split() == ["NAME", "STATE", "a", "running"]
    assert engine.run("app", "list", pod.uuid, "--format=json").json == [started]
    pod.wait_trap()
    stopped = pod.app("stop", "--timeout=20s", "--format=json").json
    assert (stopped["state"], stopped["exit_code"], stopped["reason"]) == ("exited", 3, "Error")
    assert pod.app("stop", "--format=json").json == stopped
    for _ in range(2):
        assert pod.app("rm").code == 0
    assert engine.run("app", "list", pod.uuid, "--format=json").json == []
    assert pod.app("status", check=False).code == 1


def test_a_pod_is_named_by_the_beginning_of_its_uuid(engine, pod):
    assert engine.run("status", pod.uuid[:8], "--format=json").json["name"] == pod.uuid
    assert engine.run("status", pod.uuid, "--wait-ready=5s", "--format=json").json["state"] == "running"
    listed = {record["name"]: record for record in engine.run("list", "--format=json").json}
    assert listed[pod.uuid] == pod.status() and listed[pod.uuid]["user_labels"] == {"who": "me"}
    table = engine.run("list").out
    assert table.startswith("UUID") and pod.uuid in table
    manifest = json.loads(engine.run("cat-manifest", pod.uuid).out)
    assert manifest["pod"]["userLabels"] == {"who": "me"}


@pytest.mark.parametrize("arguments, code", [
    (("start", "ffffffff", "--app=a"), "not-found"), (("start", "POD", "--app=nobody"), "not-found"),
    (("start", "nonsense!", "--app=a"), "invalid"), (("add", "POD", "localhost/none:1", "--name=a"), "not-found"),
    (("add", "POD", IMAGE, "--name=UPPER"), "invalid"), (("add", "POD", IMAGE, "--name=a", "--config=/nowhere"), "not-found"),
    (("stop", "POD", "--app=a", "--signal=NOSUCH"), "invalid"), (("exec", "--app=nobody", "POD", "ls"), "not-found"),
])
def test_errors_have_a_code(engine, pod, arguments, code):
    words = [pod.uuid if word == "POD" else word for word in arguments]
    result = engine.run("app", words[0], "--format=json", *words[1:], check=False)
    assert result.code == 254 and result.error["code"] == code, result.err
    assert result.err.startswith(f"{words[0]}: ") and result.out == ""


def test_configuration_from_standard_input(engine, pod):
    config = {"version": 1, "command": ["/bin/sh", "-c", "env; sleep 1000"], "env": [{"name": "A", "value": "one\ntwo"}]}
    engine.run("app", "add", pod.uuid, IMAGE, "--name=a", "--config=-", input=json.dumps(config))
    pod.app("start")
    assert "A=one\ntwo" in pod.exec("env").out
    for wrong in ("{", "[]", '{"version":1,"nonsense":true}', '{"version":9}'):
        result = engine.run(
            "app", "add", pod.uuid, IMAGE, "--name=b", "--config=-", "--format=json", input=wrong, check=False)
        assert result.error["code"] in ("invalid", "unsupported")


class TestExec:
    def test_plain(self, pod):
        pod.run(SLEEP, "--environment=A=b", "--working-dir=/tmp", "--user=app")
        result = pod.exec("sh", "-c", "cat; pwd; echo $A; id -u; echo oops >&2; exit 9", input="typed\n")
        assert (result.code, result.out, result.err) == (9, "typed\n/tmp\nb\n1000\n", "oops\n")
        assert pod.exec("sh", "-c", "kill -9 $$").code == 137
        assert pod.exec("nosuch").code == 254
        assert pod.exec("--", "echo", "--app=x").out == "--app=x\n"

    def test_captured(self, pod):
        pod.run(SLEEP)

        def captured(*command, options=()):
            result = pod.exec(*command, options=("--format=json", *options))
            assert result.code == 0, result.err
            answer = result.json
            return answer["exit_code"], base64.b64decode(answer["stdout"]), base64.b64decode(answer["stderr"]), answer["timed_out"]
        assert captured("sh", "-c", "echo out; echo err >&2; exit 7") == (7, b"out\n", b"err\n", False)
        assert captured("sh", "-c", "cat; printf '\\377\\0'") == (0, b"\xff\x00", b"", False)
        code, out, _, _ = captured("sh", "-c", "yes | head -c 3000000; exit 5", options=("--max-output=100000",))
        assert code == 5 and len(out) == 100000

    def test_captured_to_a_deadline(self, pod):
        pod.run(SLEEP)
        began = time.monotonic()
        # It counts from the request on: the command must have begun by then on a slow machine, too.
        answer = pod.exec("sh", "-c", "echo first; sleep 88", options=("--format=json", "--timeout=5s")).json
        assert answer["timed_out"] and base64.b64decode(answer["stdout"]) == b"first\n" and time.monotonic() - began < 30
        assert "sleep 88" not in pod.exec("ps").out

    def test_a_grandchild_that_keeps_the_pipes_does_not_hold_the_call(self, pod):
        pod.run(SLEEP)
        began = time.monotonic()
        answer = pod.exec("sh", "-c", "sleep 77 & echo done", options=("--format=json",)).json
        assert base64.b64decode(answer["stdout"]) == b"done\n" and time.monotonic() - began < 20

    def test_with_a_terminal(self, pod):
        pod.run(SLEEP)
        master, slave = pty.openpty()
        import fcntl
        import struct
        import termios
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        process = subprocess.Popen(
            pod.engine.command("app", "exec", "--tty", "--app=a", pod.uuid, "sh", "-c", "tty; stty size; read x; echo got $x; exit 4"),
            stdin=slave, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        output = b""
        while b"33 77" not in output:
            output += os.read(master, 1000)
        os.write(master, b"hello\n")
        while b"got hello" not in output:
            output += os.read(master, 1000)
        assert process.wait(timeout=20) == 4
        assert b"/dev/pts/" in output
        os.close(master)
        process.stderr.close()


    def test_a_terminal_is_given_back_when_it_is_killed(self, pod):
        import termios
        pod.run(SLEEP)
        master, slave = pty.openpty()
        before = termios.tcgetattr(slave)
        process = subprocess.Popen(
            pod.engine.command("app", "exec", "--tty", "--app=a", pod.uuid, "sh", "-c", "echo ready; sleep 1000"),
            stdin=slave, stdout=slave, stderr=slave)
        output = b""
        while b"ready" not in output:
            output += os.read(master, 1000)
        assert termios.tcgetattr(slave) != before
        process.terminate()
        assert process.wait(timeout=20) == -signal.SIGTERM
        assert termios.tcgetattr(slave) == before
        os.close(slave)
        os.close(master)


def test_writable_layers_are_out_of_reach(engine, pod):
    pod.add(SLEEP)
    assert os.stat(f"{engine.directory}/pods/run/{pod.uuid}/apps").st_mode & 0o777 == 0o700
    assert os.path.isdir(f"{engine.directory}/pods/run/{pod.uuid}/apps/a/upper")
    assert os.listdir(f"{engine.directory}/images/leases") == []


def test_an_image_without_layers(engine, pod):
    from engine import make_layout
    path = f"{engine.directory}-nothing"
    image = engine.fetch(f"oci:{make_layout('no-layers', path)}:latest").json
    shutil.rmtree(path)
    busybox = shutil.which("busybox")
    config = {"version": 1, "command": ["/busybox", "sh", "-c", "echo x > /written; exec /busybox sleep 1000"], "mounts": [
        {"containerPath": "/busybox", "hostPath": busybox, "readonly": True}]}
    engine.run("app", "add", pod.uuid, image["id"], "--name=a", "--config=-", input=json.dumps(config))
    pod.app("start")
    until(lambda: pod.exec("/busybox", "cat", "/written").out == "x\n", what="what the app writes")
    pod.app("rm")


def test_times_for_people(engine, pod):
    assert " UTC (" in next(line for line in engine.run("status", pod.uuid).out.splitlines() if line.startswith("started_at: "))


def test_a_mistake_in_words_is_json_too(engine):
    result = engine.run("list", "--nonsense", "--format", "json", check=False)
    assert result.code == 2 and result.error["code"] == "invalid"


def test_removing_a_pod_that_runs(engine, pod):
    result = engine.run("rm", pod.uuid, "--format=json", check=False)
    assert result.code == 254 and result.error["code"] == "precondition"


def test_stopping_and_removing(engine, pod):
    pod.run(SLEEP)
    pod.wait_trap()
    assert engine.run("stop", pod.uuid).out == f'"{pod.uuid}"\n'
    assert engine.run("stop", pod.uuid).out == f'"{pod.uuid}"\n'
    record = pod.status()
    assert record["state"] == "exited" and record["apps"][0]["exit_code"] == 3
    assert pod.app("status", "--format=json").json["state"] == "exited"
    assert pod.app("rm").code == 0 and pod.status()["apps"] == []
    engine.run("rm", pod.uuid)
    assert engine.run("status", pod.uuid, check=False).code == 254
    again = engine.run("rm", pod.uuid)
    assert again.code == 0 and pod.uuid in again.err


def test_a_pod_whose_supervisor_was_killed(engine, pod):
    pod.run(SLEEP)
    record = pod.status()
    os.kill(record["pid"], signal.SIGKILL)
    until(lambda: has_ended(record["pid"]), what="the end of the supervisor")
    # A process that made a call for it may hold its lock a moment longer.
    until(lambda: engine.run("status", pod.uuid, "--wait-ready=10s", "--format=json").json["state"] == "exited")
    engine.run("stop", pod.uuid)
    assert pod.status()["apps"][0]["state"] == "exited"
    assert pod.app("stop", "--format=json").json["state"] == "exited"
    assert has_ended(record["apps"][0]["pid"])


def test_garbage_collection(engine, pod):
    pod.run("exit 0")
    engine.run("stop", pod.uuid)
    engine.run("gc")
    assert pod.status()["state"] == "exited"
    assert pod.uuid in engine.run("gc", "--grace-period=0s", "--dry-run").out
    engine.run("gc", "--grace-period=0s")
    assert engine.run("status", pod.uuid, check=False).code == 254


def test_a_pod_that_cannot_start(engine):
    pod = Pod(engine, config={"version": 1, "network": {"mode": "cni", "confDir": "/nowhere"}})
    assert pod.started.returncode != 0
    shown = engine.run("status", pod.uuid, "--format=json", check=False)
    assert shown.code == 254 or shown.json["state"] == "exited"
    engine.run("gc", "--grace-period=0s")
    assert pod.uuid not in engine.run("list").out


@pytest.mark.parametrize("flags, text", [
    (("--uuid=nonsense",), "nonsense"), (("--config=/nowhere",), "/nowhere"), (("--net=a", "--net=b"), "--net"), (("--port=x",), "--port")])
def test_a_sandbox_that_makes_no_sense(engine, flags, text):
    result = engine.run("app", "sandbox", "--format=json", *flags, check=False)
    assert result.code == 1 and text in result.error["message"] and result.err.startswith("sandbox: ")
    assert engine.run("list", "--format=json").json == []


def test_the_supervisor_is_missing(engine):
    result = engine.run("app", "sandbox", "--format=json", env={"GANTRY_POD": "/nowhere"}, check=False)
    assert result.code == 1 and result.error["code"] == "precondition" and "/nowhere" in result.error["message"]
    assert engine.run("list", "--format=json").json == []


def test_events(engine, pod):
    before = engine.events()
    position = engine.position(before)
    shown = next(line for line in before if line["type"] == "pod" and line["pod"]["name"] == pod.uuid)
    assert shown["at"] == {pod.uuid: shown["seq"]}
    pod.run(SLEEP)
    pod.app("stop", "--timeout=0s")
    pod.app("rm")
    lines = engine.events(position)
    assert [line.get("app", {}).get("state", line["type"]) for line in lines] == ["created", "running", "exited", "app-removed"]
    assert [line["seq"] for line in lines] == list(range(shown["seq"] + 1, shown["seq"] + 1 + len(lines)))
    for count in range(len(lines) + 1):
        assert engine.events({**position, **engine.position(lines[:count])}) == lines[count:]
    gone = Pod(engine, "--net=none")
    gone.engine.run("stop", gone.uuid)
    gone.engine.run("rm", gone.uuid)
    told = engine.events({**position, **engine.position(lines)})
    assert [line.get("pod", {}).get("state", line["type"]) for line in told] == ["running", "deleting", "exited", "pod-removed"]
    assert gone.uuid not in engine.position(told)
    # The position of an older engine, which its daemon may still have.
    old = [json.loads(line)["type"] for line in engine.run("events", "--since=7", "--boot=x", "--follow=false").out.splitlines()]
    assert old[:2] == ["gap", "snapshot"] and old[-1] == "snapshot-end"
    assert [line["type"] for line in engine.events({**position, "boot": "another"})][:2] == ["gap", "snapshot"]
    refused = engine.run("events", "--since=-", check=False, input="{}")
    assert refused.code == 254 and "position" in refused.err and refused.out == ""


def test_versions_and_help():
    version = subprocess.run([GANTRY, "version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("gantry Version: ")
    fields = json.loads(subprocess.run([GANTRY, "version", "--format=json"], capture_output=True, text=True, check=True).stdout)
    assert fields["name"] == "gantry" and fields["protocol"] == 2 and "events" in fields["features"]
    for words in ([], ["app"], ["image"], ["app", "add"], ["image", "fetch"], ["status"]):
        done = subprocess.run([GANTRY, *words, "--help"], capture_output=True, text=True, check=True)
        assert "USAGE: gantry" in done.stdout and done.stderr == ""
    wrong = subprocess.run([GANTRY, "list", "--format=xml"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and wrong.stdout == "" and "xml" in wrong.stderr
