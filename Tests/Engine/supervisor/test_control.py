"""The control socket under clients that do not behave."""

import os
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
