"""Every test has a data directory of its own, and must leave the machine as it was."""

import os
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import plugin as plugins  # noqa: E402
import pods  # noqa: E402

LEAKCHECK = os.path.join(HERE, "../../Host/leakcheck")


@pytest.fixture(scope="session", autouse=True)
def warm():
    """What the first pod of a machine leaves by design (CNI's directories, the slice in hierarchies of cgroup v1 that systemd does not use)
    is there before anybody counts."""
    root = tempfile.mkdtemp(prefix="gantry-warm-", dir="/var/lib")
    host = pods.Host(root)
    pod = host.pod(network={"mode": "cni"})
    pod.start()
    pod.run_app("a", "/bin/true")
    pod.stop()
    host.discard()


@pytest.fixture(autouse=True)
def leaks(tmp_path):
    snapshot = f"{tmp_path}/leaks.json"
    subprocess.run([LEAKCHECK, "snapshot", snapshot], check=True)
    yield
    result = subprocess.run([LEAKCHECK, "compare", snapshot], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.fixture
def host(leaks):
    root = tempfile.mkdtemp(prefix="gantry-", dir="/var/lib")
    made = pods.Host(root)
    yield made
    made.discard()


@pytest.fixture
def plugin(host):
    return plugins.Plugin(os.path.dirname(host.dir) + "/plugins")


@pytest.fixture
def pod(host):
    """A pod without a network, running."""
    made = host.pod()
    made.start()
    yield made
    made.stop()
    assert left(made) == []


def left(pod):
    """What an ended pod has left of itself, but for its record."""
    with open("/proc/self/mountinfo") as file:
        mounts = [line for line in file if pod.uuid in line]
    cgroups = subprocess.run(["find", "/sys/fs/cgroup", "-name", f"*{pod.uuid}*"], capture_output=True, text=True).stdout.split()
    crun = f"{pod.host.run}/engine/crun"
    runtime = [name for name in os.listdir(crun) if pod.uuid in name] if os.path.exists(crun) else []
    return mounts + cgroups + runtime + ([pod.run] if os.path.exists(pod.run) else [])


@pytest.fixture
def crun():
    """A stand-in for crun, found before the real one, that kills when a test wants it to."""
    place = "/usr/local/bin/crun"
    assert not os.path.lexists(place), f"{place} is in the way of the test"
    directory = tempfile.mkdtemp(prefix="gantry-crun-", dir="/run")
    shutil.copy(os.path.join(HERE, "crun-stand-in"), place)
    os.chmod(place, 0o755)
    os.symlink(directory, "/run/gantry-crun")

    def on(verb, action):
        with open(f"{directory}/{verb}", "w") as file:
            file.write(action)

    yield on
    os.unlink(place)
    os.unlink("/run/gantry-crun")
    shutil.rmtree(directory)
