"""Exec, attach and port-forward by clients of others and by a small one of ours, on real containers."""

import base64
import contextlib
import hashlib
import json
import os
import socket
import time

import grpc
import pytest
import websocket
from kubernetes.client import Configuration
from kubernetes.stream import ws_client

from cri_client import PB
from node import eventually
from spdy_client import PING, SPDY, Refused, SPDYCommand, code_of_status
from states import code_of


def exec_url(client, container, *command, stdin=False, stdout=True, stderr=False, tty=False):
    return client.call(
        "Exec", container_id=container, cmd=command, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty).url


def attach_url(client, container, stdin=False, stdout=True, stderr=False, tty=False):
    return client.call("Attach", container_id=container, stdin=stdin, stdout=stdout, stderr=stderr, tty=tty).url


@contextlib.contextmanager
def channels(url, protocol="v5.channel.k8s.io"):
    """A WebSocket by `websocket-client`, with a foreign Origin and Host."""
    socket_ = websocket.create_connection(
        url.replace("http://", "ws://"), subprotocols=[protocol] if protocol else None, timeout=60, host="api.example",
        origin="https://page.example")
    try:
        yield socket_
    finally:
        socket_.close()


def read_all(socket_):
    """What came on each channel until the server closed the connection."""
    found = {}
    while True:
        opcode, content = socket_.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return found
        found[content[0]] = found.get(content[0], b"") + content[1:]


class TestExec:
    @pytest.mark.parametrize("protocol", ["v5.channel.k8s.io", "v4.channel.k8s.io"])
    def test_websocket(self, client, pod, busybox, protocol):
        container = pod.run(busybox, "sleep", "1000")
        url = exec_url(client, container, "sh", "-c", "echo out; echo err >&2; exit 7", stderr=True)
        with channels(url, protocol) as session:
            found = read_all(session)
        assert (found[1], found[2], code_of_status(found[3])) == (b"out\n", b"err\n", 7)

    def test_input_and_its_end(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        with channels(exec_url(client, container, "md5sum", stdin=True)) as session:
            content = os.urandom(3 << 20)
            for start in range(0, len(content), 100_000):
                session.send_binary(b"\0" + content[start:start + 100_000])
            session.send_binary(b"\xff\0")
            found = read_all(session)
        assert found[1].split()[0].decode() == hashlib.md5(content).hexdigest()

    def test_base64(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        with channels(exec_url(client, container, "head", "-c", "5", stdin=True), "v4.base64.channel.k8s.io") as session:
            session.send("0" + base64.b64encode(b"hello, world").decode())
            found = read_all(session)
        assert base64.b64decode(found[ord("1")]) == b"hello"

    def test_the_kubernetes_package(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        url = exec_url(client, container, "sh", "-c", "read x; echo got $x; exit 3", stdin=True, stderr=True)
        stream = ws_client.WSClient(Configuration(), url.replace("http://", "ws://"), {}, capture_all=True)
        stream.write_stdin("word\n")
        stream.run_forever(timeout=60)
        assert stream.returncode == 3
        assert stream.read_all() == "got word\n"
        stream.close()

    @pytest.mark.parametrize("protocol", ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"])
    def test_spdy(self, client, pod, busybox, protocol):
        container = pod.run(busybox, "sleep", "1000")
        url = exec_url(client, container, "sh", "-c", "cat; echo err >&2; exit 7", stdin=True, stderr=True)
        with SPDYCommand(url, stdin=True, stderr=True, protocol=protocol) as session:
            session.send(session.stdin, b"hello", fin=True)
            session.finish()
            assert session.data[session.stdout] == b"hello" and session.data[session.stderr] == b"err\n"
            error = session.data[session.error]
            assert code_of_status(error) == 7 if protocol.startswith("v4") else b"exit code 7" in error

    def test_a_pipe_of_many_bytes_both_ways(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        size = 64 << 20
        with SPDYCommand(exec_url(client, container, "head", "-c", str(size), "/dev/zero")) as session:
            code, out, _ = session.result()
        assert (code, len(out), out.count(0)) == (0, size, size)
        content = os.urandom(32 << 20)
        with SPDYCommand(exec_url(client, container, "sha256sum", stdin=True), stdin=True) as session:
            session.send(session.stdin, content, fin=True)
            assert session.result()[1].split()[0].decode() == hashlib.sha256(content).hexdigest()

    @pytest.mark.parametrize("over", ["spdy", "websocket"])
    def test_a_terminal(self, client, pod, busybox, over):
        container = pod.run(busybox, "sleep", "1000")
        url = exec_url(client, container, "sh", "-c", "stty size; read x; stty size; tty", stdin=True, tty=True)
        if over == "spdy":
            with SPDYCommand(url, stdin=True, tty=True) as session:
                session.resize(80, 24)
                session.until(lambda: b"24 80" in session.data[session.stdout])
                session.resize(132, 50)
                session.send(session.stdin, b"\n")
                code, out, _ = session.result()
        else:
            with channels(url) as session:
                session.send_binary(b"\x04" + json.dumps({"Width": 80, "Height": 24}).encode())
                out = b""
                while b"24 80" not in out:
                    out += session.recv()[1:]
                session.send_binary(b"\x04" + json.dumps({"Width": 132, "Height": 50}).encode())
                session.send_binary(b"\0\n")
                found = read_all(session)
                code, out = code_of_status(found[3]), out + found[1]
        assert code == 0
        assert out.replace(b"\r", b"").split(b"\n")[0] == b"24 80"
        assert b"50 132" in out and b"/dev/pts/" in out

    def test_a_client_that_leaves_ends_the_command(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        url = exec_url(client, container, "sh", "-c", "sleep 4321 & echo on; sleep 4322")
        with SPDYCommand(url) as session:
            session.until(lambda: session.data[session.stdout] == b"on\n")
        eventually(lambda: b"sleep 432" not in client.exec(container, "ps")[1], "the tree is dead")
        assert client.container(container).state == PB.CONTAINER_RUNNING

    def test_a_grandchild_that_holds_the_pipe(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        start = time.monotonic()
        with SPDYCommand(exec_url(client, container, "sh", "-c", "sleep 1000 & echo done; exit 4")) as session:
            assert session.result()[:2] == (4, b"done\n")
        assert time.monotonic() - start < 20

    def test_a_command_that_is_not_there(self, client, pod, busybox):
        container = pod.run(busybox, "sleep", "1000")
        with SPDYCommand(exec_url(client, container, "/no/such/thing")) as session:
            session.finish()
            assert "/no/such/thing" in json.loads(session.data[session.error])["message"]

    def test_what_is_refused(self, client, pod, busybox):
        created = pod.create(busybox, "sleep", "1000", name="a")
        assert code_of(lambda: exec_url(client, created, "true"))[0] == grpc.StatusCode.FAILED_PRECONDITION
        container = pod.run(busybox, "sleep", "1000", name="b")
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        assert code_of(lambda: exec_url(client, container, "true", stdout=False))[0] == invalid
        assert code_of(lambda: exec_url(client, container, "true", stderr=True, tty=True))[0] == invalid
        assert code_of(lambda: exec_url(client, "9" * 64, "true"))[0] == grpc.StatusCode.NOT_FOUND
        url = exec_url(client, container, "true")
        with SPDYCommand(url) as session:
            assert session.result()[0] == 0
        for bad, status in ((url, 404), (url[:-1] + "0", 404), (url.replace("/exec/", "/attach/"), 404)):
            with pytest.raises(Refused) as refused:
                SPDY(bad, "v4.channel.k8s.io")
            assert refused.value.status == status
        with pytest.raises(Refused) as refused:
            SPDY(exec_url(client, container, "true"), "v9.channel.k8s.io")
        assert refused.value.status == 403


class TestAttach:
    def test_many_at_once_and_none_kills(self, client, pod, busybox):
        container = pod.run(busybox, "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); sleep 0.1; done")
        with SPDYCommand(attach_url(client, container)) as one, SPDYCommand(attach_url(client, container)) as two:
            for session in (one, two):
                session.until(lambda: session.data[session.stdout].count(b"\n") > 3)
        with channels(attach_url(client, container)) as session:
            while session.recv()[1:] == b"":
                pass
        assert client.container(container).state == PB.CONTAINER_RUNNING

    def test_input(self, client, pod, busybox):
        container = pod.run(busybox, "cat", stdin=True)
        with SPDYCommand(attach_url(client, container, stdin=True), stdin=True) as session:
            session.send(session.stdin, b"hello\n")
            session.until(lambda: session.data[session.stdout] == b"hello\n")
        assert client.container(container).state == PB.CONTAINER_RUNNING


class TestPortForward:
    SERVER = "exec nc -ll -p 8080 -e cat"

    def connect(self, session, port, request):
        error = session.open(streamType="error", port=port, requestID=request)
        return error, session.open(streamType="data", port=port, requestID=request)

    def test_spdy(self, client, pod, busybox):
        pod.run(busybox, "sh", "-c", self.SERVER)
        with SPDY(client.call("PortForward", pod_sandbox_id=pod.id).url, "portforward.k8s.io") as session:
            error, _ = self.connect(session, 81, "refused")
            session.until(lambda: error in session.ended)
            assert b"81" in session.data[error]
            for number in range(3):
                content = os.urandom(1 << 20)
                deadline = time.monotonic() + 30
                while True:
                    # Until the server listens.
                    error, data = self.connect(session, 8080, f"{number}-{time.monotonic()}")
                    session.send(data, content, fin=True)
                    session.until(lambda: error in session.ended)
                    if session.data[data] or time.monotonic() > deadline:
                        break
                session.until(lambda: data in session.ended or data in session.resets)
                assert session.data[data] == content

    def test_the_end_of_the_pod_is_the_end_of_the_session(self, client, make_pod):
        pod = make_pod()
        with SPDY(client.call("PortForward", pod_sandbox_id=pod.id).url, "portforward.k8s.io") as session:
            # It has an answer: the session is there.
            session.ping(1)
            assert session.step() == PING
            client.delete_pod(pod.id)
            session.until(lambda: session.is_gone)

    def test_websocket(self, client, pod, busybox):
        pod.run(busybox, "sh", "-c", self.SERVER)
        eventually(lambda: self.echo(client, pod) == b"hello", "the server in the pod answers")

    def echo(self, client, pod):
        with channels(client.call("PortForward", pod_sandbox_id=pod.id, port=[8080]).url, "v4.channel.k8s.io") as session:
            found = b""
            session.send_binary(b"\0hello")
            with contextlib.suppress(websocket.WebSocketConnectionClosedException):
                while len(found) < 7:
                    content = session.recv()
                    if not content or content[0] == 1 and len(content) > 3:
                        break
                    found += content[1:] if content[0] == 0 else b""
        return found[2:]


def test_a_flood_of_grants_is_bounded(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    urls = []
    with pytest.raises(grpc.RpcError) as error:
        for _ in range(1001):
            urls.append(exec_url(client, container, "true"))
    # Whoever presents a token uses it up, so that the next test finds room.
    for url in urls:
        with pytest.raises(Refused):
            SPDY(url, "none")
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_the_server_is_on_loopback(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    url = exec_url(client, container, "true")
    assert url.startswith("http://127.0.0.1:")
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), timeout=30) as connection:
        connection.sendall(b"\x16\x03\x01garbage\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
