"""Sessions by the gateway's own door: a ticket for each, in the WebSocket's subprotocol, and the gateway's rules of access."""

import contextlib
import hashlib
import json
import os
import socket

import pytest
import websocket
from gateway import SOCKET, Gateway
from node import eventually
from test_gateway_tcp import PORT, door  # noqa: F401
from test_streaming import read_all

from spdy_client import code_of_status

V5 = "v5.channel.k8s.io"


@pytest.fixture
def gateway(node):
    return Gateway()


@contextlib.contextmanager
def session(*subprotocols, tcp=False, **options):
    """A WebSocket by `websocket-client`."""
    if tcp:
        connection = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        url = f"ws://127.0.0.1:{PORT}/v1/sessions"
    else:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(SOCKET)
        url = "ws://localhost/v1/sessions"
    with contextlib.closing(connection):
        socket_ = websocket.create_connection(
            url, socket=connection, subprotocols=list(subprotocols), timeout=60, suppress_origin="origin" not in options, **options)
        try:
            yield socket_
        finally:
            socket_.close()


def refused(*subprotocols, **options):
    """The status with which the session is refused."""
    with pytest.raises(websocket.WebSocketBadStatusException) as error, session(*subprotocols, **options):
        pass
    return error.value.status_code


def handshake(field):
    """Head and document of the answer to a handshake with this field that lacks one."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(SOCKET)
        connection.sendall(f"GET /v1/sessions HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n{field}\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, json.loads(body)


def grant(gateway, container, *command, **streams):
    return gateway.post(f"/v1/containers/{container}/sessions/exec", {"cmd": command, "stdout": True, **streams})["ticket"]


def forward(gateway, pod, *ports):
    return gateway.post(f"/v1/pods/{pod}/sessions/portforward", {"port": ports})["ticket"]


def test_exec(gateway, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    content = os.urandom(3 << 20)
    with session(V5, grant(gateway, container[:12], "sh", "-c", "md5sum; echo err >&2; exit 7", stdin=True, stderr=True)) as shell:
        assert shell.getsubprotocol() == V5
        for start in range(0, len(content), 100_000):
            shell.send_binary(b"\0" + content[start:start + 100_000])
        shell.send_binary(b"\xff\0")
        found = read_all(shell)
    assert found[1].split()[0].decode() == hashlib.md5(content).hexdigest()
    assert (found[2], code_of_status(found[3])) == (b"err\n", 7)


def test_a_session_goes_on_when_nothing_is_said(gateway, pod, busybox):
    """Longer than a connection of HTTP may be idle."""
    container = pod.run(busybox, "sleep", "1000")
    with session(V5, grant(gateway, container, "sh", "-c", "sleep 35; echo still here")) as shell:
        assert read_all(shell)[1] == b"still here\n"


def test_a_terminal(gateway, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    with session(V5, grant(gateway, container, "sh", "-c", "stty size; read x; stty size", stdin=True, tty=True)) as shell:
        shell.send_binary(b"\x04" + json.dumps({"Width": 80, "Height": 24}).encode())
        out = b""
        while b"24 80" not in out:
            out += shell.recv()[1:]
        shell.send_binary(b"\x04" + json.dumps({"Width": 132, "Height": 50}).encode())
        shell.send_binary(b"\0\n")
        found = read_all(shell)
    assert b"50 132" in out + found[1] and code_of_status(found[3]) == 0


def test_attach(gateway, client, pod, busybox):
    container = pod.run(busybox, "cat", stdin=True)
    ticket = gateway.post(f"/v1/containers/{container}/sessions/attach", {"stdin": True, "stdout": True})["ticket"]
    with session(V5, ticket) as both:
        both.send_binary(b"\0hello\n")
        out = b""
        while out != b"hello\n":
            out += both.recv()[1:]
    assert client.container(container).state == 1, "it runs on"


def test_ports_with_an_end_for_each_direction(gateway, pod, busybox):
    """The server in the pod answers when it has seen the client's end, and ends its own side then."""
    pod.run(busybox, "sh", "-c", "nc -ll -p 8080 -e md5sum")
    content = os.urandom(1 << 20)

    def answer():
        with session(V5, forward(gateway, pod.id, 8080)) as both:
            # The size of a message is the client's affair.
            both.send_binary(b"\0" + content)
            both.send_binary(b"\xff\0")
            return read_all(both)
    eventually(lambda: 255 in answer(), "the server in the pod answers")
    found = answer()
    assert found[0][:2] == found[1] == (8080).to_bytes(2, "little")
    assert found[0][2:].split()[0].decode() == hashlib.md5(content).hexdigest()
    assert found[255] == b"\0"
    with session(V5, forward(gateway, pod.id, 81)) as both:
        assert b"forwarding port 81" in read_all(both)[1]


def test_a_ticket_is_good_once_and_here_alone(gateway, client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    ticket = grant(gateway, container, "true")
    assert refused(V5) == 401, "none"
    assert refused(V5, "ticket.rktlet." + "0" * 32) == 401, "one that nobody was given"
    assert refused(ticket) == 403, "no protocol beside it"
    assert refused(V5, ticket) == 401, "used up by that"
    ticket = grant(gateway, container, "true")
    with session(V5, ticket) as shell:
        assert code_of_status(read_all(shell)[3]) == 0
    assert refused(V5, ticket) == 401
    # Nothing of it is at the streaming server, and nothing of that here.
    url = client.call("Exec", container_id=container, cmd=["true"], stdout=True).url
    assert refused(V5, "ticket.rktlet." + url.rsplit("/", 1)[1]) == 401
    with pytest.raises(websocket.WebSocketBadStatusException) as error:
        websocket.create_connection(
            url.replace("http://", "ws://").rsplit("/", 1)[0] + "/" + grant(gateway, container, "true").rsplit(".", 1)[1], timeout=60)
    assert error.value.status_code == 404


def test_pages_of_others_are_refused(gateway, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    ticket = grant(gateway, container, "true")
    assert refused(V5, ticket, origin="https://page.example") == 403
    assert refused(V5, ticket, host="page.example") == 421
    with session(V5, ticket, origin="http://localhost") as shell:
        assert code_of_status(read_all(shell)[3]) == 0, "it was not used up by those"


def test_what_is_asked_for_wrongly(gateway, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", name="a")
    created = pod.create(busybox, "sleep", "1000", name="b")
    exec_path, attach_path, ports_path = (
        f"/v1/containers/{container}/sessions/exec", f"/v1/containers/{container}/sessions/attach", f"/v1/pods/{pod.id}/sessions/portforward")
    for path, body, status in [
        (exec_path, {"stdout": True}, 400), (exec_path, {"cmd": ["true"]}, 400), (exec_path, {"cmd": [""], "stdout": True}, 400),
        (exec_path, {"cmd": ["true"], "stdout": True, "stderr": True, "tty": True}, 400),
        (exec_path, {"cmd": ["true"], "stdout": True, "more": 1}, 400),
        (exec_path, {"cmd": ["true"], "stdout": True, "containerId": "9" * 64}, 400),
        (exec_path.replace(container, created), {"cmd": ["true"], "stdout": True}, 409),
        (exec_path.replace(container, "9" * 64), {"cmd": ["true"], "stdout": True}, 404),
        (attach_path, {}, 400), (attach_path.replace(container, created), {"stdout": True}, 409),
        (ports_path, {}, 400), (ports_path, {"port": []}, 400), (ports_path, {"port": [0]}, 400), (ports_path, {"port": [65536]}, 400),
        (ports_path, {"port": 80}, 400), (ports_path.replace(pod.id, "9" * 64), {"port": [80]}, 404),
    ]:
        answer = gateway.ask("POST", path, body)
        assert answer[0] == status and answer[1]["detail"], (path, body, answer)
    status, problem = gateway.ask("GET", "/v1/sessions")
    assert status == 426 and problem["code"] == "upgradeRequired"
    ticket = grant(gateway, container, "true")
    with pytest.raises(websocket.WebSocketBadStatusException) as error:
        connection = socket.socket(socket.AF_UNIX)
        with contextlib.closing(connection):
            connection.connect(SOCKET)
            websocket.create_connection("ws://localhost/v1/sessions?ticket=x", socket=connection, subprotocols=[V5, ticket])
    assert error.value.status_code == 400
    for fields in (f"Sec-WebSocket-Protocol: {V5}", f"Sec-WebSocket-Protocol: {V5}, {grant(gateway, container, 'true')}"):
        head, problem = handshake(fields)
        assert b"\r\nX-Content-Type-Options: nosniff" in head and problem["title"] and str(problem["status"]) in head.decode(), (head, problem)
        assert "SPDY" not in problem["detail"], problem
    assert any(call["method"] == "GET /v1/sessions" for call in gateway.get("/v1/calls?all=true")["calls"])


@pytest.mark.restarts_daemon
def test_on_tcp_the_ticket_stands_for_the_token(door, node, pod, busybox):  # noqa: F811
    container = pod.run(busybox, "sleep", "1000")
    path, body = f"/v1/containers/{container}/sessions/exec", {"cmd": ["echo", "hello"], "stdout": True}
    assert door.ask("POST", path)[0] == 401
    ticket = grant(Gateway(), container, "echo", "hello")
    assert refused(V5, tcp=True) == 401
    assert refused(V5, ticket, tcp=True, origin="http://127.0.0.1:1") == 403
    with session(V5, ticket, tcp=True, origin=f"http://127.0.0.1:{PORT}") as shell:
        found = read_all(shell)
    assert (found[1], code_of_status(found[3])) == (b"hello\n", 0), body


@pytest.mark.restarts_daemon
def test_the_daemon_ends_its_sessions_with_a_reason(gateway, client, node, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    with session(V5, grant(gateway, container, "sh", "-c", "echo on; exec sleep 4321")) as shell:
        while b"on" not in shell.recv():
            pass
        node.stop()
        # Nobody is there to be answered any more.
        frames = []
        while not frames or frames[-1].opcode != websocket.ABNF.OPCODE_CLOSE:
            frames.append(shell.recv_frame())
        assert any(frame.data[:1] == b"\x03" and b"Failure" in frame.data for frame in frames)
        node.start()
    eventually(lambda: b"sleep 4321" not in node.client.exec(container, "ps")[1], "the command is dead")
