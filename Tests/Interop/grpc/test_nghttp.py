"""What is not gRPC, as nghttp2's own client sees the answers. nghttp speaks TCP only: a relay carries it to the socket."""

import contextlib
import re
import shutil
import socket
import subprocess
import threading

import pytest

from frames import message


@contextlib.contextmanager
def relay(path):
    """A TCP port whose connections go to the Unix socket."""

    def pump(source, target):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(path)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def nghttp(server, tmp_path, path="/interop.Echo/Unary", body=message(b"hello"), headers=(), options=()):
    tool = shutil.which("nghttp")
    assert tool, "install nghttp2-client: nghttp is missing"
    content = tmp_path / "body"
    content.write_bytes(body)
    fields = [f"-H{h}" for h in headers]
    with relay(server.path) as port:
        command = [tool, "-v", "-n", *fields, *options, "-d", str(content), f"http://127.0.0.1:{port}{path}"]
        result = subprocess.run(command, capture_output=True, timeout=30)
    output = re.sub(rb"\x1b\[[0-9;]*m", b"", result.stdout).decode(errors="replace")
    received = {}
    for name, value in re.findall(r"recv \(stream_id=\d+[^)]*\) ([^\s].*?): (.*)", output):
        received[name] = value
    return received, output


GRPC = ["content-type: application/grpc", "te: trailers"]


def test_a_plain_call(server, tmp_path):
    received, output = nghttp(server, tmp_path, headers=GRPC)
    assert received[":status"] == "200" and received["grpc-status"] == "0"
    assert received["content-type"] == "application/grpc"
    assert "recv DATA frame" in output


@pytest.mark.parametrize("kind", ["application/grpc+proto", "application/grpc;charset=x", "APPLICATION/GRPC"])
def test_the_kinds_of_grpc(server, tmp_path, kind):
    received, _ = nghttp(server, tmp_path, headers=[f"content-type: {kind}", "te: trailers"])
    assert received["grpc-status"] == "0"


@pytest.mark.parametrize("kind", ["application/json", "application/grpcx", "text/plain"])
def test_another_content_type_is_415(server, tmp_path, kind):
    received, _ = nghttp(server, tmp_path, headers=[f"content-type: {kind}", "te: trailers"])
    assert received[":status"] == "415" and kind in received["grpc-message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_another_method_is_405(server, tmp_path, method):
    received, _ = nghttp(server, tmp_path, headers=[f":method: {method}", *GRPC])
    assert received[":status"] == "405" and received["allow"] == "POST"


def test_a_missing_te_is_named(server, tmp_path):
    received, _ = nghttp(server, tmp_path, headers=GRPC[:1])
    assert received["grpc-status"] == "3" and "te" in received["grpc-message"]


@pytest.mark.parametrize("path", ["/", "/interop.Echo", "/interop.Echo/", "//Unary", "/a/b/c", "/Unary"])
def test_paths_that_are_no_method_are_unimplemented(server, tmp_path, path):
    received, _ = nghttp(server, tmp_path, path=path, headers=GRPC)
    assert received[":status"] == "200" and received["grpc-status"] == "12"


def test_an_unknown_encoding_names_the_known_ones(server, tmp_path):
    received, _ = nghttp(server, tmp_path, headers=[*GRPC, "grpc-encoding: snappy"])
    assert received["grpc-status"] == "12"
    assert received["grpc-accept-encoding"] == "identity,gzip,deflate"


def test_a_deadline_is_reported_as_such(server, tmp_path):
    headers = [*GRPC, "grpc-timeout: 50m"]
    received, _ = nghttp(server, tmp_path, "/interop.Echo/Hold", message(b"nghttp-deadline"), headers)
    assert received["grpc-status"] == "4"


def test_a_message_is_percent_encoded(server, tmp_path):
    received, _ = nghttp(server, tmp_path, "/interop.Echo/Fail", message("5 ü%\n".encode()), GRPC)
    assert received["grpc-message"] == "%C3%BC%25%0A"


def test_padding_priorities_and_a_small_window(server, tmp_path):
    received, _ = nghttp(server, tmp_path, headers=GRPC, body=message(b"x" * 200_000), options=["-b100", "-w10", "-W10"])
    assert received["grpc-status"] == "0"


def test_thousands_of_requests_over_several_connections(server, tmp_path):
    tool = shutil.which("h2load")
    assert tool, "install nghttp2-client: h2load is missing"
    body = tmp_path / "body"
    body.write_bytes(message(b"load"))
    command = [tool, "-n5000", "-c10", "-m50", *(f"-H{h}" for h in GRPC), "-d", str(body)]
    command += [f"--base-uri=unix:{server.path}", "http://localhost/interop.Echo/Unary"]
    result = subprocess.run(command, capture_output=True, timeout=120, text=True)
    assert "5000 succeeded, 0 failed, 0 errored" in result.stdout, result.stdout
