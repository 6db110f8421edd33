"""Commands executed in apps."""

import os
import subprocess
import time

import pytest
from pods import Failed, answer, receive, until


@pytest.fixture
def app(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    return pod


def sleeping(marker):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in listed if line.split() == ["sleep", marker]]


def cgroups_of_commands():
    return subprocess.run(["find", "/sys/fs/cgroup", "-name", "exec-*"], capture_output=True, text=True).stdout.split()


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
    script = "(setsid sleep 7331 &) ; sh -c '(sleep 7332 &)' ; nohup sleep 7333 & sleep 7334"
    begin = time.monotonic()
    code, _, _, timed_out = app.execute("a", "sh", "-c", script, timeout_ms=400)
    assert (code, timed_out) == (137, True) and time.monotonic() - begin < 10
    until(lambda: not any(sleeping(str(n)) for n in range(7331, 7335)), 5)
    assert app.record("a")["state"] == "running" and app.execute("a", "true")[0] == 0
    until(lambda: not cgroups_of_commands())


def test_a_client_that_goes_away_ends_its_command(app):
    null = os.open("/dev/null", os.O_RDWR)
    connection = app.send("app-exec", [null, null, null], name="a", argv=["sh", "-c", "sleep 7341 & sleep 7342"])
    os.close(null)
    until(lambda: sleeping("7341") and sleeping("7342"))
    connection.close()
    until(lambda: not sleeping("7341") and not sleeping("7342"), 5)
    assert app.record("a")["state"] == "running"


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_answer(app):
    begin = time.monotonic()
    assert app.execute("a", "sh", "-c", "sleep 7351 & echo done")[:2] == (0, "done\n")
    assert time.monotonic() - begin < 5
    # What was left in the background goes on.
    until(lambda: sleeping("7351"))


@pytest.mark.parametrize("command, code", [("/no/such", "not-found"), ("nosuch", "not-found"), ("/etc/passwd", "invalid")])
def test_a_command_that_is_not_there_is_told_so(app, command, code):
    with pytest.raises(Failed) as failure:
        app.execute("a", command)
    assert failure.value.code == code and command in failure.value.message
    assert cgroups_of_commands() == []


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
