"""Processes that take all they can get of the CRI's socket: what others get all the same, what the daemon holds for them, and what it gives back."""

import contextlib
import os
import subprocess
import sys
import time

import pytest
from cri_client import PB, Runtime
from node import ROOT, SOCKET, eventually
from test_full_store import memory

FLOOD = os.path.join(ROOT, "Tests", "Client", "cri_flood.py")
LIST = "/runtime.v1.ImageService/ListImages"
VERSION = "/runtime.v1.RuntimeService/Version"
MIB = 1024


@contextlib.contextmanager
def flood(kind, connections, streams, method):
    process = subprocess.Popen(
        [sys.executable, "-B", FLOOD, SOCKET, kind, str(connections), str(streams), method], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith("ready")
        yield process
    finally:
        process.communicate(timeout=60)


def is_served():
    """A client that comes new, in its own process, gets an answer."""
    with contextlib.closing(Runtime("kubelet", SOCKET)) as client:
        client.wait_ready(timeout=10)
        return client.call("Version", timeout=10).runtime_name == "rktlet" and client.call("ListImages", timeout=10) is not None


def test_connections_that_all_have_calls_keep_no_other_process_out(node):
    with flood("held", 600, 1, VERSION):
        for _ in range(5):
            assert is_served()
        assert node.client.call("Version", timeout=10).runtime_name == "rktlet"


def test_responses_that_nobody_reads_are_bounded_and_given_back(node):
    pid = node.pid()
    before = memory(pid)[0]
    with flood("unread", 15, 1000, LIST):
        assert is_served()
        during = memory(pid)[0]
    print(f"resident before, during: {before}, {during} KiB")
    assert during - before < 250 * MIB
    started = time.monotonic()
    eventually(lambda: memory(pid)[0] - before < 40 * MIB, "what the flood took is given back", timeout=60)
    print(f"given back after {time.monotonic() - started:.0f} s: {memory(pid)[0]} KiB")


@pytest.mark.parametrize("processes", [4])
def test_calls_of_some_processes_leave_others_theirs(node, processes):
    pid = node.pid()
    before = memory(pid)[0]
    with contextlib.ExitStack() as floods:
        for _ in range(processes):
            floods.enter_context(flood("held", 10, 1000, VERSION))
        assert is_served()
        assert memory(pid)[0] - before < 250 * MIB
        # As many at once as a kubelet has on a full node.
        calls = [node.client.runtime.Version.future(PB.VersionRequest(), timeout=30) for _ in range(300)]
        assert {call.result().runtime_name for call in calls} == {"rktlet"}
