"""The supervisor, crun and the plugins, each killed at every step."""

import os
import shutil
import subprocess

import pytest
from conftest import left
from pods import Failed, until


def killed(record):
    return record["exit_code"] == 137 and "supervisor had ended" in record["message"]


def test_a_pod_dies_with_its_supervisor(host):
    pod = host.pod(network={"mode": "cni"})
    pod.start()
    pod.run_app("runs", "/bin/sleep", "1000")
    pod.run_app("ended", "/bin/sh", "-c", "exit 3")
    pod.wait_exit("ended")
    pod.add("made", "/bin/sleep", "1000")
    pod.kill()
    pod.wait_dead()
    assert killed(pod.record("runs")) and killed(pod.record("made"))
    assert pod.record("ended")["exit_code"] == 3
    assert pod.state["state"] == "exited" and pod.state["network"]["state"] == "detached"
    assert left(pod) == []
    before = pod.state
    pod.cleanup()
    assert pod.state == before, "a second clean-up has nothing to do"


def test_a_clean_up_needs_no_unit(host):
    """As `gc` meets a pod whose unit is long gone."""
    pod = host.pod(network={"mode": "cni"})
    pod.start("KillMode=none", cleanup=False)
    pod.run_app("a", "/bin/sh", "-c", "(setsid sleep 1001 &); sleep 1000")
    pod.kill()
    pod.wait_dead()
    pod.cleanup()
    assert killed(pod.record("a"))
    assert pod.state["state"] == "exited" and left(pod) == []


def test_a_living_pod_is_not_cleaned_up(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    refused = pod.cleanup(check=False)
    assert refused.returncode != 0 and "supervisor lives" in refused.stderr
    assert pod.record("a")["state"] == "running"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("verb", ["create", "start", "delete", "exec"])
def test_the_supervisor_is_killed_while_crun_works(host, crun, verb, moment):
    pod = host.pod()
    pod.start()
    crun(verb, f"kill-supervisor-{moment}")
    with pytest.raises((EOFError, ConnectionError)):
        pod.run_app("a", "/bin/sh", "-c", "sleep 0.2; exit 3" if verb == "delete" else "sleep 1000")
        if verb == "exec":
            pod.execute("a", "true")
        until(lambda: not os.path.exists(f"/proc/{pod.state['pid']}/fd/0"))
        raise EOFError
    pod.wait_dead()
    assert left(pod) == []
    assert pod.state["state"] == "exited"
    if verb == "delete":
        assert pod.record("a")["exit_code"] == 3
    elif os.path.exists(f"{pod.dir}/apps/a/state.json"):
        record = pod.record("a")
        assert record["state"] == "exited" and record["exit_code"] in (137, 255)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_crun_is_killed_while_it_creates(crun, pod, moment):
    crun("create", f"kill-itself-{moment}")
    with pytest.raises(Failed) as failure:
        pod.add("a", "/bin/sleep", "1000")
    assert "crun" in failure.value.message
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.run}/apps") == []
    pod.run_app("a", "/bin/true")
    assert pod.wait_exit("a")["exit_code"] == 0


@pytest.mark.parametrize("moment", ["before", "after"])
def test_crun_is_killed_while_it_starts(crun, pod, moment):
    pod.add("a", "/bin/sleep", "1000")
    crun("start", f"kill-itself-{moment}")
    with pytest.raises(Failed):
        pod.start_app("a")
    record = pod.record("a")
    assert (record["state"], record["exit_code"], record["reason"]) == ("exited", 128, "StartError")
    pod.call("app-rm", name="a")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_crun_is_killed_while_it_executes(crun, pod, moment):
    pod.run_app("a", "/bin/sleep", "1000")
    crun("exec", f"kill-itself-{moment}")
    with pytest.raises(Failed):
        pod.execute("a", "sleep", "1002")
    until(lambda: "1002" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout)
    assert pod.execute("a", "true")[0] == 0


@pytest.mark.parametrize("moment", ["before", "after"])
def test_crun_is_killed_while_it_deletes(crun, pod, moment):
    crun("delete", f"kill-itself-{moment}")
    pod.run_app("a", "/bin/sh", "-c", "exit 3")
    assert pod.wait_exit("a")["exit_code"] == 3
    pod.call("app-rm", name="a")
    pod.run_app("a", "/bin/true")
    assert pod.wait_exit("a")["exit_code"] == 0


def test_the_supervisor_is_killed_while_a_plugin_works(host, plugin):
    plugin.does("ADD", "kill -KILL $PPID; sleep 30")
    pod = host.pod(network=plugin.network(host.confs))
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert [call["verb"] for call in plugin.calls] == ["ADD", "DEL"]
    assert pod.state["state"] == "exited" and pod.state["network"]["state"] == "detached"
    assert left(pod) == []


def test_the_supervisor_is_killed_while_it_detaches(host, plugin):
    pod = host.pod(network=plugin.network(host.confs))
    pod.start()
    plugin.does("DEL", f"rm $here/DEL; kill -KILL $PPID; sleep 30")
    pod.stop()
    pod.wait_dead()
    assert [call["verb"] for call in plugin.calls] == ["ADD", "ADD", "DEL", "DEL", "DEL"]
    assert pod.state["state"] == "exited" and left(pod) == []


def test_a_detach_that_fails_is_kept_and_tried_again(host, plugin):
    pod = host.pod(network=plugin.network(host.confs))
    pod.start(cleanup=False)
    plugin.does("DEL", 'printf \'{"code":7,"msg":"switch on fire"}\'; exit 1')
    pod.stop()
    state = pod.state
    assert (state["state"], state["network"]["state"]) == ("exited", "failed") and "switch on fire" in state["network"]["error"]
    assert left(pod) == []
    failed = pod.cleanup(check=False)
    assert failed.returncode != 0 and "switch on fire" in failed.stderr
    plugin.does("DEL", "")
    pod.cleanup()
    assert pod.state["network"] == {"mode": "cni", "state": "detached", "error": ""}
    assert plugin.calls[-1]["netns"] == "", "the namespace is gone by then"


def test_after_a_reboot_everything_has_exited_and_the_network_is_given_back_once(host, plugin):
    pod = host.pod(network=plugin.network(host.confs))
    pod.start(cleanup=False)
    pod.run_app("a", "/bin/sleep", "1000")
    calls = len(plugin.calls)
    pod.kill()
    pod.wait_dead()
    # What a reboot takes away: mounts, processes, cgroups, the run directory. The identity of a boot goes with the last.
    with open("/proc/self/mountinfo") as file:
        points = [line.split()[4] for line in file if pod.uuid in line]
    for point in reversed(points):
        subprocess.run(["umount", "-l", point], check=True)
    for directory in subprocess.run(["find", "/sys/fs/cgroup", "-depth", "-path", f"*{pod.unit}*", "-type", "d"], capture_output=True, text=True).stdout.split():
        if os.path.exists(directory):
            os.rmdir(directory)
    shutil.rmtree(host.run)
    os.makedirs(host.run)
    pod.cleanup()
    pod.cleanup()
    record = pod.record("a")
    assert (record["exit_code"], record["reason"]) == (255, "Unknown")
    deletes = plugin.calls[calls:]
    assert [(call["verb"], call["netns"]) for call in deletes] == [("DEL", ""), ("DEL", "")]
    assert pod.state["state"] == "exited"
