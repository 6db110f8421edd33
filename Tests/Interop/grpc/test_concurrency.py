"""Many calls at once, and back-pressure in both directions."""

import concurrent.futures

from frames import DATA, END_STREAM, HEADERS, PREFACE, RST_STREAM, WINDOW_UPDATE, RawClient, data, frame, message, request, settings

MIB = 1024 * 1024


def test_four_hundred_calls_are_open_on_one_connection(server, client):
    names = [b"many-%d" % n for n in range(400)]
    calls = [client.unary("Echo/Hold").future(name, timeout=60) for name in names]
    control = server.client()
    for name in names:
        control.call("Control/WaitFor", b"started " + name, timeout=30)
    server.settle((2, 400, 400))
    for name in names:
        control.call("Control/Release", name)
    assert [call.result() for call in calls] == [b"released"] * 400
    control.close()


def test_two_thousand_calls_from_twenty_threads(client):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        payloads = [b"%d" % n * (n % 50) for n in range(2000)]
        assert list(pool.map(lambda p: client.call("Echo/Unary", p), payloads)) == payloads


def test_streams_and_unary_calls_side_by_side(client):
    streams = [client.stream("Echo/Stream", b"20 100000") for _ in range(50)]
    assert client.call("Echo/Unary", b"x") == b"x"
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert list(pool.map(lambda s: sum(len(m) for m in s), streams)) == [2_000_000] * 50


def test_streams_above_the_limit_are_refused_while_the_client_cannot_know_it(server):
    """Until the client has acknowledged SETTINGS its surplus streams are refused one by one."""
    with RawClient(server.path, greet=False) as raw:
        raw.send(PREFACE + settings())
        for n in range(1, 2401, 2):
            raw.send(request(n, "/interop.Echo/Hold"))
        seen = raw.frames_until(lambda f: f[0] == RST_STREAM and f[2] == 2399)
        assert len([f for f in seen if f[0] == RST_STREAM]) == 200
        server.settle((1, 1000, 1000))


def test_a_client_that_ignores_the_limit_of_streams_is_hung_up_on(server):
    with RawClient(server.path) as raw:
        for n in range(1, 2401, 2):
            if not raw.try_send(request(n, "/interop.Echo/Hold")):
                break
        raw.rest()


def test_a_stream_that_is_not_read_suspends_its_writer(server, client):
    before = server.resident()
    call = client.stream("Echo/Stream", b"100000 100000 unread-stream")
    next(call)
    peak = max(server.resident() for _ in range(200) if client.call("Echo/Unary", b"x") == b"x")
    assert peak - before < 32 * MIB, "10 GB of messages were not held back"
    call.cancel()
    client.call("Control/WaitFor", b"cancelled unread-stream")


def test_a_closed_window_holds_the_response_back_until_it_opens(server):
    with RawClient(server.path, greet=False) as raw:
        raw.send(PREFACE + settings(window=10) + request(1) + data(1, message(b"x" * 100)))
        received = b""
        while len(received) < 105:
            kind, _, stream, payload = raw.frames_until(lambda f: f[0] == DATA)[-1]
            assert len(payload) <= 10
            received += payload
            raw.send(frame(WINDOW_UPDATE, 0, 1, len(payload).to_bytes(4, "big")))
        assert received == message(b"x" * 100)
        raw.frames_until(lambda f: f[0] == HEADERS and f[1] & END_STREAM)


def test_a_handler_that_does_not_read_closes_its_streams_window_only(server, client):
    """The window of 256 KiB is used up, and not opened again; another stream of the connection goes on."""
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Unread"))
        for _ in range(16):
            raw.send(data(1, message(b"x" * (16384 - 5)), end=False))
        for n in range(3, 203, 2):
            raw.send(request(n) + data(n, message(b"y" * 16000)))
            seen = raw.frames_until(lambda f: f[0] == HEADERS and f[2] == n and f[1] & END_STREAM)
            assert not any(f[0] == WINDOW_UPDATE and f[2] == 1 for f in seen)
            raw.send(frame(WINDOW_UPDATE, 0, 0, (16005).to_bytes(4, "big")))
    client.call("Control/WaitFor", b"cancelled unread")


def test_the_window_opens_as_the_handler_reads(server):
    with RawClient(server.path) as raw:
        raw.send(request(1, "/interop.Echo/Chat"))
        octets = data(1, message(b"x" * 59), end=False) * 16
        credit, sent, echoed = 256 * 1024, 0, 0
        while sent < 2 * MIB:
            # Each echo is read before more is sent: a server whose output is stuck reads nothing, and both would wait.
            while credit < 16 * 64 or echoed < sent:
                kind, _, _, payload = raw.frames_until(lambda f: f[0] in (DATA, WINDOW_UPDATE) and f[2] == 1)[-1]
                if kind == DATA:
                    echoed += len(payload)
                else:
                    credit += int.from_bytes(payload, "big")
            raw.send(octets)
            credit -= 16 * 64
            sent += 16 * 64
            raw.send(frame(WINDOW_UPDATE, 0, 0, (16 * 64).to_bytes(4, "big")))
            raw.send(frame(WINDOW_UPDATE, 0, 1, (16 * 64).to_bytes(4, "big")))


def test_many_connections(server):
    clients = [server.client() for _ in range(60)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda c: c.call("Echo/Unary", b"x"), clients)) == {b"x"}
    for c in clients:
        c.close()


def test_connections_without_a_call_give_way_to_new_ones(start):
    server = start("--connections", "3")
    held = [RawClient(server.path, greet=False) for _ in range(3)]
    for raw in held:
        raw.frame()
    client = server.client()
    assert client.call("Echo/Unary", b"x") == b"x"
    held[0].rest()
    server.wait_for_line("notice a gRPC connection was ended: it had no call for longest")
    client.close()
    for raw in held:
        raw.close()
