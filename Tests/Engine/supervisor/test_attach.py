"""Clients of an app's own streams."""

import os
import select
import signal
import subprocess
import time

import pytest
from pods import GANTRY, Failed
from sessions import Session
from waiting import until


def attach(pod, app="a", streams="stdout stderr", wait=True):
    return Session(pod, "app attach", f"--app={app}", streams=streams, wait=wait)


def logged(path):
    with open(path) as file:
        return [line.split(" ", 3)[3].rstrip("\n") for line in file]


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "0.log")


def echoing(pod, log, **config):
    """An app that repeats each line of its input on both streams."""
    pod.add("a", "/bin/sh", "-c", 'while read x; do echo "out $x"; echo "err $x" >&2; done; echo over; sleep 1000', log=log, stdin=True, **config)
    pod.start_app("a")


def test_both_streams_come_apart_and_the_log_has_all(pod, log):
    echoing(pod, log)
    with attach(pod, streams="stdin stdout stderr") as client:
        client.write(b"one\n")
        assert client.read("stdout", until=b"\n") == b"out one\n"
        assert client.read("stderr", until=b"\n") == b"err one\n"
    until(lambda: sorted(logged(log)) == ["err one", "out one"])


def test_what_was_written_before_is_not_repeated(pod, log):
    echoing(pod, log)
    with attach(pod, streams="stdin") as first:
        first.write(b"one\n")
        until(lambda: len(logged(log)) == 2)
    with attach(pod, streams="stdin stdout") as second:
        second.write(b"two\n")
        assert second.read("stdout", until=b"\n") == b"out two\n"


def test_any_number_of_clients_hear_the_same_and_leave_when_they_like(pod, log):
    echoing(pod, log)
    clients = [attach(pod, streams="stdin stdout") for _ in range(5)]
    for number in range(5):
        clients[number].write(f"{number}\n".encode())
        for client in clients[number:]:
            assert client.read("stdout", until=b"\n") == f"out {number}\n".encode()
        clients[number].__exit__()
    assert pod.record("a")["state"] == "running"
    until(lambda: len(logged(log)) == 10)


def test_a_client_who_leaves_does_not_end_the_input(pod, log):
    echoing(pod, log)
    for word in ["one", "two"]:
        with attach(pod, streams="stdin stdout") as client:
            client.write(word.encode() + b"\n")
            assert client.read("stdout", until=b"\n") == f"out {word}\n".encode()
            client.shut("stdin")
    assert "over" not in logged(log)


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_the_input_of_the_first_client_is_the_only_one_where_that_was_asked_for(pod, log, how):
    echoing(pod, log, stdinOnce=True)
    with attach(pod, streams="stdin stdout") as first, attach(pod, streams="stdin stdout") as second:
        first.write(b"one\n")
        assert second.read("stdout", until=b"\n") == b"out one\n"
        with pytest.raises(BrokenPipeError):
            second.write(b"two\n")
        if how == "closed":
            first.shut("stdin")
        else:
            first.__exit__()
        assert second.read("stdout", until=b"over\n") == b"over\n"


def test_an_app_without_input_reads_none(pod):
    pod.run_app("a", "/bin/sh", "-c", "cat; echo over; sleep 1000")
    with attach(pod, streams="stdin stdout") as client, pytest.raises(BrokenPipeError):
        client.write(b"nobody\n")


def test_a_client_hears_the_last_word_and_then_the_end(pod, log):
    pod.add("a", "/bin/sh", "-c", "read x; echo last; exit 3", log=log, stdin=True)
    pod.start_app("a")
    with attach(pod, streams="stdin stdout stderr") as client:
        client.write(b"go\n")
        assert client.read("stdout") == b"last\n" and client.read("stderr") == b""
        assert client.outcome() == 0
    assert pod.wait_exit("a")["exit_code"] == 3


def test_a_client_who_does_not_read_holds_up_nobody_and_is_cut_off(pod, log):
    size = 8 << 20
    pod.add("a", "/bin/sh", "-c", f"read x; head -c {size} /dev/zero | busybox tr '\\0' x; echo; echo done; sleep 1000", log=log, stdin=True)
    pod.start_app("a")
    with attach(pod, streams="stdin stdout") as slow, attach(pod, streams="stdout") as quick:
        slow.write(b"go\n")
        heard = 0
        while heard < size + 6:
            ready, _, _ = select.select([quick.ends["stdout"]], [], [], 60)
            assert ready
            heard += len(os.read(quick.ends["stdout"], 1 << 20))
        with pytest.raises(Failed) as failure:
            slow.outcome()
        assert failure.value.code == "exhausted" and "cut off" in failure.value.message
        # What it had room for is still there, and then the end.
        assert len(slow.read("stdout")) <= 1 << 20
    until(lambda: sum(len(line) for line in logged(log)) >= size, what="all of it in the log")
    assert pod.record("a")["state"] == "running"


def test_a_terminal_is_heard_written_to_and_resized(pod):
    script = "trap 'stty size' WINCH; while :; do read x && echo got $x; done"
    pod.run_app("a", "/bin/sh", "-c", script, tty=True, stdin=True)
    with attach(pod, streams="stdin stdout tty") as client, attach(pod, streams="stdout") as other:
        client.write(b"one\n")
        for session in (client, other):
            assert b"got one" in session.read("stdout", until=b"got one")
        client.resize(132, 50)
        other.read("stdout", until=b"50 132")
    assert pod.record("a")["state"] == "running"
    with attach(pod, streams="stdin stdout tty") as client:
        client.write(b"again\n")
        client.read("stdout", until=b"got again")


def test_an_app_without_a_terminal_has_none_to_give(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    with pytest.raises(Failed) as failure, attach(pod, streams="stdout tty"):
        pass
    assert failure.value.code == "precondition"


def test_only_a_running_app_is_attached_to(pod):
    pod.add("a", "/bin/sleep", "100")
    for app, code in [("a", "precondition"), ("b", "not-found")]:
        with pytest.raises(Failed) as failure, attach(pod, app):
            pass
        assert failure.value.code == code


def test_there_is_a_most_of_clients(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    clients = [attach(pod) for _ in range(16)]
    with pytest.raises(Failed) as failure, attach(pod):
        pass
    assert failure.value.code == "exhausted"
    clients.pop().__exit__()

    def again():
        try:
            clients.append(attach(pod))
        except Failed:
            return False
        return True
    until(again, what="a place for another client")
    for client in clients:
        client.__exit__()


def test_the_end_of_the_pod_ends_its_clients(host):
    pod = host.pod()
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000")
    with attach(pod) as client:
        pod.stop()
        assert client.read("stdout") == b"" and client.outcome() == 0


def test_a_command_line_that_is_killed_leaves_the_app_as_it_is(pod, log):
    echoing(pod, log)
    for delay in range(0, 40, 4):
        with attach(pod, streams="stdin stdout", wait=False) as client:
            time.sleep(delay / 1000)
            client.process.send_signal(signal.SIGKILL)
            client.process.wait()
    with attach(pod, streams="stdin stdout") as client:
        client.write(b"still\n")
        assert client.read("stdout", until=b"still\n") == b"out still\n"


def test_by_hand(pod, log):
    echoing(pod, log)
    command = [GANTRY, "app", "attach", f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "--app=a"]
    with subprocess.Popen([*command, "--stdin", pod.uuid], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"one\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"out one\n" and process.stderr.readline() == b"err one\n"
        process.kill()
    assert pod.record("a")["state"] == "running"
    with subprocess.Popen([*command, pod.uuid], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with attach(pod, streams="stdin") as client:
            until(lambda: client.write(b"two\n") is None and select.select([process.stdout], [], [], 1)[0])
        assert process.stdout.readline() == b"out two\n"
        pod.call("app-stop", name="a", timeout_ms=0)
        assert process.wait(timeout=60) == 0
