"""A SPDY/3.1 client, as small as it can be: what kubectl's side of exec, attach and port-forward says, byte by byte.

It is written against the specification and shares nothing with the daemon: the dictionary is read from it once more, in words.
"""

import json
import socket
import struct
import urllib.parse
import zlib

WORDS = """options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization
cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type
date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards
pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning
www-authenticate method get status 200~OK version HTTP/1.1 url public set-cookie keep-alive origin"""
REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content"
    "301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.")
DICTIONARY = b"".join(
    struct.pack(">I", len(word)) + word.replace("~", " ").encode() for word in WORDS.split()) + REST.encode()
assert zlib.adler32(DICTIONARY) == 0xE3C6A7C2

SYN_STREAM, SYN_REPLY, RST_STREAM, SETTINGS, PING, GOAWAY, HEADERS, WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9


class Refused(Exception):
    """The upgrade was answered with something else than 101: `status`, `headers`, `body`."""

    def __init__(self, status, headers, body):
        super().__init__(f"{status}: {body!r}")
        self.status, self.headers, self.body = status, headers, body


class SPDY:
    """One session. `data` has what came by stream, `ended` the streams that the server ended, `resets` those it reset, with the reason."""

    def __init__(self, url, protocol, method="POST", headers=(), timeout=60, tls=None):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=parts.hostname)
        lines = [f"{method} {parts.path} HTTP/1.1", "Host: api.example", "Origin: https://page.example", "Connection: Upgrade", "Upgrade: SPDY/3.1"]
        lines += [f"X-Stream-Protocol-Version: {name}" for name in ([protocol] if isinstance(protocol, str) else protocol)]
        self.socket.sendall(("\r\n".join([*lines, *headers]) + "\r\n\r\n").encode())
        self.buffer = bytearray()
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *fields = head.decode().split("\r\n")
        self.headers = [tuple(field.split(": ", 1)) for field in fields]
        status = int(first.split()[1])
        if status != 101:
            try:
                while True:
                    self._more()
            except EOFError:
                pass
            self.socket.close()
            raise Refused(status, self.headers, self.buffer.decode())
        self.deflater, self.inflater = zlib.compressobj(zdict=DICTIONARY), zlib.decompressobj(zdict=DICTIONARY)
        self.next = 1
        self.data, self.ended, self.resets, self.replies, self.is_gone = {}, set(), {}, set(), False

    def _more(self):
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise EOFError
        self.buffer += piece

    def _control(self, kind, body, flags=0):
        self.socket.sendall(struct.pack(">HHI", 0x8003, kind, flags << 24 | len(body)) + body)

    def open(self, **headers):
        """A new stream with these headers; its number."""
        number, self.next = self.next, self.next + 2
        block = struct.pack(">I", len(headers))
        for name, value in sorted(headers.items()):
            for text in (name.lower(), str(value)):
                block += struct.pack(">I", len(text)) + text.encode()
        compressed = self.deflater.compress(block) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        self._control(SYN_STREAM, struct.pack(">IIH", number, 0, 0) + compressed)
        self.data[number] = bytearray()
        return number

    def send(self, number, content, fin=False):
        for start in range(0, max(len(content), 1), 1 << 20):
            piece = content[start:start + (1 << 20)]
            last = fin and start + len(piece) >= len(content)
            self.socket.sendall(struct.pack(">II", number, int(last) << 24 | len(piece)) + piece)

    def reset(self, number):
        self._control(RST_STREAM, struct.pack(">II", number, 5))

    def ping(self, number):
        self._control(PING, struct.pack(">I", number))

    def step(self):
        """Reads one frame; its kind, 0 for data."""
        while len(self.buffer) < 8:
            self._more()
        first, second = struct.unpack(">II", self.buffer[:8])
        flags, length = second >> 24, second & 0xFFFFFF
        while len(self.buffer) < 8 + length:
            self._more()
        body = bytes(self.buffer[8:8 + length])
        del self.buffer[:8 + length]
        if not first >> 31:
            self.data[first] += body
            if flags & 1:
                self.ended.add(first)
            return 0
        assert first >> 16 == 0x8003
        kind = first & 0xFFFF
        number = struct.unpack(">I", body[:4])[0]
        if kind == SYN_REPLY:
            self.inflater.decompress(body[4:])
            self.replies.add(number)
        elif kind == RST_STREAM:
            self.resets[number] = struct.unpack(">I", body[4:])[0]
        elif kind == GOAWAY:
            self.is_gone = True
        return kind

    def until(self, condition):
        while not condition():
            self.step()

    def finish(self):
        """Reads until the server goes away."""
        try:
            while not self.is_gone:
                self.step()
        except EOFError:
            self.socket.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class SPDYCommand(SPDY):
    """exec or attach."""

    def __init__(self, url, stdin=False, stdout=True, stderr=False, tty=False, protocol="v4.channel.k8s.io", tls=None):
        super().__init__(url, protocol, tls=tls)
        self.error = self.open(streamType="error")
        self.stdin = self.open(streamType="stdin") if stdin else None
        self.stdout = self.open(streamType="stdout") if stdout else None
        self.stderr = self.open(streamType="stderr") if stderr else None
        self.sizes = self.open(streamType="resize") if tty else None

    def resize(self, width, height):
        self.send(self.sizes, json.dumps({"Width": width, "Height": height}).encode() + b"\n")

    def result(self):
        """(exit code, stdout, stderr); the code is None for a failure of another kind."""
        self.finish()
        return code_of_status(self.data[self.error]), self.data.get(self.stdout, b""), self.data.get(self.stderr, b"")


def code_of_status(text):
    status = json.loads(text)
    if status["status"] == "Success":
        return 0
    causes = status.get("details", {}).get("causes", [])
    return next((int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"), None)
