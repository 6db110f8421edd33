"""A container that does its worst, and its neighbours in the pod."""

import contextlib
import fcntl
import os
import subprocess
import threading
import time

import pytest
import slow_disk
from freezing import frozen, still
from pods import Failed, answer, sleeping
from waiting import until

# Of one step of the loop (LoopMeter.Bound): work, not time.
MOST = {"bytes": 256 << 10, "children": 64, "connections": 16, "documents": 64 << 10}
# What a request of a neighbour takes, with whatever the flood adds meanwhile.
STEPS = 400


def loop(pod, reset=False):
    return pod.call("status", **({"reset": True} if reset else {}))["loop"]


def bounded(pod):
    """What the loop has done since the last look is within its bounds."""
    seen = loop(pod, reset=True)
    for unit, bound in MOST.items():
        assert seen["most_in_a_step"][unit] <= bound, seen
    return seen


FLOODS = {
    "empty lines": "tr '\\0' '\\n' < /dev/zero",
    "lines of a byte": "yes",
    "lines of 16384 bytes": "x=$(head -c 16384 /dev/zero | tr '\\0' x); while :; do echo $x; done",
    "lines of a million bytes": "while :; do head -c 1000000 /dev/zero; echo; done",
    "no line feed": "cat /dev/zero",
    "both streams": "yes & yes >&2",
}


def flood(pod, name, script, log):
    layer = f"{pod.host.layer}/bin"
    for applet in ("tr", "yes"):
        if not os.path.lexists(f"{layer}/{applet}"):
            os.symlink("busybox", f"{layer}/{applet}")
    return pod.run_app(name, "/bin/sh", "-c", script, log=log)


@pytest.fixture
def logs(tmp_path):
    """Logs in memory, of a bounded size: what does not fit is dropped, as on a full disk."""
    place = tmp_path / "logs"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "logs", place], check=True)
    yield str(place)
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("shape", FLOODS)
def test_a_flood_of_output_takes_no_steps_from_the_neighbours(pod, logs, shape):
    pod.run_app("quiet", "/bin/sleep", "1000")
    flood(pod, "loud", FLOODS[shape], f"{logs}/0.log")
    until(lambda: os.path.getsize(f"{logs}/0.log") > 1 << 20)
    loop(pod, reset=True)
    assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    assert pod.call("app-stop", name="quiet", timeout_ms=0)["app"]["exit_code"] == 137
    seen = bounded(pod)
    assert seen["steps"] < STEPS, seen
    assert pod.call("app-stop", name="loud", timeout_ms=0)["app"]["state"] == "exited"
    bounded(pod)


def test_thousands_of_orphans_are_reaped_a_few_in_a_step_and_none_is_left(host):
    pod = host.pod(namespaces={"pid": "host"})
    pod.start()
    pod.run_app("quiet", "/bin/sleep", "1000")
    pod.run_app("bomb", "/bin/sh", "-c", "while :; do (true & true & true & true &); done")
    supervisor = pod.state["pid"]
    for _ in range(5):
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    pod.call("app-stop", name="quiet", timeout_ms=0)
    assert pod.call("app-stop", name="bomb", timeout_ms=0)["app"]["exit_code"] == 137
    assert bounded(pod)["most_in_a_step"]["children"] > 0
    until(lambda: children(supervisor) == 0)
    pod.stop()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return len(file.read().split())


def test_orphans_do_not_pile_up_while_a_command_is_under_way(host, crun):
    """A crun that hangs, as in a container that is frozen."""
    pod = host.pod(namespaces={"pid": "host"})
    pod.start()
    pod.run_app("quiet", "/bin/sleep", "1000")
    pod.run_app("bomb", "/bin/sh", "-c", "while :; do (true & true & true & true &); done")
    crun("exec", "wait")
    before = loop(pod)["all"]["children"]
    null = os.open("/dev/null", os.O_RDWR)
    connection = pod.send("app-exec", [null, null, null], name="quiet", argv=["true"])
    os.close(null)
    supervisor = pod.state["pid"]

    most = 0
    while loop(pod)["all"]["children"] < before + 3000:
        most = max(most, children(supervisor))
    assert most < 1000, "zombies hold process numbers"
    crun("go", "")
    assert answer(connection)[0]["exit_code"] == 0
    connection.close()
    pod.call("app-stop", name="bomb", timeout_ms=0)
    pod.stop()


def test_a_flood_of_commands_is_taken_in_bounded_steps(pod):
    pod.run_app("busy", "/bin/sleep", "1000")
    pod.run_app("quiet", "/bin/sleep", "1000")
    loop(pod, reset=True)
    null = os.open("/dev/null", os.O_RDWR)
    connections = [pod.send("app-exec", [null, null, null], name="busy", argv=["true"], timeout_ms=50000) for _ in range(150)]
    os.close(null)
    assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    assert [answer(connection)[0]["exit_code"] for connection in connections] == [0] * 150
    for connection in connections:
        connection.close()
    bounded(pod)


def test_large_requests_are_taken_apart_beside_the_loop(pod):
    pod.run_app("quiet", "/bin/sleep", "1000")
    loop(pod, reset=True)
    variables = [{"name": f"V{n}", "value": "x" * 50} for n in range(150000)]
    large = []

    def add():
        with pytest.raises(Failed) as failure:
            pod.add("large", "/bin/true", env=variables, mounts=[{"containerPath": "/x", "hostPath": "/no/such/place"}])
        large.append(failure.value)
    thread = threading.Thread(target=add, daemon=True)
    thread.start()
    for _ in range(10):
        assert pod.call("ping")["ok"]
    thread.join()
    assert large[0].code == "invalid" and "/no/such/place" in large[0].message
    assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    bounded(pod)


def test_too_much_input_at_once_is_refused(pod):
    connections = [pod.connect() for _ in range(5)]
    try:
        for connection in connections:
            connection.sendall((16 << 20).to_bytes(4, "big") + b"{")
        with pytest.raises(Failed) as failure:
            answer(connections[4])
        assert failure.value.code == "exhausted"
        assert pod.call("ping")["ok"]
    finally:
        for connection in connections:
            connection.close()


def content(log):
    return b"".join(line.split(b" ", 3)[3] + b"\n" for line in log.splitlines())


def test_a_log_whose_disk_waits_holds_up_its_own_container_only(pod, tmp_path):
    with slow_disk.mounted(f"{tmp_path}/disk") as disk:
        pod.run_app("slow", "/bin/sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); done", log=f"{tmp_path}/disk/0.log")
        pod.run_app("quiet", "/bin/sh", "-c", "while :; do echo tick; sleep 0.1; done", log=f"{tmp_path}/quiet.log")
        until(lambda: len(disk.content("0.log")) > 1000)
        disk.gate.clear()
        loop(pod, reset=True)
        size = os.path.getsize(f"{tmp_path}/quiet.log")
        until(lambda: os.path.getsize(f"{tmp_path}/quiet.log") > size + 500, what="the neighbour's log")
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        assert pod.execute("slow", "echo", "hello")[:2] == (0, "hello\n"), "it takes commands, too"
        # Its log cannot be reopened for now; whoever asks waits alone.
        reopen = pod.send("app-reopen-log", name="slow")
        assert pod.call("app-stop", name="quiet", timeout_ms=0)["app"]["exit_code"] == 137
        assert pod.call("app-stop", name="slow", timeout_ms=0)["app"]["exit_code"] == 137, "its end is told"
        pod.call("app-rm", name="slow")
        assert loop(pod)["longest_wait_ns"] < 2_000_000_000
        before = disk.content("0.log")
        disk.gate.set()
        # What it had written is logged once the disk takes it, all of a full pipe, each line once.
        answer(reopen)
        reopen.close()
        until(lambda: len(disk.content("0.log")) > len(before) + (64 << 10))
        lines = content(disk.content("0.log")).split(b"\n")[:-1]
        assert lines[:-1] == [b"%d" % n for n in range(len(lines) - 1)] and lines[-1] in (b"%d" % (len(lines) - 1)), "the last may be cut"
        pod.call("app-rm", name="quiet")


@contextlib.contextmanager
def locked(host, operation):
    """Every file and directory of the engine is locked by somebody who does not let go; but for those that a supervisor has locked for life."""
    # What older engines have beside.
    open(f"{host.run}/engine/events/lock", "w").close()
    held = []
    for root in (host.run, host.dir):
        for path, directories, names in os.walk(root):
            directories[:] = [name for name in directories if name not in ("ns", "rootfs", "shm", "upper", "work")]
            for name in [".", *names]:
                with contextlib.suppress(OSError):
                    file = os.open(f"{path}/{name}", os.O_RDONLY | os.O_NONBLOCK)
                    held.append(file)
                    fcntl.flock(file, operation | fcntl.LOCK_NB)
    try:
        yield
    finally:
        for file in held:
            os.close(file)


@pytest.mark.parametrize("operation", [fcntl.LOCK_SH, fcntl.LOCK_EX])
def test_a_lock_that_another_holds_holds_up_no_pod(host, tmp_path, operation):
    pod = host.pod()
    pod.start()
    pod.run_app("quiet", "/bin/sh", "-c", "while :; do echo tick; sleep 0.1; done", log=f"{tmp_path}/quiet.log")
    pod.run_app("ends", "/bin/sleep", "1000")
    open(f"{pod.dir}/cleanup.lock", "w").close()
    with locked(host, operation):
        size = os.path.getsize(f"{tmp_path}/quiet.log")
        assert pod.call("app-stop", name="ends", timeout_ms=0)["app"]["exit_code"] == 137
        assert pod.events()[-1]["app"]["exit_code"] == 137, "it is told"
        pod.call("app-rm", name="ends")
        pod.run_app("new", "/bin/true")
        pod.wait_exit("new")
        assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
        until(lambda: os.path.getsize(f"{tmp_path}/quiet.log") > size + 100, what="the log")
        begin = time.monotonic()
        pod.stop()
        pod.wait_dead()
        assert time.monotonic() - begin < 20
        assert pod.events()[-1]["pod"]["state"] == "exited"


@pytest.mark.parametrize("signal", ["STOP", "freezer"])
def test_a_container_that_stands_still_can_be_stopped(host, signal):
    pod = host.pod()
    pod.start()
    pod.run_app("quiet", "/bin/sleep", "1000")
    record = pod.run_app("still", "/bin/sh", "-c", "while :; do sleep 1; done")
    freezer = next((f"{root}/freezer.state" for root in ["/sys/fs/cgroup/freezer" + record["cgroup"]] if os.path.exists(f"{root}/freezer.state")), None)
    if signal == "freezer" and freezer:
        with open(freezer, "w") as file:
            file.write("FROZEN")
    elif signal == "freezer":
        with open(f"/sys/fs/cgroup{record['cgroup']}/cgroup.freeze", "w") as file:
            file.write("1")
    else:
        subprocess.run(["kill", "-STOP", str(record["pid"])], check=True)
    assert pod.execute("quiet", "echo", "hello")[:2] == (0, "hello\n")
    assert pod.call("app-stop", name="still", timeout_ms=200)["app"]["exit_code"] == 137
    pod.stop()


@pytest.mark.parametrize("levels", [1, 2])
def test_a_container_that_is_frozen_from_above_can_be_stopped(host, levels):
    pod = host.pod()
    pod.start()
    record = pod.run_app("still", "/bin/sleep", "1005")
    place = record["cgroup"]
    # On v2 the supervisor is in what is frozen then, and nobody can be asked.
    if os.path.exists("/sys/fs/cgroup/freezer" + place):
        for _ in range(levels):
            place = os.path.dirname(place)
    with frozen(place, ""):
        assert pod.call("app-stop", name="still", timeout_ms=200)["app"]["exit_code"] == 137
        assert not sleeping("1005")
        # What somebody froze stays so, but for the container itself.
        assert place == record["cgroup"] or still(place)
    pod.stop()


def test_an_idle_pod_has_one_thread(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    tasks = f"/proc/{pod.state['pid']}/task"
    until(lambda: len(os.listdir(tasks)) == 1)
