"""Commands executed in apps."""

import json
import os
import shutil
import stat
import subprocess
import time

import pytest
from freezing import frozen, still
from pods import GANTRY, Failed, answer, cgroups_of_commands, receive, sleeping
from waiting import has_ended, until


@pytest.fixture
def app(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    return pod


def test_the_code_and_both_streams_come_back(app):
    assert app.execute("a", "sh", "-c", "echo out; echo err >&2; exit 7") == (7, "out\n", "err\n", False)
    assert app.execute("a", "sh", "-c", "kill -9 $$")[0] == 137
    until(lambda: not cgroups_of_commands())


def test_a_command_runs_as_the_app_in_its_cgroup(pod):
    pod.run_app("a", "/bin/sleep", "1000", user={"uid": 1000, "gid": 1000}, workingDir="/tmp", env=[{"name": "A", "value": "x\ny"}])
    code, out, _, _ = pod.execute("a", "sh", "-c", 'id -u; id -g; pwd; echo "$A"; cat /proc/self/cgroup')
    lines = out.splitlines()
    assert code == 0 and lines[:5] == ["1000", "1000", "/tmp", "x", "y"]
    # Inside a cgroup namespace (v2) the app's own cgroup is the root.
    assert all(f"{pod.state['cgroup']}/a/exec-" in line or line.startswith("0::/exec-") for line in lines[5:])


def test_at_the_deadline_the_whole_tree_is_killed_and_nothing_else(app):
    script = "(setsid sleep 7331 &) ; sh -c '(sleep 7332 &)' ; setsid sleep 7333 & sleep 7334"
    begin = time.monotonic()
    code, _, _, timed_out = app.execute("a", "sh", "-c", script, timeout_ms=400)
    assert (code, timed_out) == (137, True) and time.monotonic() - begin < 10
    assert not any(sleeping(str(n)) for n in range(7331, 7335)), "the answer says that they are dead"
    assert app.record("a")["state"] == "running" and app.execute("a", "true")[0] == 0
    until(lambda: not cgroups_of_commands())


def test_a_client_that_goes_away_ends_its_command(app):
    null = os.open("/dev/null", os.O_RDWR)
    connection = app.send("app-exec", [null, null, null], name="a", argv=["sh", "-c", "sleep 7341 & sleep 7342"])
    os.close(null)
    until(lambda: sleeping("7341") and sleeping("7342"))
    connection.close()
    until(lambda: not sleeping("7341") and not sleeping("7342"))
    assert app.record("a")["state"] == "running"


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_answer(app):
    begin = time.monotonic()
    assert app.execute("a", "sh", "-c", "sleep 7351 & echo done")[:2] == (0, "done\n")
    assert time.monotonic() - begin < 30
    # What was left in the background goes on, and its cgroup goes with it.
    until(lambda: sleeping("7351"))
    assert cgroups_of_commands()
    subprocess.run(["pkill", "-xf", "sleep 7351"], check=True)
    until(lambda: not cgroups_of_commands())
    assert app.record("a")["state"] == "running"


@pytest.mark.parametrize("command, code", [("/no/such", "invalid"), ("nosuch", "invalid"), ("/etc/passwd", "invalid")])
def test_a_command_that_is_not_there_is_told_so(app, command, code):
    with pytest.raises(Failed) as failure:
        app.execute("a", command)
    assert failure.value.code == code and command in failure.value.message
    until(lambda: cgroups_of_commands() == [])


def test_only_a_running_app_takes_commands(pod):
    pod.add("a", "/bin/sleep", "100")
    with pytest.raises(Failed) as failure:
        pod.execute("a", "true")
    assert failure.value.code == "precondition"
    with pytest.raises(Failed) as failure:
        pod.execute("b", "true")
    assert failure.value.code == "not-found"


def test_a_terminal_comes_with_the_first_answer(app):
    connection = app.send("app-exec", name="a", argv=["sh", "-c", "tty; read x; echo got $x; exit 4"], tty=True)
    started, (terminal,) = receive(connection)
    assert started["started"]
    os.write(terminal, b"abc\n")
    assert answer(connection)[0]["exit_code"] == 4
    seen = b""
    try:
        while chunk := os.read(terminal, 4096):
            seen += chunk
    except OSError:  # the other side is closed
        pass
    os.close(terminal)
    connection.close()
    assert b"/dev/pts/" in seen and b"got abc" in seen


def test_many_commands_at_once(app):
    null = os.open("/dev/null", os.O_RDWR)
    connections = [app.send("app-exec", [null, null, null], name="a", argv=["sh", "-c", f"exit {n}"]) for n in range(40)]
    os.close(null)
    assert [answer(connection)[0]["exit_code"] for connection in connections] == list(range(40))
    for connection in connections:
        connection.close()


def test_the_end_of_the_app_ends_its_commands(app):
    null = os.open("/dev/null", os.O_RDWR)
    connection = app.send("app-exec", [null, null, null], name="a", argv=["sleep", "7361"])
    os.close(null)
    until(lambda: sleeping("7361"))
    app.call("app-stop", name="a", timeout_ms=0)
    assert answer(connection)[0]["exit_code"] == 137
    connection.close()


def device(path):
    info = os.stat(path)
    return info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode), info.st_rdev


def test_nothing_of_the_host_becomes_the_commands_own(pod, tmp_path):
    """crun gives the standard streams of a command to its user."""
    before = device("/dev/null")
    pod.run_app("a", "/bin/sleep", "1000", user={"uid": 1000, "gid": 1000})
    null = os.open("/dev/null", os.O_RDWR)
    connection = pod.send("app-exec", [null, null, null], name="a", argv=["sh", "-c", "cat; echo x; echo y >&2; exit 5"])
    assert answer(connection)[0]["exit_code"] == 5
    connection.close()
    os.close(null)
    connection = pod.send("app-exec", name="a", argv=["true"], tty=True)
    # Whose terminal goes gets a SIGHUP: it is held until the command has ended.
    terminal = receive(connection)[1][0]
    assert answer(connection)[0]["exit_code"] == 0
    os.close(terminal)
    connection.close()
    pod.run_app("t", "/bin/sleep", "1000", user={"uid": 1000, "gid": 1000}, tty=True)
    assert device("/dev/null") == before

    file = tmp_path / "file"
    file.write_text("content")
    handle = os.open(file, os.O_RDONLY)
    out, end = os.pipe()
    with pytest.raises(Failed) as failure:
        answer(pod.send("app-exec", [handle, end, end], name="a", argv=["cat"]))
    assert failure.value.code == "invalid"
    for descriptor in (handle, out, end):
        os.close(descriptor)


def test_the_command_line_keeps_what_it_was_given(pod, tmp_path):
    before = device("/dev/null")
    pod.run_app("a", "/bin/sleep", "1000", user={"uid": 1000, "gid": 1000})
    command = [GANTRY, "app", "exec", f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "--app=a", pod.uuid]
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_text("x" * 300000)
    with open(source) as stdin, open(target, "w") as stdout:
        assert subprocess.run([*command, "sh", "-c", "cat; exit 3"], stdin=stdin, stdout=stdout).returncode == 3
    assert target.read_text() == source.read_text()
    assert os.stat(source).st_uid == 0 and os.stat(target).st_uid == 0
    assert subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    # One that never reads what it is sent.
    with open(source) as stdin:
        assert subprocess.run([*command, "true"], stdin=stdin, timeout=20).returncode == 0
    assert subprocess.run([*command, "--", "cat"], input="piped", capture_output=True, text=True).stdout == "piped"
    json_answer = subprocess.run([command[0], *command[1:3], "--format=json", *command[3:], "cat"], capture_output=True, text=True)
    assert json.loads(json_answer.stdout)["exit_code"] == 0
    assert device("/dev/null") == before


def test_the_kernels_score_is_the_apps_own(host):
    own = int(open("/proc/self/oom_score_adj").read())
    pod = host.pod()
    pod.start(f"OOMScoreAdjust={max(own, -998)}")
    wanted = own + 300
    pod.run_app("a", "/bin/sleep", "1000", resources={"oomScoreAdj": wanted})
    pod.run_app("b", "/bin/sleep", "1000")
    score = "/proc/self/oom_score_adj"
    assert pod.execute("a", "cat", score)[1] == f"{wanted}\n"
    assert pod.execute("b", "cat", score)[1] == f"{max(0, own)}\n"
    assert int(open(f"/proc/{pod.state['pid']}/oom_score_adj").read()) == max(own, -998)
    pod.stop()


def test_an_app_that_has_just_ended_takes_no_commands(pod):
    # What holds the pipe is out of the app's namespace: its output is waited for a moment.
    pod.run_app("a", "/bin/sh", "-c", "sleep 1000 & exec sleep 0.3", namespaces={"pid": "host"})
    pid = pod.record("a").get("pid")
    # Not before the kernel has told the supervisor: only then it has ended.
    until(lambda: pid is None or has_ended(pid))
    with pytest.raises(Failed) as failure:
        pod.execute("a", "true")
    assert failure.value.code == "precondition"


def test_a_command_behind_a_link_into_a_volume_is_found(pod, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    shutil.copy("/bin/busybox", tools / "busybox")
    os.symlink("/tools/busybox", tools / "sleep")
    os.chmod(tmp_path, 0o755)
    pod.run_app("a", "/proc/self/root/tools/sleep", "1000", mounts=[{"containerPath": "/tools", "hostPath": str(tools)}])
    assert pod.record("a")["state"] == "running"
    assert pod.execute("a", "/proc/self/root/tools/sleep", "0")[0] == 0


@pytest.mark.parametrize("command", ["sleep 7341", "(setsid sleep 7342 &) ; sleep 7341"])
def test_the_deadline_holds_in_a_container_that_is_frozen_after_the_command_began(app, command):
    record = app.record("a")
    null = os.open("/dev/null", os.O_RDWR)
    connection = app.send("app-exec", [null] * 3, name="a", argv=["sh", "-c", command], timeout_ms=3000)
    os.close(null)
    until(lambda: sleeping("7341"), what="the command")
    with frozen(record["cgroup"], ""):
        assert answer(connection)[0]["timed_out"]
        assert not sleeping("7341") and not sleeping("7342")
        # What somebody froze stays so.
        assert still(record["cgroup"])
    connection.close()
    assert app.execute("a", "echo", "hello")[:2] == (0, "hello\n")
    until(lambda: not cgroups_of_commands())
