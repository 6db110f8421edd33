"""A node from its first package to its last, over three boots of one virtual machine: what the tests of all of them need."""

import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# The package of this build, and the same programs as an earlier version whose supervisor is another build.
DEB, EARLIER = os.environ["RKTLET_DEB"], os.environ["RKTLET_DEB_EARLIER"]
HOST = os.path.join(ROOT, "Tests", "Host")
# On the payload's disk, which no cut of power takes anything from.
STATE = "/payload/state.json"
LAYOUTS = "/var/tmp/layouts"
BUSYBOX = "127.0.0.1:5000/busybox:1"
# Of it a pull gets half, and is cut with the machine's power.
CUT = "127.0.0.1:5001/configured:1"
UNITS = "rktlet-pod-*.service"
PODS = 30
# A few that write a line a second; the rest costs the emulated machine nothing. Both end by themselves when they are told to.
COUNTING = 3
COUNTER = "trap 'exit 0' TERM; i=0; while :; do echo $i; i=$((i+1)); sleep 1 & wait $!; done"
IDLE = "trap 'exit 0' TERM; sleep 100000 & wait"

sys.path.insert(0, os.path.join(ROOT, "Tests", "Client"))

from cri_client import PB, Runtime, container_config, pod_config  # noqa: E402


# Without the tests' own variables: rktlet refuses RKTLET_* that it does not know.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RKTLET_")}


def run(*command, check=True, timeout=300, **options):
    options.setdefault("env", ENVIRONMENT)
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    assert not check or result.returncode == 0, f"{command} failed ({result.returncode}):\n{result.stdout}{result.stderr}"
    return result


def shell(line, **options):
    """As somebody at a terminal who says yes."""
    return run("bash", "-c", line, input="y\n", env={**ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}, **options)


def eventually(condition, what, timeout=120):
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}; last seen: {value!r}"
        time.sleep(0.1)
    return value


def block(document, heading, number=0):
    """The lines of a block below a heading."""
    with open(os.path.join(ROOT, document)) as stream:
        section = stream.read().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```\w*\n(.*?)^```", section, re.S | re.M)[number].splitlines()


def save(**state):
    with open(STATE, "w") as stream:
        json.dump(state, stream)


def saved():
    with open(STATE) as stream:
        return json.load(stream)


def each(work, items):
    """As the kubelet, several at a time."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, items))


def serve(mode, variant, port):
    """An image on loopback until the machine goes down: `make-image VARIANT`, honestly or not."""
    layout = f"{LAYOUTS}/{variant}"
    if not os.path.isdir(layout):
        os.makedirs(LAYOUTS, exist_ok=True)
        run(f"{HOST}/make-image", "layout", variant, layout)
        # It is served after a cut of power, too.
        os.sync()
    os.makedirs("/etc/containers/registries.conf.d", exist_ok=True)
    with open(f"/etc/containers/registries.conf.d/{port}.conf", "w") as stream:
        stream.write(f'[[registry]]\nlocation = "127.0.0.1:{port}"\ninsecure = true\n')
    run("systemd-run", "--quiet", "--collect", f"--unit=images-{port}", f"{HOST}/bad-registry", mode, layout, str(port))
    eventually(lambda: run("bash", "-c", f"exec 3<> /dev/tcp/127.0.0.1/{port}", check=False).returncode == 0, f"{mode} images on {port}")


class Pods:
    """The pods that a kubelet has there: the same names at each try, with the next attempt."""

    def __init__(self, client):
        self.client = client

    def start(self, number, attempt=0, command=None):
        command = command or (COUNTER if isinstance(number, int) and number < COUNTING else IDLE)
        config = pod_config(f"life-{number}", attempt=attempt)
        pod = self.client.run_pod(config, timeout=300)
        container = self.client.create(pod, container_config("c", BUSYBOX, "sh", "-c", command, attempt=attempt), config)
        self.client.start(container)
        return pod, container

    def lines(self, container):
        with open(self.client.container(container).log_path) as stream:
            return [line.split(" ", 3)[3] for line in stream.read().splitlines()]


def client():
    runtime = Runtime("rktlet", "/run/rktlet/rktlet.sock")
    runtime.wait_ready(120)
    return runtime


def units():
    return [line.split()[0] for line in run("systemctl", "list-units", "--no-legend", "--plain", "--state=active", UNITS).stdout.splitlines()]


def main_process(unit):
    return run("systemctl", "show", "-PMainPID,ExecMainStartTimestampMonotonic", unit).stdout


def seconds_to_ready():
    """From the daemon's exec to its READY."""
    shown = run("systemctl", "show", "-PExecMainStartTimestampMonotonic", "-PActiveEnterTimestampMonotonic", "rktlet").stdout.split()
    return (int(shown[1]) - int(shown[0])) / 1e6


def said(check):
    """The doctor's lines of one check: what it found, and the way out."""
    lines = run("rktlet", "doctor", check=False).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split()[1:2] == [check])
    return lines[at] + (lines[at + 1] if lines[at + 1:] and "→" in lines[at + 1] else "")


def reservations():
    return sorted(os.path.basename(path) for path in glob.glob("/var/lib/cni/networks/rktlet/[0-9]*"))


def rules_of_pods():
    """Chains of the plugins that are one pod's: their names end with a hash of it."""
    text = run("iptables-save", check=False).stdout + run("ip6tables-save", check=False).stdout
    return re.findall(r"^:(CNI-(?:DN-)?[0-9a-f]{16,}) ", text, re.M)
