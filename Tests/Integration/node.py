"""The daemon under test, as a unit of the test host's systemd, and what the tests ask of the host."""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "Client"))

from cri_client import Runtime  # noqa: E402

BIN = os.environ.get("RKTLET_BIN", os.path.join(ROOT, ".build", "release"))
SOCKET = "/run/rktlet/rktlet.sock"
UNIT = "rktlet.service"
UNIT_FILE = """
[Service]
Type=notify
KillMode=mixed
Restart=no
TimeoutStartSec=60
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
"""
CNI = "/etc/cni/net.d"
# Of crash_engine.sh: what will happen, that it has, and what will happen to the next daemon.
PLAN = "/run/crash-plan"
STRUCK = PLAN + ".struck"
NEXT = PLAN + ".next"
# The node in the pods' network; a pod's own address can differ in its last two numbers.
BRIDGE_ADDRESS = "10.91.0.1"
CONFLIST = {
    "cniVersion": "1.0.0", "name": "testnet",
    "plugins": [
        {"type": "bridge", "bridge": "rktlet-test0", "isGateway": True, "ipMasq": True, "hairpinMode": True,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.91.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def run(*command, check=True, timeout=60, **options):
    """A command of the host; its output as text. Without the tests' own variables: rktlet refuses RKTLET_* that it does not know."""
    options.setdefault("env", {name: value for name, value in os.environ.items() if not name.startswith("RKTLET_")})
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    if check and result.returncode != 0:
        raise AssertionError(f"{command} failed ({result.returncode}):\n{result.stdout}{result.stderr}")
    return result


def eventually(condition, what, timeout=30):
    """Waits until `condition()` is true and gives its value back; a failure says what was waited for."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}; last seen: {value!r}")
        time.sleep(0.01)


def gantry(*arguments, check=True):
    return run(os.path.join(BIN, "gantry"), *arguments, check=check)


def gantry_json(*arguments):
    return json.loads(gantry(*arguments, "--format=json").stdout)


def identity(unit=UNIT):
    """The unit's main process, and when it began (`/proc/PID/stat`, in ticks since the machine's start): a pid alone may be another's by now."""
    pid = int(run("systemctl", "show", "-PMainPID", unit).stdout)
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return pid, int(stream.read().rsplit(")", 1)[1].split()[19])
    except OSError:
        return pid, None


class Node:
    """Starts, kills and restarts `rktlet serve`; the pods are not its children and stay."""

    def __init__(self, engine=None, arguments=()):
        self.engine = engine or os.path.join(BIN, "gantry")
        self.arguments = list(arguments)
        self.client = None
        # Which process is to serve until somebody says otherwise.
        self.process = None

    def start(self):
        os.makedirs(CNI, exist_ok=True)
        conflist = os.path.join(CNI, "10-test.conflist")
        if not os.path.exists(conflist):
            with open(conflist, "w") as stream:
                json.dump(CONFLIST, stream)
        command = [os.path.join(BIN, "rktlet"), "serve", f"--engine={self.engine}", "--log-level=debug", *self.arguments]
        with open(f"/run/systemd/system/{UNIT}", "w") as stream:
            stream.write(UNIT_FILE.format(command=" ".join(command)))
        run("systemctl", "daemon-reload")
        run("systemctl", "reset-failed", UNIT, check=False)
        result = run("systemctl", "start", UNIT, check=False)
        if result.returncode != 0:
            raise AssertionError(f"rktlet did not start: {result.stderr}\n{self.journal()}")
        self.client = Runtime("rktlet", SOCKET)
        self.client.wait_ready()
        self.process = identity()
        return self

    def lives(self):
        """Whether the process that was started is still the one that serves: a service manager hides one that died."""
        return self.process is None or identity() == self.process

    def pid(self):
        return int(run("systemctl", "show", "-PMainPID", UNIT).stdout)

    def at_rest(self):
        """Whether the daemon's one child is the reader of the engine's events; it comes a moment after the daemon is ready."""
        children = run("pgrep", "--parent", str(self.pid()), check=False).stdout.split()
        if len(children) != 1:
            return False
        try:
            with open(f"/proc/{children[0]}/comm") as comm, open(f"/proc/{children[0]}/cmdline") as command:
                return comm.read() == "gantry\n" and "\0events\0" in command.read()
        except OSError:
            return False

    def kill(self):
        """kill -9, as an OOM kill or a crash would; returns when systemd has seen it."""
        self.process = None
        run("systemctl", "kill", "-sKILL", "--kill-whom=main", UNIT, check=False)
        eventually(
            lambda: run("systemctl", "show", "-PActiveState", UNIT).stdout.strip() in ("inactive", "failed"),
            "the killed daemon's unit is down")
        if self.client:
            self.client.close()

    def stop(self):
        self.process = None
        if self.client:
            self.client.close()
        run("systemctl", "stop", UNIT, check=False)

    def restart(self):
        self.kill()
        return self.start()

    @staticmethod
    def journal(unit=UNIT, lines=60):
        return run("journalctl", "--no-pager", "-q", "-o", "cat", "-n", str(lines), "-u", unit, check=False).stdout


def log_lines(path):
    """[(time, stream, tag, content)] of a CRI log file."""
    with open(path, "rb") as stream:
        return [tuple(line.split(b" ", 3)) for line in stream.read().splitlines()]


def log_text(path, stream=None):
    """What a container wrote, put together again from its log file."""
    text = b""
    for _, source, tag, content in log_lines(path):
        if stream is None or source == stream:
            text += content + (b"\n" if tag == b"F" else b"")
    return text
