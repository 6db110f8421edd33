"""Draining: GOAWAY in two steps, calls in flight finish, nothing new begins."""

import contextlib
import os

import grpc
import pytest

from frames import ACK, END_STREAM, GOAWAY, HEADERS, PING, RawClient, data, frame, message, request

# What ends by itself, or at once, ends long before these.
PATIENT = ["--drain-cancel-ms", "100000", "--drain-close-ms", "100000"]


def test_an_idle_server_stops_at_once(start):
    server = start(*PATIENT)
    server.terminate()
    server.wait(seconds=30)
    assert not os.path.exists(server.path)


def late_call(client):
    with pytest.raises(grpc.RpcError) as caught:
        client.call("Echo/Unary", b"late")
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_call_in_flight_finishes_and_a_new_one_fails(start):
    server = start(*PATIENT)
    client = server.client()
    held = client.unary("Echo/Hold").future(b"drain", timeout=30)
    client.call("Control/WaitFor", b"started drain")
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Hold") + data(1, message(b"other")))
        client.call("Control/WaitFor", b"started other")
        server.terminate()
        seen = raw.frames_until(lambda f: f[0] == PING)
        first = [f for f in seen if f[0] == GOAWAY]
        assert first[0][3][:4] == b"\x7f\xff\xff\xff", "the first GOAWAY still allows every stream"
        with contextlib.closing(server.client()) as stranger:
            late_call(stranger)
        # A request that crossed the first GOAWAY on its way is served; it releases the other two.
        raw.send(request(3, "/interop.Control/Release") + data(3, message(b"drain")))
        raw.send(request(5, "/interop.Control/Release") + data(5, message(b"other")))
        raw.frames_until(lambda f: f[0] == HEADERS and f[2] == 5 and f[1] & END_STREAM)
        raw.send(frame(PING, ACK, 0, seen[-1][3]))
        rest = raw.rest()
        last = [f for f in rest if f[0] == GOAWAY]
        assert int.from_bytes(last[-1][3][:4], "big") == 5 and int.from_bytes(last[-1][3][4:8], "big") == 0
    assert held.result() == b"released"
    # Until its own connection has been told, a call on it is one that crossed the GOAWAY, and is served.
    server.wait()
    late_call(client)
    client.close()


def test_grpcio_is_drained_with_a_stream_under_way(start):
    server = start(*PATIENT)
    client = server.client()
    call = client.stream("Echo/Stream", b"300 100000")
    next(call)
    server.terminate()
    assert sum(len(m) for m in call) == 299 * 100_000
    server.wait()
    client.close()


def test_a_call_that_does_not_end_is_cancelled_and_says_why(start):
    server = start("--drain-cancel-ms", "200", "--drain-close-ms", "10000")
    client = server.client()
    held = client.unary("Echo/Hold").future(b"forever", timeout=30)
    client.call("Control/WaitFor", b"started forever")
    server.terminate()
    with pytest.raises(grpc.RpcError) as caught:
        held.result()
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert "shutting down" in caught.value.details()
    server.wait()
    client.close()


def test_a_client_that_ignores_goaway_is_hung_up_on(start):
    server = start("--drain-cancel-ms", "100", "--drain-close-ms", "400")
    with RawClient(server.path) as raw:
        raw.frame()
        server.terminate()
        raw.rest()
    server.wait()


def test_a_client_that_never_greeted_does_not_delay_the_end(start):
    server = start(*PATIENT, "--handshake-ms", "100000")
    with RawClient(server.path, greet=False) as raw:
        raw.frame()
        server.terminate()
        raw.rest()
        server.wait(seconds=30)
