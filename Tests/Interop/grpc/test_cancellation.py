"""The server learns that a client has given up: RST_STREAM, deadlines, lost connections."""

import subprocess
import sys

import grpc
import pytest
from hpack import Decoder

from frames import CANCEL, END_STREAM, HEADERS, RST_STREAM, RawClient, data, frame, message, request


def test_a_cancelled_call_cancels_its_handler(client):
    call = client.unary("Echo/Hold").future(b"cancel-me", timeout=60)
    client.call("Control/WaitFor", b"started cancel-me")
    call.cancel()
    client.call("Control/WaitFor", b"cancelled cancel-me")


def test_a_deadline_cancels_the_handler_and_the_client_sees_it(client):
    # Long enough for the call to have begun on any machine: a handler that never ran could not be cancelled.
    call = client.unary("Echo/Hold").future(b"too-slow", timeout=5)
    client.call("Control/WaitFor", b"started too-slow")
    with pytest.raises(grpc.RpcError) as caught:
        call.result()
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    client.call("Control/WaitFor", b"cancelled too-slow")


@pytest.mark.parametrize("timeout", ["50m", "50000u", "00000050m", "99999999n", "0n"])
def test_the_server_keeps_the_deadline_by_itself(server, timeout):
    """A client that forgets its own deadline: also in eight digits, which GRPCCore alone does not read."""
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Hold", [("grpc-timeout", timeout)]) + data(1, message(timeout.encode())))
        answer = raw.frames_until(lambda f: f[2] == 1 and f[1] & END_STREAM)[-1]
        assert answer[0] == HEADERS
        assert ("grpc-status", "4") in Decoder().decode(answer[3])


def test_calls_that_may_take_an_hour_leave_nothing_when_they_have_not(server, client):
    """The time that a client gives a call costs no memory once the call is over."""
    def private_kilobytes():
        with open(f"/proc/{server.process.pid}/smaps_rollup") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))

    def calls():
        for _ in range(2000):
            assert client.call("Echo/Unary", b"x", timeout=3600) == b"x"
        return private_kilobytes()
    before = calls()
    calls()
    # 2 MB each time where a timer stays until its time.
    assert calls() - before < 2048


def test_rst_stream_cancels_the_handler(server, client):
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Hold") + data(1, message(b"reset-me")))
        client.call("Control/WaitFor", b"started reset-me")
        raw.send(frame(RST_STREAM, 0, 1, CANCEL.to_bytes(4, "big")))
        client.call("Control/WaitFor", b"cancelled reset-me")


def test_a_client_that_vanishes_cancels_its_calls(server, client):
    raw = RawClient(server.path)
    for n in range(1, 41, 2):
        raw.send(request(n, "/interop.Echo/Hold") + data(n, message(b"gone-%d" % n)))
        client.call("Control/WaitFor", b"started gone-%d" % n)
    raw.close()
    for n in range(1, 41, 2):
        client.call("Control/WaitFor", b"cancelled gone-%d" % n)


def test_a_client_killed_in_the_middle_of_a_stream(server, client):
    script = (
        "import grpc,sys\n"
        f"c=grpc.insecure_channel('{server.address}')\n"
        "s=c.unary_stream('/interop.Echo/Stream')(b'1000000 10000 killed-client')\n"
        "next(s);print('going',flush=True)\n"
        "for m in s: pass\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"going\n"
    process.kill()
    process.wait()
    client.call("Control/WaitFor", b"cancelled killed-client")


def test_cancelling_hundreds_of_calls_leaves_nothing(client):
    calls = [client.unary("Echo/Hold").future(b"mass-%d" % n, timeout=60) for n in range(300)]
    for n in range(300):
        client.call("Control/WaitFor", b"started mass-%d" % n)
    for call in calls:
        call.cancel()
    for n in range(300):
        client.call("Control/WaitFor", b"cancelled mass-%d" % n)
