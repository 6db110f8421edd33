"""The third boot, after a cut of power: the node is whole, lives through a full disk, and goes as it came."""

import os
import re
import subprocess

import grpc
import pytest
from life import (
    CUT, DEB, PB, ROOT, Pods, block, client, each, eventually, main_process, reservations, rules_of_pods, run, said, saved,
    seconds_to_ready, serve, shell, units)

# The attempt of those that come after the second loss; how many are enough by now.
ANEW, FEW = 2, 5


@pytest.fixture(scope="module")
def pods():
    runtime = client()
    yield Pods(runtime)
    runtime.close()


def test_all_of_them_have_ended_and_nothing_of_them_is_taken(pods, record_property):
    record_property("after a cut of power with pods, seconds to ready", seconds_to_ready())
    before = saved()
    found = pods.client.pods()
    assert {pod.id for pod in found} == set(before["pods"]) and {pod.state for pod in found} == {PB.SANDBOX_NOTREADY}
    for container in before["containers"]:
        status = pods.client.container(container)
        assert status.state == PB.CONTAINER_EXITED and status.exit_code != 0 and status.reason, status
    eventually(lambda: not reservations() and not rules_of_pods(), "addresses and rules are free")
    assert run("ip", "netns").stdout == "" and units() == []


def test_the_pull_that_was_cut_is_nowhere_and_comes_whole_when_repeated(pods):
    assert {image.id for image in pods.client.call("ListImages").images} == set(saved()["images"])
    assert pods.client.image(CUT) is None
    serve("honest", "configured", 5001)
    pods.client.pull(CUT)
    assert pods.client.image(CUT).size > 0


def test_they_start_anew(pods):
    serve("honest", "busybox", 5000)
    for pod in saved()["pods"]:
        pods.client.delete_pod(pod)
    pods.ids = each(lambda number: pods.start(number, attempt=ANEW), range(FEW))
    assert {pod.state for pod in pods.client.pods()} == {PB.SANDBOX_READY} and len(reservations()) == FEW
    assert run("rktlet", "doctor").returncode == 0


def test_a_disk_that_is_full_to_the_last_block(pods):
    daemon, filler = main_process("rktlet"), "/var/filler"
    room = os.statvfs("/var")
    run("fallocate", "-l", str(room.f_bavail * room.f_frsize), filler, check=False)
    # What root alone may have, and what is left in pieces.
    subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k", "oflag=append", "conv=notrunc"], capture_output=True, timeout=300)
    try:
        # Some blocks ext4 gives to nobody.
        assert os.statvfs("/var").f_bavail == 0
        with pytest.raises(grpc.RpcError) as refused:
            pods.start("full")
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED and "space" in refused.value.details().lower()
        assert said("space").startswith("warn") and "only 0 MiB free" in said("space")
        pods.client.stop(pods.ids[0][1])
        assert pods.client.container(pods.ids[0][1]).exit_code == 137
        pods.client.delete_pod(pods.ids.pop()[0])
    finally:
        os.unlink(filler)
    assert main_process("rktlet") == daemon
    pods.client.delete_pod(pods.start("room")[0])


def test_a_removal_says_what_runs_and_stops_nothing(pods):
    running = units()
    refused = shell("apt remove rktlet", check=False)
    text = refused.stdout + refused.stderr
    assert refused.returncode != 0 and "pods run on this node" in text and all(unit in text for unit in running)
    assert "kubectl drain" in text and units() == running and pods.client.call("Version")


def test_a_purge_leaves_nothing(pods):
    stop, purge = block("docs/operations.md", "Drain", number=1)
    shell(stop)
    assert units() == []
    shell(purge)
    left = run(
        "find", "/etc", "/usr", "/lib", "/run", "/var", "-xdev", "(", "-name", "*rktlet*", "-o", "-name", "*gantry*", ")", check=False).stdout
    # Not the places of the tests' own files. The network's configuration is whose who copied it.
    ours = (os.path.dirname(DEB), ROOT)
    left = [path for path in left.splitlines() if not any(own.startswith(path) or path.startswith(own) for own in ours)]
    assert left == ["/etc/cni/net.d/10-rktlet.conflist"], left
    assert reservations() == [] and rules_of_pods() == [] and run("ip", "netns").stdout == ""
    assert not re.search("rktlet|gantry", run("systemctl", "list-unit-files").stdout + run("ps", "-eo", "comm").stdout)
    assert not re.search(r" /(run|var/lib)/rktlet|^nsfs| /run/netns", run("cat", "/proc/self/mounts").stdout, re.M)
