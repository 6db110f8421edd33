"""HTTP/2 frames by hand, for what no well-behaved client would send."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 0x1, 0x1, 0x4

NO_ERROR, PROTOCOL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 8, 11


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def settings(**values):
    numbers = {"window": 4, "frame": 5, "streams": 3, "table": 1}
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", numbers[k], v) for k, v in values.items()))


def _integer(value, bits, first=0):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out = [first | limit]
    value -= limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


def hpack(fields):
    """Literals only: never indexed, never Huffman-coded."""
    out = b""
    for name, value in fields:
        name, value = name.encode(), value if isinstance(value, bytes) else value.encode()
        out += b"\x00" + _integer(len(name), 7) + name + _integer(len(value), 7) + value
    return out


def request(stream, path="/interop.Echo/Unary", extra=(), flags=END_HEADERS):
    fields = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]
    return frame(HEADERS, flags, stream, hpack(fields + list(extra)))


def message(payload, compressed=0):
    return struct.pack(">BI", compressed, len(payload)) + payload


def data(stream, payload, end=True):
    return frame(DATA, END_STREAM if end else 0, stream, payload)


class RawClient:
    """A connection that sends what it is told and keeps what it gets."""

    def __init__(self, path, greet=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.buffer = b""
        if greet:
            # The server's SETTINGS are on their way already; its windows hold from their acknowledgement on.
            self.send(PREFACE + settings() + frame(SETTINGS, ACK))

    def send(self, octets):
        self.socket.sendall(octets)

    def try_send(self, octets):
        """Sends as much as the server takes: it may hang up meanwhile."""
        try:
            self.socket.sendall(octets)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def frame(self):
        """The next frame as (type, flags, stream, payload), or None at the connection's end."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not chunk:
                return None
            self.buffer += chunk
        length = int.from_bytes(self.buffer[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
        payload, self.buffer = self.buffer[9 : 9 + length], self.buffer[9 + length :]
        return kind, flags, stream & 0x7FFFFFFF, payload

    def frames_until(self, accept):
        """Frames up to the first that `accept` likes; fails when the connection ends before."""
        seen = []
        while (item := self.frame()) is not None:
            seen.append(item)
            if accept(item):
                return seen
        raise AssertionError(f"the connection ended after {[(f[0], f[1], f[2], f[3][:60]) for f in seen]}")

    def rest(self):
        """All frames up to the connection's end, which must come."""
        seen = []
        while (item := self.frame()) is not None:
            seen.append(item)
        return seen

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
