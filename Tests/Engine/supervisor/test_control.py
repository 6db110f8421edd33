"""The control socket under clients that do not behave."""

import os
import select
import socket
import stat
import struct

import pytest
from pods import Failed, answer, send
from waiting import until


def test_the_socket_is_for_root(pod):
    mode = os.stat(f"{pod.run}/control.sock").st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600


def test_ping_tells_the_protocols_to_a_client_of_any(pod):
    with pod.connect() as connection:
        send(connection, {"protocol": 99, "op": "ping"})
        reply = answer(connection)[0]
    assert reply["protocol_min"] == 1 and reply["protocol_max"] >= 1 and reply["uuid"] == pod.uuid


@pytest.mark.parametrize(
    "request_, code",
    [
        ({"protocol": 99, "op": "status"}, "unsupported"),
        ({"op": "status"}, "unsupported"),
        ({"protocol": 1, "op": "no-such"}, "unsupported"),
        ({"protocol": 1}, "unsupported"),
        ({"protocol": 1, "op": "app-start"}, "invalid"),
        ({"protocol": 1, "op": "app-start", "name": 5}, "invalid"),
        ({"protocol": 1, "op": "app-start", "name": "../x"}, "invalid"),
        ({"protocol": 1, "op": "app-start", "name": "nope"}, "not-found"),
        ({"protocol": 1, "op": "app-add", "name": "a"}, "invalid"),
        ({"protocol": 1, "op": "app-add", "name": "a", "image": {"id": "x", "layers": ["relative"]}}, "invalid"),
        ({"protocol": 1, "op": "app-add", "name": "a", "image": {"id": "x", "layers": ["/l"]}, "config": {"colour": 1}}, "invalid"),
        ([1, 2], "unsupported"),
    ],
)
def test_a_bad_request_is_answered_with_what_is_wrong(pod, request_, code):
    with pod.connect() as connection:
        send(connection, request_) if isinstance(request_, dict) else connection.sendall(frame(b"[1, 2]"))
        with pytest.raises(Failed) as failure:
            answer(connection)
    assert failure.value.code == code


WRONG = [
    ("app-stop", {"signal": 15}, "signal"),
    ("app-stop", {"signal": ["TERM"]}, "signal"),
    ("app-stop", {"timeout_ms": "5"}, "timeout_ms"),
    ("app-stop", {"timeout_ms": 1.5}, "timeout_ms"),
    ("app-stop", {"name": ["a"]}, "name"),
    ("app-rm", {"name": 7}, "name"),
    ("app-exec", {"argv": "true"}, "argv"),
    ("app-exec", {"argv": ["echo", 1]}, "argv[1]"),
    ("app-exec", {"argv": ["ec\0ho"]}, "argv[0]"),
    ("app-exec", {"argv": ["true"], "tty": "yes"}, "tty"),
    ("app-exec", {"argv": ["true"], "tty": True, "size": [24, 80]}, "size"),
    ("app-exec", {"argv": ["true"], "timeout_ms": True}, "timeout_ms"),
    ("app-add", {"name": "b", "config": []}, "config"),
    ("app-add", {"name": "b", "config": {"version": 1}, "image": "busybox"}, "image"),
    ("app-add", {"name": "b", "config": {"version": 1}, "image": {"id": "x", "layers": ["/l"]}, "imageMounts": ["x"]}, "imageMounts"),
    ("app-start", {"protocol": "1"}, "protocol"),
    ("status", {"reset": 1}, "reset"),
    ("stop", {"force": "true"}, "force"),
    ("stop", {"force": 1}, "force"),
    ("stop", {"timeout_ms": {}}, "timeout_ms"),
    (7, {}, "op"),
]


def test_a_member_of_a_wrong_type_is_refused_by_name_and_nothing_is_done(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    null = os.open("/dev/null", os.O_RDWR)
    for op, members, name in WRONG:
        fds = [null] * 3 if op == "app-exec" else []
        with pod.connect() as connection, pytest.raises(Failed) as failure:
            send(connection, {"protocol": 1, "op": op, "name": "a", **members}, fds)
            answer(connection)
        assert failure.value.code == "invalid" and name in failure.value.message, (op, members, failure.value.message)
    os.close(null)
    assert [(app["name"], app["state"]) for app in pod.call("status")["pod"]["apps"]] == [("a", "running")]


def frame(body):
    return struct.pack(">I", len(body)) + body


@pytest.mark.parametrize("data", [frame(b"{"), frame(b"\xff\xfe"), frame(b"[" * 100000), struct.pack(">I", 17 << 20), struct.pack(">I", 0)])
def test_garbage_is_answered_and_harmless(pod, data):
    with pod.connect() as connection:
        connection.sendall(data)
        with pytest.raises(Failed):
            answer(connection)
    assert pod.call("ping")["ok"]


def test_clients_that_say_nothing_hold_up_nobody(pod):
    silent = [pod.connect() for _ in range(400)]
    for number, connection in enumerate(silent):
        connection.sendall(frame(b"{}")[: number % 5])
    pod.run_app("a", "/bin/true")
    assert pod.wait_exit("a")["exit_code"] == 0
    for connection in silent:
        connection.close()


def test_a_client_that_does_not_read_holds_up_nobody(pod):
    pod.add("a", "/bin/true", annotations={"x": "y" * 300000})
    deaf = []
    for _ in range(20):
        connection = pod.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        send(connection, {"protocol": 1, "op": "status"})
        deaf.append(connection)
    assert len(pod.call("status")["pod"]["apps"][0]["annotations"]["x"]) == 300000
    for connection in deaf:
        connection.close()


def test_descriptors_that_nobody_asked_for_are_closed(pod):
    before = len(os.listdir(f"/proc/{pod.state['pid']}/fd"))
    null = os.open("/dev/null", os.O_RDONLY)
    for _ in range(50):
        assert pod.call("ping", [null, null, null])["ok"]
    os.close(null)
    until(lambda: len(os.listdir(f"/proc/{pod.state['pid']}/fd")) <= before)


def test_a_stopped_pod_answers_whoever_stopped_it(host):
    pod = host.pod()
    pod.start()
    pod.run_app("a", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")
    assert pod.call("stop", timeout_ms=100)["ok"]
    assert pod.state["state"] == "exited" and pod.record("a")["exit_code"] == 137
    pod.wait_dead()


def waiting(pod, count, op, fds=(), **members):
    """So many requests of one client, none of which is answered for now."""
    return [pod.send(op, fds, **members) for _ in range(count)]


def readable(connections):
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(0)}
    return [connection for connection in connections if connection.fileno() in ready]


def refusals(connections, count):
    """What so many of those are told, and no more of them."""
    until(lambda: len(readable(connections)) >= count, what=f"{count} answers")
    told = []
    for connection in readable(connections):
        with pytest.raises(Failed) as failure:
            answer(connection)
        told.append(failure.value)
    assert len(told) == count and {failure.code for failure in told} == {"exhausted"}
    return told


def test_requests_that_wait_lock_nobody_out(pod):
    stubborn = "trap '' TERM; while :; do sleep 1; done"
    for name in ["a", "b", "c"]:
        pod.run_app(name, "/bin/sh", "-c", stubborn)
    null = os.open("/dev/null", os.O_RDWR)
    try:
        stops = waiting(pod, 1024, "app-stop", name="a", timeout_ms=600000)
        commands = waiting(pod, 300, "app-exec", [null] * 3, name="b", argv=["sleep", "1000"])
        # Whoever wants something short gets in: lists, starts, a command of another app, a stop and a removal.
        assert pod.call("ping")["ok"] and len(pod.call("status")["pod"]["apps"]) == 3
        assert pod.execute("c", "echo", "hello")[:2] == (0, "hello\n")
        pod.run_app("d", "/bin/sleep", "1000")
        assert pod.call("app-stop", name="d", timeout_ms=0)["app"]["exit_code"] == 137
        pod.call("app-rm", name="d")
        assert all("app b: 256 commands" in failure.message for failure in refusals(commands, 300 - 256))
        refusals(stops[:500], 500)
        refusals(stops[500:-32], 1024 - 32 - 500)
        # The shortest grace counts still, whoever waits.
        assert pod.call("app-stop", name="a", timeout_ms=0)["app"]["exit_code"] == 137
        # The oldest of those has made way for that one.
        for connection in stops[-31:]:
            connection.settimeout(60)
            assert answer(connection)[0]["app"]["exit_code"] == 137
    finally:
        os.close(null)
    for connection in stops + commands:
        connection.close()


def test_connections_that_say_nothing_make_way(pod):
    pod.run_app("a", "/bin/sleep", "1000")
    silent = [pod.connect() for _ in range(1500)]
    assert pod.call("ping")["ok"]
    assert pod.call("app-stop", name="a", timeout_ms=0)["app"]["exit_code"] == 137
    for connection in silent:
        connection.close()


def test_a_state_that_is_about_to_change_is_told_as_it_is(pod, tmp_path):
    pod.add("a", "/bin/sleep", "1000", log=f"{tmp_path}/a.log")
    with pytest.raises(Failed) as failure:
        pod.call("app-reopen-log", name="a")
    assert failure.value.code == "precondition" and "is created, not running" in failure.value.message
    pod.start_app("a")
    with pytest.raises(Failed) as failure:
        pod.start_app("a")
    assert "it is running, not created" in failure.value.message
