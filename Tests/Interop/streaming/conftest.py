"""Starts the streaming server without a node, whose commands run on the test's host; after each test nothing is left of its sessions."""

import json
import os
import subprocess
import sys
import threading
import time
import types

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Client"))


class StreamingServer:
    """`url(exec=[…], stdin=True)`: the address of a session. `call` is that of a CRI client, for the API server of the tests."""

    def __init__(self):
        binary = os.environ.get("STREAMING_INTEROP_SERVER")
        assert binary, "set STREAMING_INTEROP_SERVER to the built streaming-interop-server"
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().startswith("serving ")
        self.lock = threading.Lock()
        self.rest = self.descriptors()

    def url(self, **request):
        with self.lock:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip()

    def call(self, method, **fields):
        if method == "PortForward":
            request = {"forward": fields["port"]}
        else:
            request = {key: fields[key] for key in ("stdin", "stdout", "stderr", "tty")}
            request.update({"exec": list(fields["cmd"])} if method == "Exec" else {"attach": True})
        return types.SimpleNamespace(url=self.url(**request))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return file.read().split()

    def memory(self):
        """The most it ever held, in bytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))


def eventually(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def running_server():
    server = StreamingServer()
    yield server
    server.process.stdin.close()
    assert server.process.wait(timeout=30) == 0


@pytest.fixture
def server(running_server):
    yield running_server
    assert running_server.process.poll() is None, "the server has died"
    eventually(lambda: running_server.descriptors() <= running_server.rest, "all descriptors of the sessions are closed")


@pytest.fixture
def api(server):
    from kube_api import KubeAPI
    with KubeAPI(server) as api:
        api.add("web", "pod", {"c": "container"})
        yield api
