"""Pods whose containers another OCI runtime makes: Debian's runc, through the whole life of a pod."""

import json
import os
import shutil
import subprocess

import pytest
from conftest import left
from freezing import frozen
from pods import GANTRY, Failed, sleeping
from test_update import limit, update
from waiting import until

RUNC = shutil.which("runc")
MIB = 1 << 20


@pytest.fixture
def pod(host):
    """A pod of runc's, running."""
    assert RUNC, "runc is missing (make deps-test)"
    made = host.pod(ociRuntime=RUNC)
    made.start()
    yield made
    made.stop()
    assert left(made) == []


def is_of_runc(pod, app):
    """runc's state of a container is called so; crun's `status`."""
    directory = f"{pod.host.run}/engine/crun/{pod.uuid}.{app}"
    return "state.json" in os.listdir(directory) and "status" not in os.listdir(directory)


def test_a_pod_lives_by_the_runtime_that_it_was_made_with(pod, tmp_path):
    log = f"{tmp_path}/0.log"
    pod.run_app("a", "/bin/sh", "-c", "echo out; echo err >&2; exec sleep 1000", log=log, user={"uid": 1000, "gid": 1000})
    assert is_of_runc(pod, "a")
    code, out, _, _ = pod.execute("a", "sh", "-c", "id -u; echo $$ > /dev/null; cat /proc/self/cgroup; exit 7")
    lines = out.splitlines()
    assert code == 7 and lines[0] == "1000"
    assert all(f"{pod.state['cgroup']}/a/exec-" in line or line.startswith("0::/exec-") for line in lines[1:])
    with open(log) as file:
        assert sorted(line.rstrip("\n").split(" ", 1)[1] for line in file) == ["stderr F err", "stdout F out"]
    record = pod.call("app-stop", name="a", signal="SIGTERM", timeout_ms=100)["app"]
    assert (record["state"], record["exit_code"]) == ("exited", 137)
    pod.run_app("b", "/bin/sh", "-c", "exit 3")
    record = pod.wait_exit("b")
    assert (record["exit_code"], record["reason"]) == (3, "Error")
    for name in ("a", "b"):
        pod.call("app-rm", name=name)
    assert os.listdir(f"{pod.host.run}/engine/crun") == [] and os.listdir(f"{pod.dir}/apps") == []


@pytest.mark.parametrize("command", [["/no/such"], ["nosuch"], ["/etc/passwd"], ["/bin"]])
def test_a_command_that_cannot_be_started_is_a_start_error(pod, command):
    assert pod.add("a", *command)["state"] == "created"
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert failure.value.code == "invalid" and command[0] in failure.value.message
    record = pod.record("a")
    assert (record["state"], record["exit_code"], record["reason"]) == ("exited", 128, "StartError")


def test_what_a_container_cannot_be_made_of_is_a_start_error_and_leaves_nothing(pod):
    pod.add("a", "/bin/true", workingDir="/etc/passwd")
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    pod.call("app-rm", name="a")
    assert failure.value.code == "internal" and "/etc/passwd" in failure.value.message
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.host.run}/engine/crun") == []
    pod.run_app("a", "/bin/true")
    assert pod.wait_exit("a")["exit_code"] == 0


def test_a_command_that_is_not_there_is_told_from_one_that_fails(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    with pytest.raises(Failed) as failure:
        pod.execute("a", "nosuch")
    assert failure.value.code == "invalid" and "nosuch" in failure.value.message
    assert pod.execute("a", "false")[0] == 1


def test_at_the_deadline_the_whole_tree_is_killed(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    code, _, _, timed_out = pod.execute("a", "sh", "-c", "setsid sleep 7831 & sleep 7832", timeout_ms=400)
    assert (code, timed_out) == (137, True) and not sleeping("7831") and not sleeping("7832")
    assert pod.record("a")["state"] == "running"


def test_limits_hold_and_change(pod):
    name = "limited-" + pod.uuid[:8]
    pod.run_app(name, "/bin/sleep", "1000", resources={"memoryLimit": 64 * MIB, "cpuShares": 512})
    assert limit(name) == 64 * MIB
    update(pod, name, memoryLimit=96 * MIB)
    assert limit(name) == 96 * MIB
    pod.run_app("hog", "/bin/sh", "-c", "head -c 200m /dev/zero | tail -c 180m | wc -c; exit 5", resources={"memoryLimit": 24 * MIB})
    record = pod.wait_exit("hog")
    assert (record["exit_code"], record["reason"]) == (5, "OOMKilled")


def test_a_shared_pid_namespace_and_mounts(host, tmp_path):
    (tmp_path / "file").write_text("hello")
    pod = host.pod(ociRuntime=RUNC, namespaces={"pid": "pod"}, network={"mode": "cni"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "7841")
    pod.run_app("b", "/bin/sleep", "1000", mounts=[{"containerPath": "/data", "hostPath": str(tmp_path), "readonly": True}], readonlyRootfs=True)
    assert "sleep 7841" in "\n".join(pod.processes("b"))
    code, out, _, _ = pod.execute("b", "sh", "-c", "cat /data/file; touch /data/x; touch /x; hostname; ip addr show eth0")
    assert code == 0 and out.startswith("hello") and "web-0" in out and "10.123." in out
    assert not (tmp_path / "x").exists()
    pod.stop()
    assert left(pod) == []


def test_what_is_the_hosts_stays_out_of_reach(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    # On v1 the directory that the hierarchies are mounted in is runc's to protect, which 1.1 does not: it is the container's own.
    for place in ("/sys/fs/cgroup/*/cgroup.procs", "/sys/made", "/proc/sys/made"):
        assert pod.execute("a", "sh", "-c", f"for f in {place}; do echo 1 > $f && exit 0; done 2>/dev/null; exit 9")[0] == 9, place
    code, out, _, _ = pod.execute("a", "sh", "-c", "echo 1 > /proc/sys/vm/drop_caches; cat /proc/kcore | wc -c; ls /dev")
    assert code == 0 and out.splitlines()[0] == "0" and "sda" not in out


def test_a_frozen_container_is_stopped(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    with frozen(pod.record("a")["cgroup"], ""):
        assert pod.call("app-stop", name="a", signal="SIGTERM", timeout_ms=100)["app"]["exit_code"] == 137


def test_what_a_killed_supervisor_leaves_is_cleaned_up(host):
    pod = host.pod(ociRuntime=RUNC, network={"mode": "cni"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "7851")
    pod.kill()
    pod.wait_dead()
    assert not sleeping("7851") and left(pod) == []
    assert pod.record("a")["state"] == "exited" and pod.state["state"] == "exited"


@pytest.mark.parametrize("path, part", [("/no/such/runtime", "/no/such/runtime"), ("/bin/true", "is this an OCI runtime?")])
def test_a_runtime_that_is_none_refuses_the_pod_by_name(host, path, part):
    pod = host.pod(ociRuntime=path)
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert part in pod.state["error"] and pod.state["error_code"] == "unavailable" and left(pod) == []


def test_the_command_line_takes_one_and_tells_of_one(host):
    words = [GANTRY, f"--dir={host.dir}", f"--run-dir={host.run}"]
    refused = subprocess.run(words + ["app", "sandbox", "--oci-runtime=runc"], capture_output=True, text=True)
    assert refused.returncode == 1 and "absolute path" in refused.stderr
    told = json.loads(subprocess.run(words + ["version", f"--oci-runtime={RUNC}", "--format=json"], capture_output=True, text=True, check=True).stdout)
    assert told["oci_runtime"]["name"] == "runc" and "oci-runtime" in told["features"]
    # runc 1.1 maps no mounts.
    if told["oci_runtime"]["version"].startswith("1.1."):
        assert "user-namespaces" not in told["features"]
    none = subprocess.run(words + ["version", "--oci-runtime=/no/such", "--format=json"], capture_output=True, text=True)
    assert none.returncode == 254 and "/no/such" in none.stderr
