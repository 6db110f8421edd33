"""A node after a cut of power: how soon the daemon is ready, with what thirty pods left on the disk.

The machine's power stays on; what a cut takes is taken by hand: processes, cgroups, mounts, network namespaces, rules, the run directory.
`scripts/test life` cuts the power of a virtual machine, which is too slow to measure anything in.
"""

import contextlib
import glob
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cri_client import PB, container_config, pod_config
from node import Node, eventually, run

PODS, TRIES, SECONDS = 30, 3, 2
DATA, RUN, KEPT = "/var/lib/power-cut", "/run/power-cut", "/var/lib/as-the-power-left-it"
UNITS = "/run/systemd/system"
# Says how much longer anything takes than the processor's time for it, on a machine that has other work: until it is told to end.
BUSY = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: (print((time.monotonic() - began) / (time.process_time() - used)), exit()))
began, used = time.monotonic(), time.process_time()
print("begins", flush=True)
while True: pass
"""


def units_of_pods():
    return [line.split()[0] for line in run("systemctl", "list-units", "--no-legend", "--plain", "--state=active", "rktlet-pod-*").stdout.splitlines()]


def cgroups():
    return [place for place, _, _ in os.walk("/sys/fs/cgroup", topdown=False)]


@contextlib.contextmanager
def rules_and_cgroups_as_they_were():
    """A boot begins without any; those of the other tests' first pods stay."""
    rules, groups = {command: run(f"{command}-save").stdout for command in ("iptables", "ip6tables")}, set(cgroups())
    yield
    for command, text in rules.items():
        run(f"{command}-restore", input=text)
    for place in cgroups():
        if place not in groups and "rktlet" in place:
            os.rmdir(place)


def cut(units):
    """Nothing of the pods gets to end in order, as with `ExecStopPost=`."""
    for unit in units:
        os.makedirs(f"{UNITS}/{unit}.d")
        with open(f"{UNITS}/{unit}.d/cut.conf", "w") as stream:
            stream.write("[Service]\nExecStop=\nExecStopPost=\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "kill", "-sKILL", *units)
    eventually(lambda: not units_of_pods(), "all pods are dead")
    for unit in units:
        shutil.rmtree(f"{UNITS}/{unit}.d")
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed", *units, check=False)
    with open("/proc/self/mounts") as stream:
        places = [line.split()[1] for line in stream]
    for place in reversed(places):
        if place.startswith((RUN, "/run/netns/")):
            run("umount", "--lazy", place)
    for path in glob.glob("/run/netns/*"):
        os.unlink(path)
    shutil.copytree(DATA, KEPT, symlinks=True)


def put_back():
    """The disk as the power left it."""
    for place in (DATA, RUN):
        shutil.rmtree(place)
    shutil.copytree(KEPT, DATA, symlinks=True)


@pytest.fixture
def other_node(node, busybox):
    """A daemon with directories of its own."""
    node.stop()
    other = Node(arguments=[f"--data-dir={DATA}", f"--run-dir={RUN}"])
    try:
        other.start()
        other.client.pull(busybox)
        yield other
    finally:
        other.stop()
        for place in (DATA, RUN, KEPT):
            shutil.rmtree(place, ignore_errors=True)
        node.start()


def start_seconds(node):
    """From the daemon's exec to its READY, as if it had the machine for itself; no less than the processor's time that it and its children spent."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True)
    assert busy.stdout.readline() == "begins\n"
    node.start()
    busy.terminate()
    slower = float(busy.communicate()[0])
    shown = run("systemctl", "show", "-PExecMainStartTimestampMonotonic", "-PActiveEnterTimestampMonotonic", "rktlet").stdout.split()
    whole = (int(shown[1]) - int(shown[0])) / 1e6
    with open(f"/proc/{node.pid()}/stat") as stream:
        ticks = stream.read().rsplit(")", 1)[1].split()[11:15]
    spent = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    print(f"ready after {whole:.2f} s, all took {slower:.2f} times as long as alone; {spent:.2f} s of processor time")
    return max(whole / max(1, slower), spent)


@pytest.mark.restarts_daemon
def test_the_daemon_is_ready_at_once(other_node, busybox):
    def start(number):
        config = pod_config(f"power-cut-{number}")
        pod = other_node.client.run_pod(config)
        other_node.client.start(other_node.client.create(pod, container_config("c", busybox, "sleep", "1000"), config))
        return pod
    with rules_and_cgroups_as_they_were():
        with ThreadPoolExecutor(4) as pool:
            pods = set(pool.map(start, range(PODS)))
        other_node.kill()
        cut(units_of_pods())
    took = []
    for _ in range(TRIES):
        put_back()
        took.append(start_seconds(other_node))
        found = other_node.client.pods()
        assert {pod.id for pod in found} == pods and {pod.state for pod in found} == {PB.SANDBOX_NOTREADY}
        other_node.kill()
    assert min(took) < SECONDS, took
    other_node.start()
    for pod in pods:
        other_node.client.delete_pod(pod)
