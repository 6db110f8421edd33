"""Commands whose streams are handed to the daemon."""

import hashlib
import json
import os
import select
import signal
import subprocess
import time
from collections import Counter

import pytest
from pods import GANTRY, Failed, cgroups_of_commands, sleeping
from sessions import execute
from waiting import until


@pytest.fixture
def app(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    return pod


def supervisor(pod):
    return pod.state["pid"]


def descriptors(pod):
    """How many of each kind the supervisor has."""
    kinds = Counter()
    for fd in os.listdir(f"/proc/{supervisor(pod)}/fd"):
        try:
            kinds[os.readlink(f"/proc/{supervisor(pod)}/fd/{fd}").split(":")[0]] += 1
        except FileNotFoundError:
            pass
    return kinds


def test_the_streams_are_apart_and_the_code_comes_at_the_end(app):
    with execute(app, "a", "sh", "-c", "cat; echo err >&2; exit 7") as session:
        session.write(b"in")
        session.shut("stdin")
        assert session.read("stdout") == b"in"
        assert session.read("stderr") == b"err\n"
        assert session.outcome() == 7
    with execute(app, "a", "sh", "-c", "kill -9 $$", streams="") as session:
        assert session.ends == {} and session.outcome() == 137


def test_only_the_wanted_streams_are_there(app):
    with execute(app, "a", "sh", "-c", "cat; echo dropped >&2; echo out", streams="stdout") as session:
        assert list(session.ends) == ["stdout"]
        assert session.read() == b"out\n" and session.outcome() == 0


def test_nobody_stands_between_a_session_and_its_command(app):
    with execute(app, "a", "sleep", "7401") as session:
        until(lambda: sleeping("7401"))
        assert session.process.returncode == 0, "the command line has ended"
    until(lambda: not sleeping("7401"), what="the command's end with its session")


def test_much_goes_both_ways_whole(app):
    data = os.urandom(1 << 20) * 20
    with execute(app, "a", "cat", streams="stdin stdout") as session:
        child = os.fork()
        if child == 0:
            session.shut("stdout")
            session.write(data)
            os._exit(0)
        session.shut("stdin")
        assert hashlib.sha256(session.read()).digest() == hashlib.sha256(data).digest()
        assert os.waitpid(child, 0)[1] == 0 and session.outcome() == 0


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_outcome(app):
    with execute(app, "a", "sh", "-c", "sleep 7402 & echo done; exit 3") as session:
        assert session.outcome() == 3
        assert session.read("stdout", until=b"done\n") == b"done\n"
        assert sleeping("7402")
    subprocess.run(["pkill", "-xf", "sleep 7402"], check=True)


@pytest.mark.parametrize("command, code", [("/no/such", "invalid"), ("nosuch", "invalid")])
def test_a_command_that_is_not_there_is_told_at_once(app, command, code):
    with pytest.raises(Failed) as failure, execute(app, "a", command):
        pass
    assert failure.value.code == code and command in failure.value.message


def test_only_a_running_app_is_entered(pod):
    pod.add("a", "/bin/sleep", "100")
    with pytest.raises(Failed) as failure, execute(pod, "a", "true"):
        pass
    assert failure.value.code == "precondition"
    with pytest.raises(Failed) as failure, execute(pod, "b", "true"):
        pass
    assert failure.value.code == "not-found"


def test_a_terminal_has_its_size_before_the_command_begins(app):
    # crun sets it a moment after it has let the command's process go on: that one has a shell to begin with.
    with execute(app, "a", "sh", "-c", "stty size; true", streams="stdin stdout tty", arguments=["--size=101x31"]) as session:
        assert list(session.ends) == ["terminal"]
        assert session.read("terminal") == b"31 101\r\n" and session.outcome() == 0


def test_a_terminal_takes_another_size_and_the_signals_of_its_keys(app):
    script = "trap 'stty size' WINCH; trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.1; done"
    with execute(app, "a", "sh", "-c", script, streams="stdin stdout tty") as session:
        session.read("terminal", until=b"ready")
        session.resize(132, 50)
        session.read("terminal", until=b"50 132")
        session.write(b"\x03")
        session.read("terminal", until=b"interrupted")
        assert session.outcome() == 5


def test_a_shell_in_a_terminal(app):
    with execute(app, "a", "sh", streams="stdin stdout tty", arguments=["--size=80x24"]) as session:
        session.read("terminal", until=b"# ")
        session.write(b"tty\n")
        # What is typed before the shell asks for it is dropped with the terminal's change of mode.
        assert b"/dev/pts/" in session.read("terminal", until=b"# ")
        session.write(b"\x04")
        assert session.outcome() == 0


@pytest.mark.parametrize("streams", ["stdin stdout stderr", "stdin stdout tty"])
def test_who_leaves_ends_the_command_with_all_it_started(app, streams):
    with execute(app, "a", "sh", "-c", "trap '' HUP; setsid sleep 7403 & sleep 7404", streams=streams):
        until(lambda: sleeping("7403") and sleeping("7404"))
    until(lambda: not sleeping("7403") and not sleeping("7404"))
    assert app.record("a")["state"] == "running"


@pytest.mark.parametrize("streams, last", [("stdin stdout tty", "terminal"), ("stdin stdout", "stdin")])
def test_who_leaves_takes_all_along_also_where_the_command_ends_before_he_is_missed(app, streams, last):
    """The kernel closes the descriptors of a process that was killed in whatever order."""
    with execute(app, "a", "sh", "-c", "setsid sleep 7409 & cat", streams=streams) as session:
        until(lambda: sleeping("7409"))
        session.shut(last)
        assert select.select([session.control], [], [], 60)[0], "the command's end was told"
        assert sleeping("7409")
    until(lambda: not sleeping("7409"))
    until(lambda: not cgroups_of_commands())


@pytest.mark.parametrize("streams", ["stdin stdout tty", "stdin stdout"])
def test_twenty_sessions_whose_holder_is_killed_leave_nothing(app, streams):
    script = "setsid sleep 7410 & sleep 7410 & cat"
    sessions = [execute(app, "a", "sh", "-c", script, streams=streams) for _ in range(20)]
    until(lambda: len(sleeping("7410")) == 40)
    holder = os.fork()
    if holder == 0:
        signal.pause()
        os._exit(0)
    for session in sessions:
        session.__exit__()
    assert len(sleeping("7410")) == 40
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    until(lambda: not sleeping("7410"))
    until(lambda: not cgroups_of_commands())
    assert app.record("a")["state"] == "running"


@pytest.mark.parametrize("streams", ["stdin stdout tty", "stdin stdout"])
def test_what_a_command_leaves_behind_stays_when_its_end_was_heard(app, streams):
    with execute(app, "a", "sh", "-c", "setsid sleep 7411 & read line; exit 3", streams=streams) as session:
        until(lambda: sleeping("7411"))
        session.write(b"\n")
        assert session.outcome() == 3
    # By then the supervisor has seen that the client has gone.
    assert app.execute("a", "true")[0] == 0
    assert sleeping("7411") and cgroups_of_commands()
    subprocess.run(["pkill", "-xf", "sleep 7411"], check=True)
    until(lambda: not cgroups_of_commands())


def test_a_session_leaves_nothing(app):
    with execute(app, "a", "true") as session:
        assert session.outcome() == 0
    before = descriptors(app)
    terminals = set(os.listdir("/dev/pts"))
    for number in range(20):
        streams = "stdin stdout tty" if number % 2 else "stdin stdout stderr"
        with execute(app, "a", "sleep", "7405", streams=streams):
            pass
    until(lambda: not sleeping("7405"))
    until(lambda: not descriptors(app) - before, what=f"the supervisor's {before}")
    assert set(os.listdir("/dev/pts")) == terminals
    until(lambda: not [name for name in os.listdir(f"{app.run}/apps/a") if name.startswith("exec-")])


def test_a_command_line_that_is_killed_before_it_hands_over_ends_its_command(app):
    """At any moment: either the session is there, and its own, or nothing is."""
    for delay in range(0, 60, 4):
        with execute(app, "a", "sh", "-c", "sleep 7406 & sleep 7406", wait=False) as session:
            time.sleep(delay / 1000)
            session.process.send_signal(signal.SIGKILL)
            session.process.wait()
    until(lambda: not sleeping("7406"), what="the end of the commands")
    assert app.execute("a", "true")[0] == 0


def test_the_end_of_the_supervisor_is_the_end_of_the_session(host):
    app = host.pod()
    app.start()
    app.run_app("a", "/bin/sleep", "1000")
    with execute(app, "a", "sleep", "7407") as session:
        until(lambda: sleeping("7407"))
        app.kill()
        with pytest.raises((EOFError, ConnectionResetError)):
            session.outcome()
        assert session.read() == b""
    app.wait_dead()
    assert not sleeping("7407")


def test_many_sessions_at_once(app):
    sessions = [execute(app, "a", "sh", "-c", f"cat; exit {number}", streams="stdin stdout") for number in range(30)]
    for number, session in enumerate(sessions):
        session.write(f"{number}".encode())
        session.shut("stdin")
    for number, session in enumerate(sessions):
        with session:
            assert session.read() == f"{number}".encode() and session.outcome() == number


def test_an_idle_session_costs_no_process(app):
    def private():
        with open(f"/proc/{supervisor(app)}/smaps_rollup") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private"))
    with execute(app, "a", "true") as session:
        session.outcome()
    before = private()
    sessions = [execute(app, "a", "sleep", "7408") for _ in range(10)]
    cost = (private() - before) / len(sessions)
    print(f"an idle session costs the supervisor {cost} KiB")
    for session in sessions:
        session.__exit__()
    assert cost < 512
    until(lambda: not sleeping("7408"))


def test_the_socket_must_be_one(app):
    command = [GANTRY, "app", "exec", f"--dir={app.host.dir}", f"--run-dir={app.host.run}", "--format=json", "--session=0", "--app=a", app.uuid, "true"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    error = json.loads(run.stderr.splitlines()[-1])["error"]
    assert run.returncode == 254 and error["code"] == "invalid" and "SOCK_SEQPACKET" in error["message"]
