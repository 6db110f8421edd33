"""Disks that do not answer: what waits for one holds up no stop, no removal, no end of the pod and no other container."""

import contextlib
import os
import shutil
import stat
import subprocess
import threading
import time

import pods
import pytest
import slow_disk
from conftest import left
from pods import Failed, answer
from waiting import until

# Of what does not wait for a disk; a dead one would take minutes.
SOON = 15


@contextlib.contextmanager
def soon(what, seconds=SOON):
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds, f"{what} waited for the disk"


@contextlib.contextmanager
def dead(place):
    """A file system on which nothing can be looked up or made."""
    with slow_disk.mounted(place) as disk:
        disk.held = {slow_disk.LOOKUP, slow_disk.CREATE}
        disk.gate.clear()
        yield disk


def add_with_log(pod, name, log):
    config = {"version": 1, "command": ["/bin/sleep", "1000"], "seccomp": {"type": "unconfined"}, "logPath": log}
    return pod.send("app-add", name=name, config=config, image={**pods.NODE_IMAGE, "layers": [pod.host.layer]})


def waits_for_its_log(pod, name):
    until(lambda: os.path.exists(f"{pod.run}/apps/{name}/process.json"), what="the preparation")


@pytest.mark.parametrize("content", [None, b"", b"line\n"])
def test_an_add_that_cannot_be_recorded_leaves_nothing_and_no_log_that_was_not_there(pod, tmp_path, content):
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        if content is not None:
            with open(f"{tmp_path}/disk/0.log", "wb") as log:
                log.write(content)
        disk.held = {slow_disk.LOOKUP, slow_disk.CREATE}
        disk.gate.clear()
        addition = add_with_log(pod, "a", f"{tmp_path}/disk/0.log")
        waits_for_its_log(pod, "a")
        # No place for its record.
        os.rename(f"{pod.dir}/apps/a", f"{pod.dir}/away")
        disk.gate.set()
        with pytest.raises(Failed) as failure:
            answer(addition)
        addition.close()
        assert f"{pod.dir}/apps/a" in failure.value.message
        assert os.listdir(f"{pod.dir}/apps") == os.listdir(f"{pod.run}/apps") == os.listdir(f"{pod.host.run}/engine/crun") == []
        assert (disk.content("0.log") if "0.log" in disk.files else None) == content


@pytest.mark.parametrize("verb", ["app-stop", "app-rm"])
def test_an_app_whose_log_is_on_a_dead_disk_can_be_taken_back(pod, tmp_path, verb):
    pod.run_app("quiet", "/bin/sleep", "1000")
    with dead(f"{tmp_path}/disk") as disk:
        addition = add_with_log(pod, "stuck", f"{tmp_path}/disk/0.log")
        waits_for_its_log(pod, "stuck")
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        with soon(verb):
            pod.call(verb, name="stuck")
        with pytest.raises(Failed) as failure:
            answer(addition)
        assert failure.value.code == "deadline" and f"{tmp_path}/disk/0.log" in failure.value.message
        # Nothing is left of it, and its name is free.
        assert not os.path.exists(f"{pod.run}/apps/stuck") and not os.path.exists(f"{pod.dir}/apps/stuck")
        pod.run_app("stuck", "/bin/sleep", "1000")
        pod.call("app-rm", name="stuck")
        disk.gate.set()
        until(lambda: len(os.listdir(f"/proc/{pod.state['pid']}/task")) == 1, what="the end of the thread")
        assert disk.files == {} or disk.content("0.log") == b""
    addition.close()
    pod.call("app-rm", name="quiet")


def test_a_pod_with_a_log_on_a_dead_disk_ends(host, tmp_path):
    pod = host.pod()
    pod.start()
    pod.run_app("quiet", "/bin/sleep", "1000")
    with dead(f"{tmp_path}/disk") as disk:
        addition = add_with_log(pod, "stuck", f"{tmp_path}/disk/0.log")
        waits_for_its_log(pod, "stuck")
        supervisor = pod.state["pid"]
        with soon("the pod's stop", 40):
            pod.stop()
            pod.wait_dead()
        assert pod.state["state"] == "exited" and pod.record("quiet")["state"] == "exited"
        assert left(pod) == []
        addition.close()
        disk.gate.set()
        until(lambda: not os.path.exists(f"/proc/{supervisor}"), what="the end of what waited")


def test_a_pod_whose_running_app_writes_to_a_dead_disk_ends(host, tmp_path):
    pod = host.pod()
    pod.start()
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        pod.run_app("loud", "/bin/sh", "-c", "while :; do echo line; done", log=f"{tmp_path}/disk/0.log")
        until(lambda: len(disk.content("0.log")) > 1000)
        disk.gate.clear()
        supervisor = pod.state["pid"]
        with soon("the pod's stop", 40):
            pod.stop()
            pod.wait_dead()
        assert pod.record("loud")["exit_code"] == 137
        assert left(pod) == []
        disk.gate.set()
        until(lambda: not os.path.exists(f"/proc/{supervisor}"), what="the end of what waited")


def test_an_app_with_a_volume_on_a_dead_disk_can_be_taken_back(pod, tmp_path):
    pod.run_app("quiet", "/bin/sleep", "1000")
    with dead(f"{tmp_path}/disk") as disk:
        mounts = [{"containerPath": "/data", "hostPath": f"{tmp_path}/disk/volume"}]
        config = {"version": 1, "command": ["/bin/sleep", "1000"], "seccomp": {"type": "unconfined"}, "mounts": mounts}
        addition = pod.send("app-add", name="stuck", config=config, image={**pods.NODE_IMAGE, "layers": [pod.host.layer]})
        until(lambda: os.path.exists(f"{pod.dir}/apps/stuck/upper"), what="the preparation")
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        with soon("the removal", 30):
            pod.call("app-rm", name="stuck")
        with pytest.raises(Failed) as failure:
            answer(addition)
        assert failure.value.code == "deadline"
        with pytest.raises(Failed) as failure:
            pod.add("stuck", "/bin/true")
        assert failure.value.code == "exists" and "disk" in failure.value.message
        assert [app["name"] for app in pod.call("status")["pod"]["apps"]] == ["quiet"]
        disk.gate.set()
        # It is taken back once the disk answers.
        until(lambda: not os.path.exists(f"{pod.dir}/apps/stuck") and not os.path.exists(f"{pod.run}/apps/stuck"))
    addition.close()
    pod.run_app("stuck", "/bin/true")
    pod.call("app-rm", name="stuck")


@pytest.fixture
def frozen(tmp_path):
    """A host whose data directory is on a file system of its own, which takes no write while it is frozen."""
    image, place = f"{tmp_path}/disk.img", "/var/lib/gantry-frozen"
    with open(image, "w") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    # The test host has no devices of its own accord.
    nodes = [(f"/dev/loop{n}", stat.S_IFBLK, (7, n)) for n in range(8)] + [("/dev/loop-control", stat.S_IFCHR, (10, 237))]
    made = [node for node in nodes if not os.path.exists(node[0])]
    for name, kind, numbers in made:
        os.mknod(name, kind | 0o600, os.makedev(*numbers))
    os.makedirs(place)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    root = f"{place}/host"
    os.makedirs(f"{place}/host")
    host = pods.Host(root)
    # Memory, as /run is.
    host.run = "/run/gantry-frozen"
    os.makedirs(host.run)

    @contextlib.contextmanager
    def freeze():
        subprocess.run(["fsfreeze", "-f", place], check=True)
        # Also when the test itself hangs: nothing that waits for it could be killed.
        thaw = threading.Timer(90, subprocess.run, (["fsfreeze", "-u", place],))
        thaw.start()
        try:
            yield
        finally:
            thaw.cancel()
            subprocess.run(["fsfreeze", "-u", place], check=False)
    host.frozen = freeze
    yield host
    host.discard()
    subprocess.run(["umount", place], check=True)
    os.rmdir(place)
    shutil.rmtree(host.run)
    for name, _, _ in made:
        os.unlink(name)


def test_a_record_disk_that_takes_nothing_holds_up_no_exit_and_no_stop(frozen):
    pod = frozen.pod()
    pod.start()
    for name in ["stopped", "ends", "quiet"]:
        pod.run_app(name, "/bin/sh", "-c", "read line; exit 7", stdin=True, tty=False) if name == "ends" else pod.run_app(name, "/bin/sleep", "1000")
    with frozen.frozen():
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        with soon("the stop"):
            stopped = pod.call("app-stop", name="stopped", timeout_ms=0)["app"]
        assert (stopped["state"], stopped["exit_code"]) == ("exited", 137)
        subprocess.run(["kill", "-KILL", str(pod.record("ends")["pid"])], check=True)
        with soon("the exit"):
            until(lambda: os.path.exists(f"{pod.run}/exits/ends.json"))
        # Told, in the event log.
        exits = [e["app"]["name"] for e in pod.events() if e["type"] == "app" and e["app"]["state"] == "exited"]
        assert sorted(exits) == ["ends", "stopped"]
        with soon("the removal", 30), pytest.raises(Failed) as failure:
            pod.call("app-rm", name="stopped")
        assert failure.value.code == "deadline" and pod.dir in failure.value.message
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    # Written once it can be, each exit told once.
    until(lambda: not os.path.exists(f"{pod.run}/exits/ends.json"))
    assert pod.record("ends")["exit_code"] == 137
    until(lambda: not os.path.exists(f"{pod.dir}/apps/stopped"))
    exits = [e["app"]["name"] for e in pod.events() if e["type"] == "app" and e["app"]["state"] == "exited"]
    assert sorted(exits) == ["ends", "stopped"]
    pod.stop()


def test_an_app_whose_record_the_disk_does_not_take_can_be_taken_back(frozen, tmp_path):
    pod = frozen.pod()
    pod.start()
    pod.run_app("quiet", "/bin/sleep", "1000")
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        disk.held = {slow_disk.LOOKUP, slow_disk.CREATE}
        disk.gate.clear()
        addition = add_with_log(pod, "stuck", f"{tmp_path}/disk/0.log")
        waits_for_its_log(pod, "stuck")
        with frozen.frozen():
            disk.gate.set()
            until(lambda: os.listdir(f"{frozen.run}/engine/crun") != [] and len(pod.call("status")["pod"]["apps"]) == 2, what="its container")
            with soon("the removal", 40):
                pod.call("app-rm", name="stuck")
            with pytest.raises(Failed) as failure:
                answer(addition)
            assert failure.value.code == "deadline" and pod.dir in failure.value.message
            addition.close()
            assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        until(lambda: not os.path.exists(f"{pod.dir}/apps/stuck") and not os.path.exists(f"{pod.run}/apps/stuck"))
        assert [e["app"]["name"] for e in pod.events() if e["type"] == "app"] == ["quiet", "quiet"]
    pod.stop()


def test_who_stops_a_pod_whose_record_disk_takes_nothing_is_told(frozen):
    pod = frozen.pod()
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000")
    with frozen.frozen():
        connection = pod.send("stop", force=True)
        connection.settimeout(120)
        with pytest.raises(Failed) as failure:
            answer(connection)
        assert failure.value.code == "deadline" and pod.dir in failure.value.message
        connection.close()
    pod.wait_dead()
    assert pod.state["state"] == "exited" and pod.record("a")["exit_code"] == 137
