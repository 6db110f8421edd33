"""Apps: their logs, how they end, and what is left of them."""

import os
import subprocess
import threading
import time

import pytest
from pods import GANTRY, NODE_IMAGE, Failed, answer, sleeping
from waiting import until


def log_lines(path):
    with open(path) as file:
        return [line.rstrip("\n").split(" ", 3)[1:] for line in file]


def test_both_streams_reach_the_log(pod, tmp_path):
    path = f"{tmp_path}/deep/er/0.log"
    pod.run_app("a", "/bin/sh", "-c", "echo out; echo err >&2; printf unfinished", log=path)
    pod.wait_exit("a")
    lines = log_lines(path)
    assert ["stdout", "F", "out"] in lines and ["stderr", "F", "err"] in lines and ["stdout", "P", "unfinished"] in lines


def test_no_line_is_lost_when_an_app_writes_and_ends(pod, tmp_path):
    path = f"{tmp_path}/0.log"
    pod.run_app("a", "/bin/sh", "-c", "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", log=path)
    pod.wait_exit("a")
    assert [line[2] for line in log_lines(path)] == [f"line {i}" for i in range(5000)]


@pytest.mark.parametrize(
    "command, code, reason",
    [("exit 0", 0, "Completed"), ("exit 3", 3, "Error"), ("exit 255", 255, "Error"), ("kill -9 $$", 137, "Error"), ("kill -TERM $$; sleep 9", 143, "Error")],
)
def test_the_exit_is_the_process_own(host, command, code, reason):
    # In the host's PID namespace, where a shell is not PID 1 and can kill itself.
    pod = host.pod(namespaces={"pid": "host"})
    pod.start()
    started = pod.run_app("a", "/bin/sh", "-c", command)
    # It may be over by the time that the start is answered.
    assert started["state"] in ("running", "exited") and started["started_at"] > 0
    record = pod.wait_exit("a")
    assert (record["exit_code"], record["reason"]) == (code, reason)
    assert record["created_at"] <= record["started_at"] <= record["finished_at"]
    assert "pid" not in record
    pod.stop()


@pytest.mark.parametrize("command", [["/no/such"], ["nosuch"], ["/etc/passwd"], ["/bin"]])
def test_a_command_that_cannot_be_started_is_a_start_error(pod, command):
    assert pod.add("a", *command)["state"] == "created"
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert failure.value.code == "invalid" and command[0] in failure.value.message
    record = pod.record("a")
    assert (record["state"], record["exit_code"], record["reason"]) == ("exited", 128, "StartError")
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert failure.value.code == "precondition"
    pod.call("app-rm", name="a")
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.run}/apps") == []


def test_a_failed_add_leaves_nothing_and_the_name_free(pod):
    with pytest.raises(Failed) as failure:
        pod.add("a", "/bin/true", mounts=[{"containerPath": "/x", "hostPath": "/no/such/place"}])
    assert failure.value.code == "invalid" and "/no/such/place" in failure.value.message
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.run}/apps") == []
    pod.run_app("a", "/bin/true")
    assert pod.wait_exit("a")["exit_code"] == 0


def test_what_an_add_lacks_is_not_an_app_that_is_not_found(pod):
    for image in ({"layers": ["/no/such/layer"]}, {"layers": ["/no/such/layer", pod.host.layer]}):
        with pytest.raises(Failed) as failure:
            pod.add("a", "/bin/true", image=image)
        assert failure.value.code == "invalid" and "No such file" in failure.value.message


def test_an_add_does_not_wait_for_the_container_and_its_start_does(crun, pod):
    crun("create", "wait")
    assert pod.add("a", "/bin/sleep", "1000")["state"] == "created"
    assert pod.record("a")["state"] == "created" and os.listdir(f"{pod.host.run}/engine/crun") == []
    start = pod.send("app-start", name="a")
    update = pod.send("app-update", name="a", config={"version": 1, "resources": {"memoryLimit": 64 << 20}})
    # Meanwhile the supervisor serves others.
    assert [app["state"] for app in pod.call("status")["pod"]["apps"]] == ["created"]
    open("/run/gantry-crun/go", "w").close()
    record = answer(start)[0]["app"]
    assert record["state"] == "running" and record["pid"] == pod.record("a")["pid"]
    assert answer(update)[0]["app"]["resources"]["memoryLimit"] == 64 << 20
    start.close()
    update.close()


def test_a_command_waits_while_others_stand_still_for_a_container_that_is_made(crun, host):
    pod = host.pod(namespaces={"pid": "pod"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000")
    crun("create", "wait")
    pod.add("b", "/bin/sleep", "1000")
    until(lambda: not os.path.exists("/run/gantry-crun/create"), what="crun's start")
    threading.Timer(1, lambda: open("/run/gantry-crun/go", "w").close()).start()
    assert pod.execute("a", "echo", "hello")[:2] == (0, "hello\n")
    assert os.path.exists("/run/gantry-crun/go")
    pod.start_app("b")
    pod.stop()


@pytest.mark.parametrize("verb", ["app-stop", "app-rm"])
def test_an_app_whose_container_is_still_being_made_can_be_taken_back(crun, pod, verb):
    crun("create", "wait")
    pod.add("a", "/bin/sleep", "1000")
    start = pod.send("app-start", name="a")
    begin = time.monotonic()
    pod.call(verb, name="a")
    assert time.monotonic() - begin < 30
    with pytest.raises(Failed) as failure:
        answer(start)
    assert failure.value.code == "deadline" and "wanted gone" in failure.value.message
    start.close()
    if verb == "app-stop":
        assert pod.record("a")["exit_code"] == 128
        pod.call("app-rm", name="a")
    assert os.listdir(f"{pod.dir}/apps") == os.listdir(f"{pod.run}/apps") == os.listdir(f"{pod.host.run}/engine/crun") == []
    open("/run/gantry-crun/go", "w").close()


def test_what_a_container_cannot_be_made_of_is_a_start_error(pod):
    """Whether the addition was answered by the time that it is known would be chance."""
    assert pod.add("a", "/bin/true", workingDir="/etc/passwd")["state"] == "created"
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert failure.value.code == "internal" and "/etc/passwd" in failure.value.message
    record = pod.record("a")
    assert (record["state"], record["exit_code"], record["reason"]) == ("exited", 128, "StartError")
    pod.call("app-rm", name="a")
    assert os.listdir(f"{pod.dir}/apps") == os.listdir(f"{pod.run}/apps") == os.listdir(f"{pod.host.run}/engine/crun") == []


def test_an_app_that_was_not_started_and_cannot_be_goes_without_a_word(pod):
    pod.add("a", "/bin/true", workingDir="/etc/passwd")
    pod.call("app-stop", name="a")
    assert pod.record("a")["state"] == "exited"
    pod.call("app-rm", name="a")
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.run}/apps") == []


def test_a_name_is_taken_once(pod):
    pod.add("a", "/bin/true")
    with pytest.raises(Failed) as failure:
        pod.add("a", "/bin/true")
    assert failure.value.code == "exists"


MEMORY_HOG = "head -c 200m /dev/zero | tail -c 180m | wc -c; exit 5"


def test_a_kill_at_the_apps_own_limit_is_the_reason(pod):
    pod.run_app("a", "/bin/sh", "-c", MEMORY_HOG, resources={"memoryLimit": 24 << 20})
    record = pod.wait_exit("a")
    assert (record["exit_code"], record["reason"]) == (5, "OOMKilled")


def test_a_kill_at_the_pods_limit_is_the_reason(host):
    pod = host.pod()
    pod.start("MemoryMax=40M", "MemoryLimit=40M")
    pod.run_app("a", "/bin/sh", "-c", MEMORY_HOG)
    record = pod.wait_exit("a")
    assert (record["exit_code"], record["reason"]) == (5, "OOMKilled")
    pod.stop()


def test_a_kernel_kill_that_the_app_survives_is_no_reason(pod):
    pod.run_app("a", "/bin/sh", "-c", MEMORY_HOG.replace("exit 5", "exit 0"), resources={"memoryLimit": 24 << 20})
    record = pod.wait_exit("a")
    assert (record["exit_code"], record["reason"]) == (0, "Completed")


def test_a_kernel_kill_in_an_executed_command_is_not_forgotten(pod):
    pod.run_app("a", "/bin/sh", "-c", "trap 'exit 4' TERM; while :; do sleep 1 & wait; done", resources={"memoryLimit": 24 << 20})
    pod.execute("a", "sh", "-c", MEMORY_HOG)
    pod.call("app-stop", name="a")
    assert pod.record("a")["reason"] == "OOMKilled"


def test_a_hundred_and_twenty_seven_layers_are_mounted_in_their_order(pod):
    layers = [pod.host.layer]
    for number in range(2, 128):
        path = f"{pod.host.dir}/images/layers/{number}"
        os.makedirs(f"{path}/etc")
        for name in (f"{number}", "last"):
            with open(f"{path}/etc/{name}", "w") as file:
                file.write(f"{number}")
        layers.append(path)
    image = {"id": "sha256:1", "name": "deep", "config": {"Env": ["PATH=/bin"]}, "layers": layers}
    config = {"version": 1, "command": ["/bin/sleep", "100"], "seccomp": {"type": "unconfined"}}
    pod.call("app-add", name="a", config=config, image=image)
    pod.start_app("a")
    assert pod.execute("a", "cat", "/etc/2", "/etc/64", "/etc/last")[1] == "264127"


GRACEFUL = "trap 'echo bye; exit 9' TERM; while :; do sleep 1 & wait; done"
STUBBORN = "trap '' TERM; while :; do sleep 1; done"


def test_stop_asks_first(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", GRACEFUL, log=f"{tmp_path}/0.log")
    pod.wait_sleep("a", 1)
    record = pod.call("app-stop", name="a", timeout_ms=20000)["app"]
    assert (record["state"], record["exit_code"]) == ("exited", 9)
    assert log_lines(f"{tmp_path}/0.log") == [["stdout", "F", "bye"]]
    assert pod.call("app-stop", name="a")["app"] == record


def test_stop_kills_what_does_not_listen(pod):
    pod.run_app("a", "/bin/sh", "-c", STUBBORN)
    begin = time.monotonic()
    record = pod.call("app-stop", name="a", timeout_ms=300)["app"]
    assert record["exit_code"] == 137 and 0.3 <= time.monotonic() - begin < 10


def test_stop_with_no_grace_does_not_ask(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", GRACEFUL, log=f"{tmp_path}/0.log")
    pod.wait_sleep("a", 1)
    assert pod.call("app-stop", name="a", timeout_ms=0)["app"]["exit_code"] == 137
    assert log_lines(f"{tmp_path}/0.log") == []


def test_stop_sends_the_signal_that_is_asked_for(pod):
    pod.run_app("a", "/bin/sh", "-c", "trap 'exit 7' USR1; while :; do sleep 1 & wait; done")
    pod.wait_sleep("a", 1)
    assert pod.call("app-stop", name="a", signal="SIGUSR1", timeout_ms=20000)["app"]["exit_code"] == 7


def test_a_shorter_stop_shortens_one_that_waits(pod):
    pod.run_app("a", "/bin/sh", "-c", STUBBORN)
    # The supervisor takes requests in the order of their connections.
    with pod.send("app-stop", name="a", timeout_ms=50000) as waiting:
        assert pod.call("app-stop", name="a", timeout_ms=100)["app"]["exit_code"] == 137
        waiting.settimeout(20)
        assert answer(waiting)[0]["app"]["exit_code"] == 137


def test_an_app_that_was_never_started_can_be_stopped_and_removed(pod):
    pod.add("a", "/bin/sleep", "100")
    assert pod.call("app-stop", name="a")["app"]["exit_code"] == 137
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert failure.value.code == "precondition"
    pod.call("app-rm", name="a")


def test_remove_ends_what_runs_and_is_repeatable(pod):
    pod.run_app("a", "/bin/sh", "-c", STUBBORN)
    left_over = pod.call("app-rm", name="a")["garbage"]
    assert os.listdir(f"{pod.dir}/apps") == [] and os.listdir(f"{pod.run}/apps") == []
    assert "garbage" not in pod.call("app-rm", name="a")
    # The supervisor does not wait for the deletion of what the app had written: its client does it, and what a client left is the next removal's.
    garbage = f"{pod.host.dir}/pods/garbage"
    assert os.listdir(garbage) == [left_over] and left_over.startswith(f"{pod.uuid}.a.")
    places = [f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}"]
    pod.run_app("b", "/bin/sh", "-c", "touch /x")
    subprocess.run([GANTRY, "app", "rm", *places, "--app=b", pod.uuid], check=True)
    assert os.listdir(garbage) == [] and os.listdir(f"{pod.dir}/apps") == []


def test_what_an_app_in_the_hosts_pid_namespace_leaves_is_killed(host, tmp_path):
    pod = host.pod(namespaces={"pid": "host"})
    pod.start()
    script = "setsid sleep 31337 >/dev/null 2>&1 & while [ ! -e /go/now ]; do sleep 0.05; done; exit 0"
    pod.run_app("a", "/bin/sh", "-c", script, mounts=[{"containerPath": "/go", "hostPath": str(tmp_path)}])
    until(lambda: sleeping("31337"))
    (tmp_path / "now").touch()
    assert pod.wait_exit("a")["exit_code"] == 0
    # It was sent its signal before the exit was recorded; it takes a moment to die.
    until(lambda: not sleeping("31337"))
    pod.stop()


def test_an_app_joins_the_pids_of_another_that_is_still_being_made(crun, pod):
    crun("create", "wait")
    pod.add("a", "/bin/sleep", "1000")
    until(lambda: not os.path.exists("/run/gantry-crun/create"), what="crun's start")
    addition = pod.send("app-add", name="b", image={**NODE_IMAGE, "layers": [pod.host.layer]}, config={
        "version": 1, "command": ["/bin/sleep", "1000"], "seccomp": {"type": "unconfined"}, "namespaces": {"pid": "target", "target": "a"}})
    open("/run/gantry-crun/go", "w").close()
    assert answer(addition)[0]["app"]["state"] == "created"
    addition.close()
    pod.start_app("b")
    one, other = (os.readlink(f"/proc/{pod.call('status')['pod']['apps'][n]['pid']}/ns/pid") for n in (0, 1))
    assert one == other


def test_an_app_joins_the_pids_of_another(pod):
    pod.run_app("a", "/bin/sleep", "4321")
    pod.run_app("debug", "/bin/sleep", "100", namespaces={"pid": "target", "target": "a"})
    pod.wait_command("a", "/bin/sleep", "4321")
    assert "/bin/sleep 4321" in pod.processes("debug")
    pod.call("app-rm", name="debug")
    assert pod.record("a")["state"] == "running"


def test_standard_input_stays_open_only_where_it_is_asked_for(pod):
    pod.run_app("open", "/bin/cat", stdin=True)
    pod.run_app("closed", "/bin/cat")
    assert pod.wait_exit("closed")["exit_code"] == 0
    assert pod.record("open")["state"] == "running"


def test_an_app_with_a_terminal_writes_to_its_log(pod, tmp_path):
    pod.run_app("a", "/bin/sh", "-c", "tty && echo yes", tty=True, log=f"{tmp_path}/0.log")
    assert pod.wait_exit("a")["exit_code"] == 0
    assert [line[2] for line in log_lines(f"{tmp_path}/0.log")] == ["/dev/pts/0", "yes"]


def test_the_log_is_reopened_without_losing_a_line(pod, tmp_path):
    path = f"{tmp_path}/0.log"
    pod.run_app("a", "/bin/sh", "-c", "i=0; while [ $i -lt 300 ]; do echo $i; i=$((i+1)); sleep 0.002; done", log=path)
    parts = []
    while pod.record("a")["state"] == "running":
        moved = f"{tmp_path}/{len(parts)}.old"
        os.rename(path, moved)
        parts.append(moved)
        try:
            pod.call("app-reopen-log", name="a")
        except Failed as failure:
            assert failure.code == "precondition"
            break
        time.sleep(0.05)
    pod.wait_exit("a")
    parts += [path] if os.path.exists(path) else []
    assert [line[2] for part in parts for line in log_lines(part)] == [str(i) for i in range(300)]


def test_the_cgroup_is_named_for_the_app(pod):
    name = "0123456789abcdef" * 4
    record = pod.run_app(name, "/bin/sleep", "100")
    assert record["cgroup"] == f"{pod.state['cgroup']}/{name}"
    with open(f"/proc/{record['pid']}/cgroup") as file:
        assert all(line.strip().endswith(f"/{name}") for line in file)


def test_an_app_inherits_neither_descriptors_nor_the_notify_socket(pod):
    pod.run_app("a", "/bin/sleep", "100")
    pod.wait_command("a", "/bin/sleep", "100")
    record = pod.record("a")
    assert sorted(os.listdir(f"/proc/{record['pid']}/fd"), key=int) == ["0", "1", "2"]
    with open(f"/proc/{record['pid']}/environ") as file:
        names = [item.split("=")[0] for item in file.read().split("\0")]
    assert not {"NOTIFY_SOCKET", "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_FDS"} & set(names)
