"""Starts the interop server and looks after it: after every test it must answer and hold nothing, and it must stop cleanly."""

import contextlib
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
import time

import grpc
import pytest

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def server_binary():
    path = os.environ.get("GRPC_INTEROP_SERVER")
    assert path, "set GRPC_INTEROP_SERVER to the built grpc-interop-server"
    assert os.access(path, os.X_OK), f"{path} is not executable"
    return path


def eventually(condition, what, seconds=30):
    """Waits until the condition holds. `what` says what is waited for: a text, or what makes one when it is too late."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what() if callable(what) else what}: not within {seconds} s"
        time.sleep(0.01)


class Client:
    """A channel of its own connection with byte-string stubs."""

    def __init__(self, address, options=()):
        # Without this, channels to one address share a connection.
        own = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(address, options=UNLIMITED + own + list(options))

    def unary(self, method, **kwargs):
        return self.channel.unary_unary(f"/interop.{method}", **kwargs)

    def call(self, method, payload=b"", timeout=30, **kwargs):
        return self.unary(method)(payload, timeout=timeout, **kwargs)

    def stream(self, method, payload=b"", **kwargs):
        return self.channel.unary_stream(f"/interop.{method}")(payload, **kwargs)

    def send(self, method, messages, **kwargs):
        return self.channel.stream_unary(f"/interop.{method}")(messages, **kwargs)

    def chat(self, method, messages, **kwargs):
        return self.channel.stream_stream(f"/interop.{method}")(messages, **kwargs)

    def close(self):
        self.channel.close()


class Server:
    def __init__(self, path, arguments=(), command=None, environment=None, pass_fds=()):
        self.path = str(path)
        self.address = f"unix://{self.path}"
        command = command or [server_binary(), "--listen", self.address, *arguments]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            pass_fds=pass_fds,
            text=True,
        )
        self.lines = []
        self._queue = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._queue.put(self.lines[-1])
        self._queue.put(None)

    def wait_for_line(self, prefix, seconds=30):
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._queue.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"the server did not say '{prefix}' within {seconds} s: {self.lines}") from None
            assert line is not None, f"the server ended without '{prefix}': {self.lines} {self.stderr()}"
            if line.startswith(prefix):
                return line

    def started(self):
        self.wait_for_line("listening ")
        return self

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def client(self, **options):
        return Client(self.address, [(k, v) for k, v in options.items()])

    def activity(self):
        """(connections, streams, running RPCs) without the connection and the call that ask."""
        with contextlib.closing(self.client()) as client:
            return tuple(int(n) - 1 for n in client.call("Control/Activity").split())

    def settle(self, expected=(0, 0, 0)):
        """Waits until this is all that is left of what a test has done.

        A call counts until its task is over and a connection until the server has closed it, both a little longer than
        their client sees. A server with short limits, or with few connections, may turn the one who asks away; one
        that has all its calls taken does.
        """
        last = None

        def is_reached():
            nonlocal last
            try:
                last = self.activity()
            except grpc.RpcError as error:
                if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
                    raise
                last = error.details()
            return last == expected

        eventually(is_reached, lambda: f"(connections, streams, calls) are {expected} and not {last}")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """Resident memory in bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=40):
        code = self.process.wait(timeout=seconds)
        # Its last lines may not have been read yet.
        self._reader.join(timeout=30)
        assert code == 0, f"the server ended with {code}: {self.lines} {self.stderr()}"

    def stop(self):
        if self.process.poll() is None:
            self.terminate()
        try:
            self.wait()
        finally:
            self.process.kill()
            self.process.wait()
        assert "stopped" in self.lines, self.lines
        assert not os.path.exists(self.path), "the socket's file is still there"


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """One server for the tests of a module that need no options."""
    server = Server(tmp_path_factory.mktemp("grpc") / "s.sock").started()
    server.settle()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server):
    yield shared_server
    assert shared_server.process.poll() is None, f"the server has died: {shared_server.stderr()}"
    shared_server.settle()


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def start(tmp_path):
    """Starts servers with options of their own."""
    servers = []

    def start(*arguments, path=None):
        server = Server(path or tmp_path / f"{len(servers)}.sock", arguments).started()
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.settle()
            server.stop()
