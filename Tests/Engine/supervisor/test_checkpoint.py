"""Checkpoints of apps and apps made of them, by a runtime that has a stand-in for CRIU: what is done around it. With CRIU itself: in the virtual
machine (Tests/Integration/test_checkpoint.py)."""

import json
import os
import shutil
import signal
import subprocess
import tarfile

import pytest
from conftest import left
from freezing import still
from pods import GANTRY, Failed, receive
from waiting import until

HERE = os.path.dirname(os.path.realpath(__file__))
PLAN = "/run/checkpoint-stand-in"
# It counts in a file of its own, and begins where the file ends.
COUNT = "n=$(cat /n 2>/dev/null || echo 0); while :; do n=$((n+1)); echo $n > /n.new; mv /n.new /n; echo $n; sleep 0.1; done"


@pytest.fixture
def runtime(tmp_path):
    path = f"{tmp_path}/runc"
    shutil.copy(f"{HERE}/checkpoint-stand-in", path)
    yield path
    for name in (PLAN, PLAN + ".pid"):
        if os.path.exists(name):
            os.unlink(name)


def plan(action):
    with open(PLAN, "w") as file:
        file.write(action)


@pytest.fixture
def pod(host, runtime):
    made = host.pod(ociRuntime=runtime)
    made.start()
    yield made
    # Its supervisor may have been killed.
    subprocess.run(["systemctl", "stop", made.unit], capture_output=True)
    assert left(made) == []


def gantry(pod, *arguments):
    """Its code, and the error of its last line."""
    command = [GANTRY, f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", *arguments, "--format=json"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, json.loads(done.stderr.splitlines()[-1])["error"] if done.returncode else None


def checkpoint(pod, app, archive, *more):
    return gantry(pod, "app", "checkpoint", pod.uuid, f"--app={app}", f"--archive={archive}", *more)


def counts(pod, app):
    """Whether it goes on."""
    upper = f"{pod.dir}/apps/{app}/upper/n"
    before = open(upper).read()
    until(lambda: open(upper).read() != before, what="the next number")


def test_an_archive_has_all_that_the_app_is_made_of(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", "rm /etc/group; mkdir /made; touch /made/x; " + COUNT, log=f"{tmp_path}/0.log",
                mounts=[{"containerPath": "/data", "hostPath": str(tmp_path)}])
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n"), what="it counts")
    archive = f"{tmp_path}/a.tar"
    with open(archive, "w") as file:
        file.write("old")
    assert checkpoint(pod, "a", archive) == (0, None)
    counts(pod, "a")
    info = os.stat(archive)
    assert (info.st_mode & 0o7777, info.st_uid) == (0o600, 0)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        assert names == [
            "config.dump", "spec.dump", "bind.mounts", "rootfs-diff.tar", "deleted.files", "checkpoint", "checkpoint/inventory.img", "dump.log",
            "stats-dump", "container.log"]

        def read(name):
            return tar.extractfile(name).read().decode()
        config = json.loads(read("config.dump"))
        assert config["rootfsImageName"] == "busybox" and config["rootfsImageRef"].startswith("sha256:") and config["runtime"] == "runc"
        assert config["id"] == "a" and config["checkpointedTime"].endswith("Z") and config["checkpointedTime"] > config["createdTime"]
        assert json.loads(read("spec.dump"))["process"]["args"][0] == "/bin/sh"
        assert {"source": str(tmp_path), "destination": "/data", "file_type": "directory", "permissions": 0o700} in json.loads(read("bind.mounts"))
        assert json.loads(read("deleted.files")) == ["etc/group"] and "stdout F 1\n" in read("container.log")
        with tarfile.open(fileobj=tar.extractfile("rootfs-diff.tar")) as layer:
            assert {"made/x", "n", "etc", "made"} <= set(layer.getnames())
            number = int(layer.extractfile("n").read())
            # Of one moment, in which it had written the file and may not have told so.
            assert f" F {number + 1}\n" not in read("container.log") and (number == 1 or f" F {number - 1}\n" in read("container.log"))
    assert "checkpoint" not in os.listdir(f"{pod.dir}/apps/a") and sorted(os.listdir(tmp_path)) == ["0.log", "a.tar", "leaks.json", "runc"]


def test_what_cannot_be_checkpointed_is_refused_by_name(host, pod, tmp_path):
    archive = f"{tmp_path}/a.tar"
    pod.add("a", "/bin/sleep", "1000")
    code, error = checkpoint(pod, "a", archive)
    assert code == 254 and error["code"] == "precondition" and "created" in error["message"]
    pod.start_app("a")
    for path, part in [("a.tar", "absolute"), (str(tmp_path), "no file"), (f"{tmp_path}/none/a.tar", "none"), (f"{tmp_path}/", "directory")]:
        code, error = checkpoint(pod, "a", path)
        assert code == 254 and error["code"] == "invalid" and part in error["message"], error
    assert checkpoint(pod, "b", archive)[1]["code"] == "not-found"
    pod.call("app-stop", name="a", timeout_ms=0)
    code, error = checkpoint(pod, "a", archive)
    assert error["code"] == "precondition" and "exited" in error["message"]
    other = host.pod()
    other.start()
    other.run_app("a", "/bin/sleep", "1000")
    code, error = checkpoint(other, "a", archive)
    assert error["code"] == "precondition" and "crun" in error["message"] and "runtime handler" in error["message"]
    other.stop()
    shared = host.pod(ociRuntime=pod.read("pod.json")["ociRuntime"], namespaces={"pid": "pod"})
    shared.start()
    shared.run_app("a", "/bin/sleep", "1000")
    assert "shares its processes" in checkpoint(shared, "a", archive)[1]["message"]
    shared.stop()
    assert not os.path.exists(archive)


def test_a_failure_is_told_in_criu_s_words_and_changes_nothing(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", COUNT)
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n"), what="it counts")
    plan("fail")
    code, error = checkpoint(pod, "a", f"{tmp_path}/a.tar")
    assert code == 254 and "Connected TCP socket" in error["message"] and "checkpoint app a" in error["message"]
    counts(pod, "a")
    assert "checkpoint" not in os.listdir(f"{pod.dir}/apps/a") and not os.path.exists(f"{tmp_path}/a.tar")


def waiting(pod, archive, *more):
    """A checkpoint whose runtime does not end; and the runtime."""
    plan("wait")
    command = [GANTRY, f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "app", "checkpoint", pod.uuid, "--app=a", f"--archive={archive}", *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until(lambda: os.path.exists(PLAN + ".pid") and open(PLAN + ".pid").read().strip(), what="the runtime waits")
    return process, int(open(PLAN + ".pid").read())


@pytest.mark.parametrize("how", ["deadline", "killed", "stopped", "supervisor"])
def test_one_that_is_cut_off_leaves_the_app_running_and_nothing_else(pod, tmp_path, how):
    pod.run_app("a", "/bin/sh", "-c", COUNT)
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n"), what="it counts")
    process, runtime = waiting(pod, f"{tmp_path}/a.tar", *(["--timeout=300ms"] if how == "deadline" else []))
    code, error = checkpoint(pod, "a", f"{tmp_path}/b.tar") if how == "killed" else (254, {"code": "unavailable"})
    assert code == 254 and error["code"] == "unavailable"
    if how == "killed":
        process.kill()
    elif how == "stopped":
        assert pod.call("app-stop", name="a", timeout_ms=0)["app"]["exit_code"] == 137
    elif how == "supervisor":
        pod.kill()
        pod.wait_dead()
    code = process.wait(60)
    told = process.stderr.read()
    assert code == (-signal.SIGKILL if how == "killed" else 254), told
    assert {"deadline": "300 ms", "stopped": "is to end", "supervisor": "supervisor", "killed": ""}[how] in told
    until(lambda: not os.path.exists(f"/proc/{runtime}"), what="the runtime is gone")
    assert not [name for name in os.listdir(tmp_path) if "tar" in name or "checkpoint" in name]
    if how in ("deadline", "killed"):
        os.unlink(PLAN)
        counts(pod, "a")
        until(lambda: "checkpoint" not in os.listdir(f"{pod.dir}/apps/a"), what="the directory is removed")
        assert checkpoint(pod, "a", f"{tmp_path}/a.tar") == (0, None)


def test_a_client_that_goes_on_too_long_is_told_and_the_app_goes_on(pod):
    pod.run_app("a", "/bin/sh", "-c", COUNT)
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n"), what="it counts")
    with pod.send("app-checkpoint", name="a", timeout_ms=1500) as connection:
        told = receive(connection)[0]
        assert told["started"] and os.path.exists(f"{told['directory']}/checkpoint/inventory.img")
        assert still(f"{pod.state['cgroup']}/a")
        error = receive(connection)[0]["error"]
        assert error["code"] == "deadline"
    counts(pod, "a")
    assert not still(f"{pod.state['cgroup']}/a")


def restorable(pod, archive, place):
    """What `gantry app add --checkpoint` hands to the supervisor."""
    os.makedirs(f"{place}/upper")
    with tarfile.open(archive) as tar:
        tar.extractall(place, [m for m in tar.getmembers() if m.name.startswith("checkpoint")])
        with tarfile.open(fileobj=tar.extractfile("rootfs-diff.tar")) as layer:
            layer.extractall(f"{place}/upper")
        mounts = [mount["destination"] for mount in json.load(tar.extractfile("spec.dump"))["mounts"]]
    return {"directory": place, "mounts": mounts}


def add(pod, name, restore, *command, **config):
    document = {"version": 1, "command": list(command), "seccomp": {"type": "unconfined"}, **config}
    image = {"id": "sha256:" + "0" * 64, "name": "busybox", "config": {"Env": ["PATH=/bin"]}, "layers": [pod.host.layer]}
    return pod.call("app-add", name=name, config=document, image=image, restore=restore)["app"]


def test_an_app_goes_on_from_a_checkpoint(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", COUNT)
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n") and int(open(f"{pod.dir}/apps/a/upper/n").read()) > 3, what="it counts")
    archive = f"{tmp_path}/a.tar"
    assert checkpoint(pod, "a", archive) == (0, None)
    place = f"{pod.host.dir}/restore"
    log = f"{tmp_path}/b.log"
    record = add(pod, "b", restorable(pod, archive, place), "/bin/sh", "-c", COUNT, logPath=log)
    assert record["state"] == "created" and record.get("pid") is None and os.listdir(place) == []
    with pytest.raises(Failed) as failure:
        pod.call("app-update", name="b", config={"version": 1, "resources": {"cpuShares": 512}})
    assert failure.value.code == "precondition"
    number = int(open(f"{pod.dir}/apps/b/upper/n").read())
    assert number > 3
    record = pod.start_app("b")
    assert record["state"] == "running" and record["pid"] > 0
    until(lambda: f"stdout F {number + 1}\n" in open(log).read(), what="it goes on")
    assert " F 1\n" not in open(log).read()
    assert pod.execute("b", "true")[0] == 0
    until(lambda: "restore" not in os.listdir(f"{pod.dir}/apps/b"), what="the images are removed")
    assert pod.call("app-stop", name="b", timeout_ms=0)["app"]["exit_code"] == 137
    pod.call("app-rm", name="b")
    # Never started: stopped and removed all the same.
    for stop in (True, False):
        os.rmdir(place)
        add(pod, "c", restorable(pod, archive, place), "/bin/sh", "-c", COUNT)
        if stop:
            assert pod.call("app-stop", name="c", timeout_ms=0)["app"]["state"] == "exited"
        pod.call("app-rm", name="c")
    assert "c" not in os.listdir(f"{pod.dir}/apps")


def test_a_restore_that_fails_is_a_start_error(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", COUNT, mounts=[{"containerPath": "/data", "hostPath": str(tmp_path)}])
    until(lambda: os.path.exists(f"{pod.dir}/apps/a/upper/n"), what="it counts")
    archive = f"{tmp_path}/a.tar"
    assert checkpoint(pod, "a", archive) == (0, None)
    place = f"{pod.host.dir}/restore"
    with pytest.raises(Failed) as failure:
        add(pod, "b", restorable(pod, archive, place), "/bin/true")
    assert failure.value.code == "invalid" and "/data" in failure.value.message and "b" not in os.listdir(f"{pod.dir}/apps")
    shutil.rmtree(place)
    data = [{"containerPath": "/data", "hostPath": str(tmp_path)}]
    add(pod, "b", restorable(pod, archive, place), "/bin/true", mounts=data)
    plan("fail")
    with pytest.raises(Failed) as failure:
        pod.start_app("b")
    assert "No mapping for a mount" in failure.value.message
    record = pod.record("b")
    assert (record["state"], record["exit_code"], record["reason"]) == ("exited", 128, "StartError")
