"""The supervisor, crun and the plugins, each killed at every step."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import time
import uuid as uuids
from urllib.parse import unquote

import pytest
import slow_disk
from conftest import left
from freezing import frozen
from pods import GANTRY, NODE_IMAGE, Failed, sleeping
from waiting import has_ended, until


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


@pytest.mark.parametrize("below", ["", "/nested/deeper"])
def test_a_supervisor_is_killed_while_a_container_is_frozen(host, below):
    """As one container is while another is made in its PID namespace, or as a container may freeze what it nests."""
    pod = host.pod()
    pod.start("KillMode=none", cleanup=False)
    record = pod.run_app("a", "/bin/sleep", "1003")
    with frozen(record["cgroup"], below):
        pod.kill()
        pod.wait_dead()
        pod.cleanup()
        assert not sleeping("1003")
    assert killed(pod.record("a"))
    assert pod.state["state"] == "exited" and left(pod) == []


def test_a_clean_up_ends_what_is_frozen_from_above(host):
    pod = host.pod()
    pod.start("KillMode=none", cleanup=False)
    record = pod.run_app("a", "/bin/sleep", "1006")
    above = os.path.dirname(os.path.dirname(record["cgroup"]))
    # On v2 what kills would be in what is frozen, and a frozen process dies anyway.
    with frozen(above if os.path.exists(f"/sys/fs/cgroup/freezer{above}") else record["cgroup"], ""):
        pod.kill()
        pod.wait_dead()
        pod.cleanup()
        assert not sleeping("1006")
    assert killed(pod.record("a"))
    assert pod.state["state"] == "exited" and left(pod) == []


def test_a_kill_that_fails_is_told_and_tried_again(host, tmp_path):
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        pod = host.pod()
        pod.start("KillMode=none", cleanup=False)
        pod.run_app("a", "/bin/sh", "-c", "exec >/disk/file; while :; do echo x; done",
                    mounts=[{"containerPath": "/disk", "hostPath": f"{tmp_path}/disk"}])
        until(lambda: "file" in disk.files and len(disk.content("file")) > 10)
        # A write that the file system has taken up is waited for, whatever signal comes.
        disk.gate.clear()
        pod.kill()
        pod.wait_dead()
        failed = pod.cleanup(check=False)
        assert failed.returncode != 0 and "does not end" in failed.stderr
        failed = gantry(pod, "rm", check=False)
        assert failed.returncode != 0 and "does not end" in failed.stderr and os.path.exists(pod.dir)
        disk.gate.set()
        pod.cleanup()
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
    # A clean-up takes it out of the record.
    supervisor = pod.state["pid"]
    crun(verb, f"kill-supervisor-{moment}")
    with pytest.raises((EOFError, ConnectionError)):
        pod.run_app("a", "/bin/sh", "-c", "sleep 0.2; exit 3" if verb == "delete" else "sleep 1000")
        if verb == "exec":
            pod.execute("a", "true")
        until(lambda: has_ended(supervisor))
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
    pod.add("a", "/bin/sleep", "1000")
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert "crun" in failure.value.message
    pod.call("app-rm", name="a")
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
    until(lambda: not sleeping("1002"))
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
    # Nobody knows how far it got: all are asked to take back.
    assert [call["verb"] for call in plugin.calls] == ["ADD", "DEL", "DEL"]
    assert pod.state["state"] == "exited" and pod.state["network"]["state"] == "detached"
    assert left(pod) == []


def test_the_supervisor_is_killed_between_two_plugins_and_their_dels_have_the_result(host, plugin):
    plugin.does("ADD", "case $input in *first*) ;; *) kill -KILL $PPID; sleep 30 ;; esac")
    pod = host.pod(network=plugin.network(host.confs))
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert [call["verb"] for call in plugin.calls] == ["ADD", "ADD", "DEL", "DEL"]
    assert all(call["input"]["prevResult"]["ips"] == [{"address": "10.9.8.7/24"}] for call in plugin.calls[2:])
    assert pod.state["network"]["state"] == "detached"
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
        until(lambda: removed(directory), what=f"the end of what was in {directory}")
    for slice_ in sorted(map(unquote, os.listdir(f"{host.run}/engine/cgroups")), key=len, reverse=True):
        until(lambda: removed(slice_), what=f"the end of what was in {slice_}")
    shutil.rmtree(host.run)
    os.makedirs(host.run)
    pod.cleanup()
    pod.cleanup()
    record = pod.record("a")
    assert (record["exit_code"], record["reason"]) == (255, "Unknown")
    deletes = plugin.calls[calls:]
    assert [(call["verb"], call["netns"]) for call in deletes] == [("DEL", ""), ("DEL", "")]
    assert pod.state["state"] == "exited"


def removed(directory):
    """Removes a cgroup. Of a unit that delegates, systemd does not wait until what it has killed is dead."""
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def gantry(pod, *words, check=True):
    command = [GANTRY, words[0], f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "--format=json", *words[1:], pod.uuid]
    result = subprocess.run(command, check=check, capture_output=True, text=True)
    return json.loads(result.stdout) if result.stdout.startswith(("{", "[")) else result


@pytest.mark.parametrize("content", ["", "{", '{"format":1}'])
def test_a_pod_whose_record_cannot_be_read_keeps_its_owner_and_can_be_removed(host, plugin, content):
    pod = host.pod(network=plugin.network(host.confs), annotations={"owner": "me"}, userLabels={"a": "b"})
    pod.start(cleanup=False)
    pod.run_app("a", "/bin/sleep", "1000", annotations={"app": "x"})
    pod.kill()
    pod.wait_dead()
    for name in ("state.json", "apps/a/state.json", "network.json"):
        with open(f"{pod.dir}/{name}", "w") as file:
            file.write(content)
    shown = gantry(pod, "status")
    assert (shown["state"], shown["annotations"], shown["user_labels"], shown["unit"]) == ("exited", {"owner": "me"}, {"a": "b"}, pod.unit)
    assert "state.json" in shown["error"] and shown["error_code"]
    (app,) = shown["apps"]
    assert (app["state"], app["annotations"], app["image_id"]) == ("unknown", {"app": "x"}, "sha256:" + "0" * 64)
    gantry(pod, "stop")
    assert [call["verb"] for call in plugin.calls] == ["ADD", "ADD", "DEL", "DEL"] and plugin.calls[-1]["id"] == plugin.calls[0]["id"]
    assert pod.state["state"] == "exited" and pod.record("a")["state"] == "exited" and left(pod) == []
    gantry(pod, "rm")
    assert not os.path.exists(pod.dir)


def test_a_living_pod_with_an_app_that_cannot_be_read_keeps_its_annotations(host):
    pod = host.pod(annotations={"owner": "me"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000", annotations={"app": "x"})
    with open(f"{pod.dir}/apps/a/state.json", "w"):
        pass
    shown = gantry(pod, "status")
    assert (shown["state"], shown["annotations"]) == ("running", {"owner": "me"})
    assert [(app["state"], app["annotations"]) for app in shown["apps"]] == [("unknown", {"app": "x"})]
    pod.stop()
    assert pod.record("a")["exit_code"] == 137 and left(pod) == []


def test_an_exit_that_the_disk_has_no_room_for_is_not_lost(host, tmp_path):
    pod = host.pod()
    # A small disk of its own.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=1000", "small", f"{pod.dir}/apps"], check=True)
    try:
        pod.start()
        go = tmp_path / "go"
        go.mkdir()
        pod.run_app("a", "/bin/sh", "-c", "while [ ! -e /go/now ]; do sleep 0.05; done; exit 7", mounts=[{"containerPath": "/go", "hostPath": str(go)}])
        filler = os.open(f"{pod.dir}/apps/filler", os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(filler, b"x" * 1024)
        os.close(filler)
        (go / "now").touch()
        until(lambda: gantry(pod, "status")["apps"][0]["state"] == "exited")
        assert gantry(pod, "status")["apps"][0]["exit_code"] == 7 and pod.record("a")["state"] == "running"
        until(lambda: any(event["type"] == "app" and event["app"].get("exit_code") == 7 for event in pod.events()))
        os.unlink(f"{pod.dir}/apps/filler")
        # It tries again later each time, after half a minute at most.
        until(lambda: pod.record("a")["state"] == "exited", 60)
        assert pod.record("a")["exit_code"] == 7
        until(lambda: os.listdir(f"{pod.run}/exits") == [])
        pod.stop()
    finally:
        subprocess.run(["umount", "-l", f"{pod.dir}/apps"], check=True)


def fill(path):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, b"x" * 1024)
    os.close(descriptor)


def test_a_start_that_the_disk_has_no_room_for_is_not_lost(host):
    pod = host.pod()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=1000", "small", f"{pod.dir}/apps"], check=True)
    try:
        pod.start()
        pod.add("a", "/bin/sleep", "1000")
        fill(f"{pod.dir}/apps/filler")
        started = pod.start_app("a")
        assert pod.record("a")["state"] == "created"
        # As a daemon that has just been started reads it.
        shown = gantry(pod, "status")["apps"][0]
        assert (shown["state"], shown["started_at"], shown["pid"]) == ("running", started["started_at"], started["pid"])
        os.unlink(f"{pod.dir}/apps/filler")
        pod.kill()
        pod.wait_dead()
        assert killed(pod.record("a")) and pod.record("a")["started_at"] == started["started_at"]
    finally:
        subprocess.run(["umount", "-l", f"{pod.dir}/apps"], check=True)


def test_a_pod_that_the_disk_has_no_room_for_says_so(host):
    uuid = str(uuids.uuid4())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=100", "small", f"{host.dir}/pods"], check=True)
    try:
        fill(f"{host.dir}/pods/filler")
        options = [f"--dir={host.dir}", f"--run-dir={host.run}", "--format=json"]
        failed = subprocess.run([GANTRY, "app", "sandbox", *options, f"--uuid={uuid}"], text=True, capture_output=True)
        assert failed.returncode == 1

        def code():
            asked = subprocess.run([GANTRY, "status", *options, uuid], text=True, capture_output=True)
            return json.loads(asked.stderr.splitlines()[-1])["error"]["code"]
        assert code() == "exhausted"
        subprocess.run([GANTRY, "rm", *options, uuid], check=True, capture_output=True)
        assert code() == "not-found" and os.listdir(f"{host.run}/engine/failed") == []
    finally:
        subprocess.run(["umount", "-l", f"{host.dir}/pods"], check=True)


@pytest.mark.parametrize("verb", ["rm", "stop", "pod-cleanup", "rm of another"])
def test_a_removal_that_was_killed_is_finished_by_the_next_call(host, verb):
    pod = host.pod()
    other = host.pod()
    for each in (pod, other):
        each.start()
        each.stop()
    # As a `gantry rm` that is killed while it deletes leaves it.
    os.makedirs(f"{host.dir}/pods/garbage", exist_ok=True)
    os.rename(pod.dir, f"{host.dir}/pods/garbage/{pod.uuid}.0")
    word, _, rest = verb.partition(" ")
    uuid = other.uuid if rest else pod.uuid
    asked = subprocess.run([GANTRY, word, f"--dir={host.dir}", f"--run-dir={host.run}", uuid], text=True, capture_output=True)
    assert os.listdir(f"{host.dir}/pods/garbage") == [], asked.stderr
    assert asked.returncode == (254 if word == "stop" else 0), asked.stderr


def test_an_app_whose_supervisor_was_killed_is_stopped(host):
    pod = host.pod()
    pod.start("KillMode=none", cleanup=False)
    pod.run_app("a", "/bin/sleep", "1000")
    pod.kill()
    pod.wait_dead()
    command = [GANTRY, "app", "stop", f"--dir={host.dir}", f"--run-dir={host.run}", "--format=json", "--app=a", pod.uuid]
    stopped = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert stopped["state"] == "exited" and killed(stopped)
    assert left(pod) == []


def test_an_addition_whose_asker_has_gone_leaves_nothing(pod, tmp_path):
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        disk.held = {slow_disk.LOOKUP, slow_disk.CREATE}
        disk.gate.clear()
        config = {"version": 1, "command": ["/bin/sleep", "1000"], "seccomp": {"type": "unconfined"}, "logPath": f"{tmp_path}/disk/0.log"}
        asker = pod.send("app-add", name="a", config=config, image={**NODE_IMAGE, "layers": [pod.host.layer]})
        until(lambda: os.path.exists(f"{pod.run}/apps/a/process.json"), what="the preparation")
        asker.close()
        disk.gate.set()
        until(lambda: not os.path.exists(f"{pod.dir}/apps/a") and not os.path.exists(f"{pod.run}/apps/a"), what="the undo")
        assert disk.files == {} or disk.content("0.log") == b""

    def is_free():
        try:
            return pod.run_app("a", "/bin/sleep", "1000")
        except Failed as taken:
            assert taken.code == "exists", taken
            return None
    until(is_free, what="the undo")
    assert pod.record("a")["state"] == "running" and os.listdir(f"{pod.dir}/apps") == ["a"]


def test_a_supervisor_killed_at_its_very_start_leaves_a_pod_that_has_an_owner(host):
    """As the launcher makes the directory, before the supervisor has written anything."""
    uuid = str(uuids.uuid4())
    config = json.dumps({"version": 1, "annotations": {"owner": "me"}, "unit": "u.service", "network": {"mode": "none"}})
    failed = subprocess.run(
        [GANTRY, "app", "sandbox", f"--dir={host.dir}", f"--run-dir={host.run}", f"--uuid={uuid}", "--config=-"],
        input=config, text=True, capture_output=True, env={**os.environ, "GANTRY_POD": "/bin/false"})
    assert failed.returncode != 0
    shown = json.loads(subprocess.run([GANTRY, "status", f"--dir={host.dir}", f"--run-dir={host.run}", "--format=json", uuid], capture_output=True, check=True).stdout)
    assert (shown["state"], shown["annotations"], shown["unit"]) == ("exited", {"owner": "me"}, "u.service")


def test_a_start_that_fails_before_the_supervisor_is_there_says_why_in_the_record(host):
    uuid = str(uuids.uuid4())
    failed = subprocess.run(
        [GANTRY, "app", "sandbox", f"--dir={host.dir}", f"--run-dir={host.run}", f"--uuid={uuid}"],
        text=True, capture_output=True, env={**os.environ, "GANTRY_POD": "/no/such"})
    assert failed.returncode == 1
    shown = json.loads(subprocess.run([GANTRY, "status", f"--dir={host.dir}", f"--run-dir={host.run}", "--format=json", uuid], capture_output=True, check=True).stdout)
    assert (shown["state"], shown["error_code"]) == ("exited", "precondition") and "GANTRY_POD" in shown["error"]


def test_plugins_that_hang_share_the_time_of_a_stop(host, plugin):
    pod = host.pod(network=plugin.network(host.confs))
    pod.start()
    plugin.does("DEL", "exec sleep 600")
    begin = time.monotonic()
    with pytest.raises(Failed) as failure:
        pod.call("stop")
    assert failure.value.code == "deadline" and 15 < time.monotonic() - begin < 45
    assert [call["verb"] for call in plugin.calls][:4] == ["ADD", "ADD", "DEL", "DEL"], "the second has its turn, too"
    plugin.does("DEL", "")
    # The unit's own clean-up may have been faster, and hang as long once more.
    pod.wait_dead(60)
    pod.cleanup()
    assert pod.state["network"]["state"] == "detached"


def test_the_last_event_is_not_lost_with_the_supervisor(host, plugin):
    """It ends between the record of the pod's end and the event that tells of it."""
    pod = host.pod(network=plugin.network(host.confs))
    pod.start()
    plugin.does("DEL", 'while [ ! -e "$here/go" ]; do sleep 0.02; done')
    calls = len(plugin.calls)
    stopping = subprocess.Popen(["systemctl", "stop", pod.unit])
    until(lambda: len(plugin.calls) > calls)
    told = f"{host.run}/engine/events/{pod.uuid}"
    # Nothing can be told now.
    os.rename(told, f"{told}.kept")
    os.mkdir(told)
    open(f"{plugin.directory}/go", "w").close()
    stopping.wait(30)
    pod.wait_dead()
    assert pod.state["state"] == "exited"
    os.rmdir(told)
    os.rename(f"{told}.kept", told)
    assert pod.events()[-1]["pod"]["state"] == "deleting"
    pod.cleanup()
    assert pod.events()[-1]["pod"]["state"] == "exited" and left(pod) == []
    assert len(plugin.calls) == calls + 2, "the network is given back once"
