"""A daemon that is started on other directories than the host's pods have: by mistake, or since a disk is not mounted yet."""

import os
import shutil

import pytest
from node import BIN, eventually, run

DIRECTORIES = ["/var/lib/rktlet-other", "/run/rktlet-other"]
OTHER, NOBODYS = "rktlet-other.service", f"rktlet-pod-{'f' * 64}.service"


def state(unit):
    return run("systemctl", "show", "-PActiveState", unit).stdout.strip()


@pytest.fixture
def other(node):
    """Starts the other daemon in place of the usual one."""
    def start():
        node.stop()
        data, directory = DIRECTORIES
        run("systemd-run", "--collect", "--service-type=notify", "-pNotifyAccess=main", f"--unit={OTHER}", os.path.join(BIN, "rktlet"), "serve",
            f"--engine={BIN}/gantry", f"--data-dir={data}", f"--run-dir={directory}", f"--listen=unix://{directory}/rktlet.sock", "--gateway=none")
    yield start
    run("systemctl", "stop", OTHER, NOBODYS, check=False)
    for directory in DIRECTORIES:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.restarts_daemon
def test_it_leaves_their_pods_alone(node, pod, busybox, other):
    container = pod.run(busybox, "sleep", "1000")
    unit = f"rktlet-pod-{pod.id[:12]}.service"
    assert state(unit) == "active"
    # What names no directory is nobody's, and is removed: then the others have been looked at.
    run("systemd-run", "--collect", f"--unit={NOBODYS}", "sleep", "infinity")
    other()
    eventually(lambda: state(NOBODYS) == "inactive", "the other daemon removes what is nobody's")
    assert state(unit) == "active"
    told = [line for line in node.journal(OTHER, 200).splitlines() if "another data directory" in line]
    assert len(told) == 1 and "left alone" in told[0] and "units=1" in told[0] and DIRECTORIES[0] in told[0], told
    run("systemctl", "stop", OTHER)
    node.start()
    assert node.client.container(container).state == 1, "it runs on"
