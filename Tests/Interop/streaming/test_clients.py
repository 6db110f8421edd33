"""The streaming server under clients that are not ours, and a small one of our own for what they do not do."""

import hashlib
import http.server
import os
import pty
import re
import subprocess
import threading
import urllib.request

import pytest
import websocket
from kubernetes.client import Configuration
from kubernetes.stream import ws_client

from spdy_client import SPDY, Refused, SPDYCommand, code_of_status


@pytest.fixture
def kubectl(api, tmp_path):
    """kubectl(*arguments) → its process when it has ended."""
    environment = dict(os.environ, KUBECONFIG="/dev/null", HOME=str(tmp_path))

    def run(*arguments, data=b"", timeout=60):
        return subprocess.run(
            ["kubectl", f"--server={api.url}", *arguments], input=data, capture_output=True, env=environment, timeout=timeout)
    run.command, run.environment = ["kubectl", f"--server={api.url}"], environment
    return run


class TestKubectl:
    def test_exec(self, kubectl):
        result = kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
        assert (result.returncode, result.stdout) == (7, b"out\n")
        assert result.stderr == b"err\ncommand terminated with exit code 7\n"

    def test_input_and_much_output(self, kubectl):
        content = os.urandom(5 << 20)
        result = kubectl("exec", "-i", "web", "--", "md5sum", data=content)
        assert result.stdout.split()[0].decode() == hashlib.md5(content).hexdigest()
        for _ in range(5):
            result = kubectl("exec", "web", "--", "head", "-c", "20000000", "/dev/zero")
            assert (result.returncode, len(result.stdout)) == (0, 20_000_000)

    def test_cp_both_ways(self, kubectl, tmp_path):
        content, there = os.urandom(3 << 20), tmp_path / "there"
        (tmp_path / "here").write_bytes(content)
        assert kubectl("cp", str(tmp_path / "here"), f"web:{there}").returncode == 0
        assert there.read_bytes() == content
        assert kubectl("cp", f"web:{there}", str(tmp_path / "back")).returncode == 0
        assert (tmp_path / "back").read_bytes() == content

    def test_a_terminal(self, kubectl):
        script = "stty size; read x; echo got $x; exit 5"
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("kubectl", [*kubectl.command, "exec", "-it", "web", "--", "sh", "-c", script], kubectl.environment)
        with os.fdopen(terminal, "r+b", buffering=0) as file:
            output, is_answered = b"", False
            while True:
                try:
                    piece = file.read(1000)
                except OSError:
                    break
                output += piece or b""
                if b"\n" in output and not is_answered:
                    file.write(b"word\n")
                    is_answered = True
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
        assert re.match(rb"\d+ \d+\r\n", output)
        assert b"got word\r\n" in output

    def test_attach(self, kubectl):
        assert kubectl("attach", "-i", "web", data=b"abc\n").stdout == b"attached\nabc\n"

    def test_port_forward(self, kubectl):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"x" * 1_000_000)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128

        with Server(("127.0.0.1", 0), Handler) as served:
            threading.Thread(target=served.serve_forever, daemon=True).start()
            forward = subprocess.Popen(
                [*kubectl.command, "port-forward", "web", f":{served.server_address[1]}"], stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=kubectl.environment, text=True)
            port = re.search(r"127\.0\.0\.1:(\d+) ->", forward.stdout.readline())[1]
            sizes = []

            def get():
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    sizes.append(len(answer.read()))
            threads = [threading.Thread(target=get, daemon=True) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sizes == [1_000_000] * 20
            served.shutdown()
            forward.terminate()
            forward.communicate()


def test_the_kubernetes_package(server):
    url = server.url(exec=["sh", "-c", "read x; echo got $x; exit 3"], stdin=True, stderr=True)
    stream = ws_client.WSClient(Configuration(), url.replace("http://", "ws://"), {}, capture_all=True)
    stream.write_stdin("word\n")
    stream.run_forever(timeout=60)
    assert stream.returncode == 3
    assert stream.read_all() == "got word\n"
    stream.close()


@pytest.mark.parametrize("size", [100, 70_000, 5_000_000])
def test_websocket_client_with_frames_of_any_length(server, size):
    content = os.urandom(size)
    session = websocket.create_connection(
        server.url(exec=["md5sum"], stdin=True).replace("http://", "ws://"), subprotocols=["v5.channel.k8s.io"], timeout=60)
    session.send_binary(b"\0" + content)
    session.send_binary(b"\xff\0")
    found = {}
    while (frame := session.recv_data())[0] != websocket.ABNF.OPCODE_CLOSE:
        found[frame[1][0]] = found.get(frame[1][0], b"") + frame[1][1:]
    session.close()
    assert found[1].split()[0].decode() == hashlib.md5(content).hexdigest()
    assert code_of_status(found[3]) == 0


def test_a_gibibyte_takes_no_memory(server):
    with SPDYCommand(server.url(exec=["head", "-c", str(1 << 30), "/dev/zero"])) as session:
        received = 0
        while received < 1 << 30:
            piece = session.socket.recv(1 << 20)
            assert piece
            received += len(piece)
    with SPDYCommand(server.url(exec=["wc", "-c"], stdin=True), stdin=True) as session:
        for _ in range(256):
            session.send(session.stdin, bytes(1 << 20))
        session.send(session.stdin, b"", fin=True)
        assert session.result() == (0, b"%d\n" % (256 << 20), b"")
    assert server.memory() < 64 << 20


def test_a_client_that_never_reads_costs_no_more(server):
    with SPDYCommand(server.url(exec=["yes"])) as session:
        session.until(lambda: session.data[session.stdout])
        before = server.memory()
        for _ in range(50):
            # It goes on with others meanwhile.
            with SPDYCommand(server.url(exec=["true"])) as other:
                assert other.result()[0] == 0
        assert server.memory() - before < 8 << 20


def test_a_flood_of_pings_without_reading_ends_the_session(server):
    with SPDYCommand(server.url(exec=["yes"])) as session:
        session.until(lambda: session.data[session.stdout])
        with pytest.raises(OSError):
            while True:
                session.socket.sendall(b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x01" * 1000)


def test_what_the_server_cannot_make_sense_of(server):
    for status, url in ((404, server.url(exec=["true"])[:-1] + "x"), (404, server.url(exec=["true"]).replace("exec", "attach"))):
        with pytest.raises(Refused) as refused:
            SPDY(url, "v4.channel.k8s.io")
        assert refused.value.status == status
    with SPDY(server.url(exec=["sleep", "1000"]), "v4.channel.k8s.io") as session:
        session.socket.sendall(b"\x80\x03\x00\x01\x00\x00\x00\x10" + b"\x00" * 16)
        session.finish()
        assert session.is_gone
