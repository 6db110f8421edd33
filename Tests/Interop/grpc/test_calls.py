"""The four kinds of calls, sizes, statuses, metadata and compression, with grpcio as the client."""

import gzip
import zlib

import grpc
import pytest

from frames import DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, RawClient, data, message, request

MIB = 1024 * 1024


def failure(function, *arguments, **kwargs):
    with pytest.raises(grpc.RpcError) as caught:
        function(*arguments, **kwargs)
    return caught.value


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 65535, 65536, 262_144, 5 * MIB, 16 * MIB])
def test_unary_messages_of_every_size_come_back(client, size):
    payload = bytes(i % 251 for i in range(min(size, 1009))) * (size // min(max(size, 1), 1009) + 1)
    assert client.call("Echo/Unary", payload[:size]) == payload[:size]


@pytest.mark.parametrize("size", [16 * MIB + 1, 17 * MIB])
def test_a_message_above_the_limit_is_resource_exhausted(client, size):
    error = failure(client.call, "Echo/Unary", bytes(size))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(size) in error.details() and str(16 * MIB) in error.details()
    assert client.call("Echo/Unary", b"still there") == b"still there"


def test_server_streaming_gives_every_message_and_trailing_metadata(client):
    call = client.stream("Echo/Stream", b"500 1000")
    assert [len(m) for m in call] == [1000] * 500
    assert ("x-sent", "500") in [tuple(m) for m in call.trailing_metadata()]


def test_a_large_list_in_one_stream(client):
    assert sum(len(m) for m in client.stream("Echo/Stream", b"100 1000000")) == 100_000_000


def test_client_streaming(client):
    assert client.send("Echo/Collect", iter([b"x" * 100_000] * 50)) == b"50 5000000"


def test_an_empty_client_stream(client):
    assert client.send("Echo/Collect", iter([])) == b"0 0"


def test_bidirectional_streaming_is_interleaved(client):
    import queue

    outgoing = queue.Queue()
    call = client.chat("Echo/Chat", iter(outgoing.get, None))
    for n in range(20):
        outgoing.put(b"%d" % n)
        assert next(call) == b"%d" % n
    outgoing.put(None)
    assert list(call) == []


@pytest.mark.parametrize("code", [c for c in grpc.StatusCode if c is not grpc.StatusCode.OK], ids=lambda c: c.name)
def test_every_status_arrives_with_its_message(client, code):
    text = f"pod 3f2c…: 100% of\nthe addresses\tare taken ({code.name})"
    error = failure(client.call, "Echo/Fail", f"{code.value[0]} {text}".encode())
    assert (error.code(), error.details()) == (code, text)
    assert ("x-why", "asked for") in [tuple(m) for m in error.trailing_metadata()]


def test_a_very_long_status_message_is_cut_and_the_status_is_kept(client):
    error = failure(client.call, "Echo/Fail", ("5 " + "ü" * 100_000).encode())
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert 500 < len(error.details()) < 10_000 and set(error.details()) == {"ü"}


@pytest.mark.parametrize("method", ["Echo/Nothing", "Nobody/Unary"])
def test_unknown_methods_are_unimplemented(client, method):
    assert failure(client.call, method).code() == grpc.StatusCode.UNIMPLEMENTED


def test_metadata_comes_back_in_both_places(client):
    sent = [("x-text", "plain"), ("x-text", "twice"), ("x-data-bin", bytes(range(256))), ("x-empty-bin", b"")]
    _, call = client.unary("Echo/Metadata").with_call(b"", metadata=sent, timeout=20)
    for place in (call.initial_metadata(), call.trailing_metadata()):
        assert [tuple(m) for m in place if m[0].startswith("x-")] == sent


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
@pytest.mark.parametrize("size", [0, 100, MIB, 16 * MIB])
def test_compressed_requests(client, compression, size):
    assert client.call("Echo/Unary", b"ab" * (size // 2), compression=compression) == b"ab" * (size // 2)


def test_what_grows_above_the_limit_is_resource_exhausted(client):
    error = failure(client.call, "Echo/Unary", bytes(17 * MIB), compression=grpc.Compression.Gzip)
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "decompressed" in error.details()


BAD_MESSAGES = {
    "not gzip": ([("grpc-encoding", "gzip")], message(b"rubbish", 1)),
    "half of a gzip": ([("grpc-encoding", "gzip")], message(gzip.compress(b"x" * 1000)[:20], 1)),
    "gzip and more": ([("grpc-encoding", "gzip")], message(gzip.compress(b"x") + b"tail", 1)),
    "empty gzip": ([("grpc-encoding", "gzip")], message(b"", 1)),
    "gzip called deflate": ([("grpc-encoding", "deflate")], message(gzip.compress(b"x"), 1)),
    "zlib called gzip": ([("grpc-encoding", "gzip")], message(zlib.compress(b"x"), 1)),
    "compressed without encoding": ([], message(gzip.compress(b"x"), 1)),
    "flag 2": ([], message(b"x", 2)),
    "flag 255": ([], message(b"x", 255)),
    "4 GiB announced": ([], b"\x00\xff\xff\xff\xff"),
    "half a prefix": ([], b"\x00\x00"),
    "half a message": ([], message(b"whole")[:-1]),
    "a message and a half": ([], message(b"whole") + message(b"x")[:-1]),
    "unknown encoding": ([("grpc-encoding", "br")], message(b"x", 1)),
    "bad timeout": ([("grpc-timeout", "soon")], message(b"x")),
    "negative timeout": ([("grpc-timeout", "-5S")], message(b"x")),
    "bad base64": ([("x-bin", "*")], message(b"x")),
    "no message at all": ([], b""),
    "two messages": ([], message(b"one") + message(b"two")),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_request_fails_alone(server, name):
    extra, body = BAD_MESSAGES[name]
    with RawClient(server.path) as raw:
        raw.send(request(1, extra=extra) + data(1, body))
        seen = raw.frames_until(lambda f: f[2] == 1 and f[0] in (HEADERS, RST_STREAM) and f[1] & END_STREAM)
        assert not any(f[0] == DATA and f[3] for f in seen), "a bad request had an answer"
        raw.send(request(3) + data(3, message(b"good")))
        seen = raw.frames_until(lambda f: f[0] == DATA and f[2] == 3)
        assert seen[-1][3] == message(b"good")


def test_a_request_in_single_bytes(server):
    """Every boundary there is: each byte of the messages in a frame of its own, each frame byte by byte."""
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Collect"))
        body = message(b"ab") + message(b"") + message(b"cdef")
        octets = b"".join(data(1, body[i : i + 1], i == len(body) - 1) for i in range(len(body)))
        for i in range(len(octets)):
            raw.send(octets[i : i + 1])
        seen = raw.frames_until(lambda f: f[0] == DATA and f[2] == 1)
        assert seen[-1][3] == message(b"3 6")


def test_trailers_only_is_one_frame(server):
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Fail") + data(1, message(b"5 gone")))
        seen = raw.frames_until(lambda f: f[2] == 1)
        assert seen[-1][0] == HEADERS and seen[-1][1] & END_STREAM and seen[-1][1] & END_HEADERS
