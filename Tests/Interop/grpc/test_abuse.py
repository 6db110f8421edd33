"""Clients that break the rules: their connection ends, and nobody else notices."""

import contextlib
import os
import random
import struct
import subprocess
import sys
import time

import grpc
import pytest

from conftest import eventually
from frames import (
    ACK,
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    GOAWAY,
    HEADERS,
    PING,
    PREFACE,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    RawClient,
    data,
    frame,
    hpack,
    message,
    request,
    settings,
)

GREETING = PREFACE + settings()

FATAL = {
    "nothing but zeros": b"\x00" * 1000,
    "an HTTP/1.1 request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a TLS hello": bytes.fromhex("16030100c8010000c40303") + b"\x55" * 200,
    "a preface with one wrong byte": PREFACE[:-1] + b"X" + settings(),
    "a preface and then noise": PREFACE + b"\xff" * 100,
    "a PING before SETTINGS": PREFACE + frame(PING, payload=b"12345678"),
    "a frame of 16 MiB": GREETING + struct.pack(">I", 0xFFFFFF)[1:] + b"\x00\x00\x00\x00\x00\x01" + b"x" * 70000,
    "DATA on stream 0": GREETING + frame(DATA, 0, 0, b"x"),
    "DATA on an idle stream": GREETING + frame(DATA, 0, 7, b"x"),
    "HEADERS on an even stream": GREETING + request(2),
    "undecodable HPACK": GREETING + frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff"),
    "an HPACK index that does not exist": GREETING + frame(HEADERS, END_HEADERS, 1, b"\xfe"),
    "a frame between HEADERS and CONTINUATION": GREETING + request(1, flags=0) + frame(PING, payload=b"12345678"),
    "CONTINUATION out of nothing": GREETING + frame(CONTINUATION, END_HEADERS, 1, b""),
    "endless CONTINUATION": GREETING + request(1, flags=0) + frame(CONTINUATION, 0, 1, b"") * 100,
    "PUSH_PROMISE": GREETING + frame(PUSH_PROMISE, END_HEADERS, 1, b"\x00\x00\x00\x02"),
    "a PING of 7 bytes": GREETING + frame(PING, payload=b"1234567"),
    "SETTINGS of 5 bytes": GREETING + frame(SETTINGS, payload=b"12345"),
    "SETTINGS on a stream": GREETING + frame(SETTINGS, 0, 1),
    "SETTINGS with a window above 2^31-1": GREETING + settings(window=0xFFFFFFFF),
    "SETTINGS with an impossible frame size": GREETING + settings(frame=1),
    "SETTINGS with 1000 entries": GREETING + frame(SETTINGS, payload=struct.pack(">HI", 0x99, 1) * 1000),
    "the connection's window overflowing": GREETING + frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff") * 2,
    "a window update of 0": GREETING + frame(WINDOW_UPDATE, 0, 0, b"\x00\x00\x00\x00"),
    "RST_STREAM on an idle stream": GREETING + frame(RST_STREAM, 0, 9, b"\x00\x00\x00\x08"),
    "a GOAWAY of 3 bytes": GREETING + frame(GOAWAY, 0, 0, b"123"),
}


@pytest.mark.parametrize("name", FATAL)
def test_the_connection_of_a_client_that_breaks_the_protocol_ends(server, name):
    with RawClient(server.path, greet=False) as raw:
        raw.try_send(FATAL[name])
        raw.rest()


@pytest.mark.parametrize("cut", list(range(0, 24, 5)) + list(range(24, 24 + 9 + 9 + 120, 7)))
def test_a_client_that_leaves_in_the_middle_of_anything(server, cut):
    whole = GREETING + request(1) + data(1, message(b"x" * 50))
    with RawClient(server.path, greet=False) as raw:
        raw.send(whole[:cut])


def test_a_client_that_resets_the_socket_with_everything_unread(server):
    for _ in range(20):
        raw = RawClient(server.path)
        for n in range(1, 41, 2):
            raw.send(request(n, "/interop.Echo/Stream") + data(n, message(b"50 100000")))
        raw.close()


@pytest.mark.parametrize("seed", range(20))
def test_random_frames(server, seed):
    """Valid lengths, random everything else: the connection may live or die, the server lives."""
    chance = random.Random(seed)
    octets = GREETING
    for _ in range(60):
        payload = chance.randbytes(chance.choice([0, 4, 5, 8, 30]))
        octets += frame(chance.randrange(12), chance.randrange(256), chance.choice([0, 1, 3, 5, 2]), payload)
    with RawClient(server.path, greet=False) as raw:
        raw.try_send(octets)


@pytest.mark.parametrize("seed", range(20))
def test_bent_requests(server, seed):
    """A good conversation with a few bytes changed."""
    chance = random.Random(seed)
    octets = bytearray(GREETING + b"".join(request(n) + data(n, message(b"x" * 30)) for n in range(1, 21, 2)))
    for _ in range(5):
        octets[chance.randrange(24, len(octets))] = chance.randrange(256)
    with RawClient(server.path, greet=False) as raw:
        raw.try_send(bytes(octets))


def test_unknown_frames_and_settings_are_ignored(server):
    with RawClient(server.path) as raw:
        raw.send(frame(0x77, 0xFF, 0, b"whatever") + frame(SETTINGS, payload=struct.pack(">HI", 0x7777, 1)))
        raw.send(request(1) + data(1, message(b"good")))
        assert raw.frames_until(lambda f: f[0] == DATA)[-1][3] == message(b"good")


def test_ping_is_answered(server):
    with RawClient(server.path) as raw:
        raw.send(frame(PING, payload=b"abcdefgh"))
        assert raw.frames_until(lambda f: f[0] == PING)[-1] == (PING, ACK, 0, b"abcdefgh")


def read_while_sending(raw, octets, rounds):
    """Keeps the server's replies flowing, so that it is the flood that ends the connection, before so many rounds."""
    seen = []
    raw.socket.setblocking(False)
    pending = b""
    while rounds or pending:
        if not pending:
            pending, rounds = octets, rounds - 1
        try:
            pending = pending[raw.socket.send(pending) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            break
        try:
            chunk = raw.socket.recv(1 << 20)
            if not chunk:
                break
            raw.buffer += chunk
        except BlockingIOError:
            pass
        except ConnectionResetError:
            break
    raw.socket.settimeout(20)
    return raw.rest()


@pytest.mark.parametrize(
    "name, octets",
    [
        ("PING", frame(PING, payload=b"abcdefgh") * 1000),
        ("SETTINGS", settings(table=100) * 1000),
        ("PRIORITY", frame(PRIORITY, 0, 1, b"\x00\x00\x00\x03\x10") * 1000),
    ],
)
def test_a_flood_of_control_frames_ends_the_connection(server, name, octets):
    with RawClient(server.path) as raw:
        assert read_while_sending(raw, octets, 500), "not even SETTINGS were received"


def test_a_flood_of_empty_data_ends_the_connection(server):
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Collect"))
        last = read_while_sending(raw, data(1, b"", end=False) * 1000, 500)[-1]
        assert last[0] == GOAWAY and int.from_bytes(last[3][4:8], "big") == ENHANCE_YOUR_CALM


def test_rapid_resets_end_the_connection(server):
    with RawClient(server.path) as raw:
        reset = CANCEL.to_bytes(4, "big")
        for n in range(1, 40001, 2):
            if not raw.try_send(request(n, "/interop.Echo/Hold") + frame(RST_STREAM, 0, n, reset)):
                break
        assert any(f[0] == GOAWAY for f in raw.rest())


@pytest.mark.parametrize(
    "name, provocation",
    [
        ("a window that overflows", lambda n: frame(WINDOW_UPDATE, 0, n, b"\x7f\xff\xff\xff")),
        ("a second header section", lambda n: request(n)),
    ],
)
def test_resets_that_the_client_provokes_end_the_connection(server, name, provocation):
    """ "Made you reset": the server gives the stream up, and its handler goes on."""
    began = time.monotonic()
    with RawClient(server.path) as raw:
        for n in range(1, 40001, 2):
            if not raw.try_send(request(n, "/interop.Echo/Hold") + provocation(n)):
                break
        seconds = time.monotonic() - began
        frames = raw.rest()
        last = [f for f in frames if f[0] == GOAWAY][-1]
        assert int.from_bytes(last[3][4:8], "big") == ENHANCE_YOUR_CALM
        # A hundred at once and one more each second; and what the socket holds was under way by then. This client reads nothing: the
        # connection ends though its answers wait.
        assert sum(f[0] == RST_STREAM for f in frames) <= 101 + seconds
        assert n // 2 < 2000 + seconds, f"{n // 2} streams were opened"


@pytest.mark.parametrize(
    "flood",
    [
        lambda n: frame(PING, payload=b"abcdefgh"),
        lambda n: frame(WINDOW_UPDATE, 0, 0, b"\x00\x00\x00\x01"),
        lambda n: request(n) + request(n),
        lambda n: request(n, "/interop.Echo/Hold") + frame(RST_STREAM, 0, n, CANCEL.to_bytes(4, "big")),
    ],
    ids=["PING", "WINDOW_UPDATE", "malformed requests", "RST_STREAM"],
)
def test_a_flood_ends_also_when_there_is_no_room_for_last_words(server, flood):
    """The client has left the socket full before, and reads nothing: what it still sends is not read either, and it is hung up on.

    At once where the server has read enough of the flood to know it for one; where the full socket was first, as one that does not read.
    """
    with RawClient(server.path, greet=False) as raw:
        # Longer than a server waits for a client that does not read.
        raw.socket.settimeout(90)
        raw.send(PREFACE + settings(window=0x7FFFFFFF) + frame(WINDOW_UPDATE, 0, 0, b"\x7f\x00\x00\x00"))
        raw.send(request(1, "/interop.Echo/Stream") + data(1, message(b"1 400000")))
        sent = 0
        for n in range(3, 200_003, 2):
            if not raw.try_send(flood(n)):
                break
            sent += 1
        assert sent < 30_000, f"{sent} were taken"


@pytest.mark.parametrize("authority", ["/run/rktlet/rktlet.sock", "", None, "unix:/run/a.sock"])
def test_clients_of_a_unix_socket_may_name_any_host(server, authority):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", "/interop.Echo/Unary")]
    if authority is not None:
        fields.append((":authority", authority))
    fields += [("content-type", "application/grpc"), ("te", "trailers")]
    with RawClient(server.path) as raw:
        raw.send(frame(HEADERS, END_HEADERS, 1, hpack(fields)) + data(1, message(b"good")))
        assert raw.frames_until(lambda f: f[0] == DATA)[-1][3] == message(b"good")


@pytest.mark.parametrize(
    "fields",
    [
        [(":method", "POST"), (":scheme", "http")],
        [("te", "trailers"), (":method", "POST"), (":scheme", "http"), (":path", "/interop.Echo/Unary")],
        [(":method", "POST"), (":scheme", "http"), (":path", "/a/b"), ("Te", "trailers")],
        [(":method", "POST"), (":scheme", "http"), (":path", "/a/b"), ("connection", "close")],
    ],
)
def test_a_malformed_request_ends_its_stream_only(server, fields):
    with RawClient(server.path) as raw:
        raw.send(frame(HEADERS, END_HEADERS, 1, hpack(fields)) + data(1, message(b"bad")))
        reset = raw.frames_until(lambda f: f[0] == RST_STREAM)[-1]
        assert (reset[2], reset[3]) == (1, b"\x00\x00\x00\x01")
        raw.send(request(3) + data(3, message(b"good")))
        assert raw.frames_until(lambda f: f[0] == DATA)[-1][3] == message(b"good")


def test_a_header_list_that_is_too_large_fails_its_request_only(server):
    with RawClient(server.path) as raw:
        raw.send(request(1, flags=0))
        for n in range(5):
            last = END_HEADERS if n == 4 else 0
            raw.send(frame(CONTINUATION, last, 1, hpack([(f"x-{n}", "v" * 15000)])))
        raw.frames_until(lambda f: f[0] == HEADERS and f[2] == 1 and f[1] & END_STREAM)
        raw.send(request(3) + data(3, message(b"good")))
        assert raw.frames_until(lambda f: f[0] == DATA)[-1][3] == message(b"good")


def test_a_header_bomb_takes_no_memory(server):
    """One field of 3 KiB in the HPACK table, then a thousand times by a single byte each, on many streams."""
    before = server.resident()
    with RawClient(server.path) as raw:
        entry = b"\x40" + b"\x01x" + b"\x7f\x81\x17" + b"v" * 3072
        pseudo = hpack([(":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "x")])
        raw.send(frame(HEADERS, END_HEADERS, 1, pseudo + entry))
        for n in range(3, 403, 2):
            if not raw.try_send(frame(HEADERS, END_HEADERS, n, pseudo + b"\xbe" * 10000)):
                break
        raw.try_send(frame(PING, payload=b"abcdefgh"))
        raw.frames_until(lambda f: f[0] in (PING, GOAWAY))
    assert server.resident() - before < 64 * 1024 * 1024


def test_a_client_that_sends_no_preface_is_hung_up_on(start):
    server = start("--handshake-ms", "200")
    with RawClient(server.path, greet=False) as raw:
        raw.rest()
    with RawClient(server.path, greet=False) as raw:
        raw.try_send(PREFACE[:10])
        raw.rest()
    server.wait_for_line("notice a gRPC connection was ended: the client sent no HTTP/2 preface")


def test_a_client_that_never_reads_its_socket_is_hung_up_on(start):
    server = start("--stall-ms", "500")
    before = server.resident()
    with RawClient(server.path, greet=False) as raw:
        octets = PREFACE + settings(window=0x7FFFFFFF) + frame(WINDOW_UPDATE, 0, 0, b"\x7f\x00\x00\x00")
        for n in range(1, 201, 2):
            octets += request(n, "/interop.Echo/Stream") + data(n, message(b"100000 50000"))
        # At once: the time to read begins with the first response.
        raw.send(octets)
        server.wait_for_line("notice a gRPC connection was ended: the client does not read")
        assert server.resident() - before < 64 * 1024 * 1024
        server.settle()


def test_a_client_that_never_opens_its_window_is_hung_up_on(start):
    server = start("--stall-ms", "500")
    with RawClient(server.path, greet=False) as raw:
        raw.send(PREFACE + settings(window=0) + request(1) + data(1, message(b"x")))
        raw.rest()
    server.wait_for_line("notice a gRPC connection was ended: the client takes none of its responses")


def test_trailers_need_no_window(server):
    with RawClient(server.path, greet=False) as raw:
        raw.send(PREFACE + settings(window=0) + frame(SETTINGS, ACK))
        raw.send(request(1, "/interop.Echo/Stream") + data(1, message(b"0 0")))
        raw.frames_until(lambda f: f[0] == HEADERS and f[2] == 1 and f[1] & END_STREAM)


MIB = 1024 * 1024


def test_a_connection_that_reads_nothing_holds_little(start):
    """200 responses of 2 MiB and no window for any: what is held is bounded, and given back long before the stall."""
    server = start("--unread-bytes", str(16 * MIB), "--held-bytes", str(32 * MIB), "--crowded-ms", "1500")
    before = server.resident()
    with RawClient(server.path, greet=False) as raw:
        raw.send(PREFACE + settings(window=0) + frame(SETTINGS, ACK))
        for n in range(1, 401, 2):
            raw.send(request(n, "/interop.Echo/Stream") + data(n, message(b"1 2097152")))
        refused, reset = set(), set()
        while len(refused | reset) < 200 - 8:
            kind, flags, stream, _ = raw.frames_until(lambda f: f[0] in (HEADERS, RST_STREAM))[-1]
            if kind == RST_STREAM:
                reset.add(stream)
            elif flags & END_STREAM:
                refused.add(stream)
        assert refused, "no call was refused"
        assert reset, "no stalled stream was reset"
        assert server.resident() - before < 100 * MIB
        # What is left is below the mark, and new calls are served again.
        raw.send(request(401, "/interop.Echo/Stream") + data(401, message(b"0 0")))
        raw.frames_until(lambda f: f[0] == HEADERS and f[2] == 401 and f[1] & END_STREAM)
    server.wait_for_line("notice a gRPC client asks for too much")


def test_one_stream_that_is_not_read_is_reset_and_the_others_live(start):
    # As long as this client may be kept from going on: a connection on which nothing moves for that time is closed.
    server = start("--stall-ms", "5000")
    with RawClient(server.path) as raw:
        raw.send(frame(WINDOW_UPDATE, 0, 0, (1 << 24).to_bytes(4, "big")))
        raw.send(request(1, "/interop.Echo/Stream") + data(1, message(b"1000 100000")))
        n, seen = 3, []
        while not any(f[0] == RST_STREAM and f[2] == 1 for f in seen):
            raw.send(request(n) + data(n, message(b"x")))
            seen = raw.frames_until(lambda f: f[2] == n and f[1] & END_STREAM and f[0] == HEADERS)
            n += 2


def test_a_client_that_does_not_answer_ping_is_hung_up_on(start):
    server = start("--keepalive-ms", "200", "--keepalive-timeout-ms", "200")
    with RawClient(server.path) as raw:
        assert [f for f in raw.rest() if f[0] == PING]
    server.wait_for_line("notice a gRPC connection was ended: the client does not answer PING")


def test_a_client_that_answers_ping_is_kept(start):
    server = start("--keepalive-ms", "100", "--keepalive-timeout-ms", "30000")
    with RawClient(server.path) as raw:
        for _ in range(3):
            ping = raw.frames_until(lambda f: f[0] == PING)[-1]
            raw.send(frame(PING, ACK, 0, ping[3]))


def test_an_idle_connection_is_asked_to_go(start):
    server = start("--idle-ms", "300")
    with RawClient(server.path) as raw:
        seen = raw.frames_until(lambda f: f[0] == PING)
        assert any(f[0] == GOAWAY for f in seen)
        raw.send(frame(PING, ACK, 0, seen[-1][3]))
        raw.rest()


def test_descriptors_are_given_back(server):
    server.settle()
    before = server.descriptors()
    for n in range(50):
        with RawClient(server.path) as raw:
            # Names of their own: the call before may still hold.
            raw.send(request(1, "/interop.Echo/Hold") + data(1, message(b"fd-%d" % n)))
    server.settle()
    eventually(lambda: server.descriptors() <= before + 1, "descriptors are closed")


def test_partial_messages_on_many_connections_share_one_bound(server):
    """Forty connections with eight of sixteen MiB each, and none of them goes on; a client with as large a message is served beside them."""
    before = server.resident()
    beginning = struct.pack(">BI", 0, 16 * MIB)
    piece = data(1, b"x" * 16384, end=False)
    with contextlib.ExitStack() as clients:
        raws = [clients.enter_context(RawClient(server.path)) for _ in range(40)]
        for raw in raws:
            raw.send(request(1, "/interop.Echo/Collect") + data(1, beginning, end=False))
        for _ in range(8):
            for raw in raws:
                raw.send(piece * 64)
        for raw in raws:
            raw.send(frame(PING, payload=b"abcdefgh"))
        seen = [raw.frames_until(lambda f: f[0] == PING) for raw in raws]
        refused = [frames for frames in seen if any(f[0] == HEADERS and b"RESOURCE_EXHAUSTED" in f[3] or f[0] == RST_STREAM for f in frames)]
        assert 40 - 128 // 8 - 1 <= len(refused) <= 40 - 128 // 16, f"{len(refused)} of 40 were refused"
        assert server.resident() - before < 220 * MIB
        # Those that hold on to what they have make way.
        with contextlib.closing(server.client()) as honest:
            large = b"y" * (16 * MIB - 100)

            def is_served():
                try:
                    return honest.call("Echo/Unary", large) == large
                except grpc.RpcError as error:
                    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                    return False

            eventually(is_served, "a client with one large message is served")
            assert honest.call("Echo/Unary", b"small") == b"small"
        assert server.resident() - before < 300 * MIB


ANOTHER = """
import sys
from conftest import Client
sys.stdout.buffer.write(Client(sys.argv[1]).call("Echo/Unary", sys.stdin.buffer.read()))
"""


def in_another_process(server, payload):
    """The answer to a call of a client that is not this process."""
    here = os.path.dirname(os.path.realpath(__file__))
    result = subprocess.run([sys.executable, "-B", "-c", ANOTHER, f"unix:{server.path}"], input=payload, capture_output=True, cwd=here, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def test_requests_that_never_end_on_many_connections_share_one_bound(server):
    """Thirty connections with a thousand streams, of each the head and five bytes of a message."""
    before = server.resident()
    with contextlib.ExitStack() as clients:
        raws = [clients.enter_context(RawClient(server.path)) for _ in range(30)]
        for raw in raws:
            raw.send(b"".join(
                request(n, "/interop.Echo/Collect") + data(n, struct.pack(">BI", 0, 16 * MIB), end=False) for n in range(1, 2000, 2)))
        for raw in raws:
            raw.send(frame(PING, payload=b"abcdefgh"))
            raw.frames_until(lambda f: f[0] == PING)
        assert server.resident() - before < 300 * MIB
        # This process has all there is, and may not even ask how much; another one has its share.
        with contextlib.closing(server.client()) as own:
            with pytest.raises(grpc.RpcError) as refused:
                own.call("Echo/Unary", b"small")
            assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert in_another_process(server, b"small") == b"small"
