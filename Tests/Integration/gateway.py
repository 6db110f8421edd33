"""A client of the gateway over its Unix socket, and the JSON that protobuf would make of a message of the CRI."""

import http.client
import json
import socket

from google.protobuf import json_format

SOCKET = "/run/rktlet/gateway.sock"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Gateway:
    def __init__(self, path=SOCKET):
        self.path = path

    def open(self, method, target, body=None, headers=None, timeout=30):
        """The answer with its body still to be read."""
        connection = UnixConnection(self.path, timeout)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        headers = {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {}
        connection.request(method, target, body=body, headers=headers)
        return connection.getresponse()

    def ask(self, method, target, body=None, **options):
        """(status, JSON or text)."""
        answer = self.open(method, target, body, **options)
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if "json" in kind and "ndjson" not in kind else text

    def get(self, target, **options):
        status, value = self.ask("GET", target, **options)
        assert status == 200, (status, value)
        return value

    def post(self, target, body=None, **options):
        status, value = self.ask("POST", target, body, **options)
        assert status in (200, 201), (status, value)
        return value

    def events(self):
        """(type, data) of every event, as they come."""
        answer = self.open("GET", "/v1/events", timeout=30)
        assert answer.status == 200
        kind = None
        for line in answer:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                yield kind, json.loads(line[6:])
            elif line.startswith(": rktlet"):
                yield "open", None


def as_json(message):
    """With every field that has no presence, as the gateway writes them."""
    try:
        return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    except TypeError:
        return json_format.MessageToDict(message, including_default_value_fields=True)


def same(ours, theirs, path=""):
    """Raises unless the gateway's JSON says what the message does; what it leaves out must be what proto3 leaves out."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in set(ours) | set(theirs):
            here = f"{path}.{key}"
            if key not in ours:
                assert theirs[key] in ("", "0", 0, False, [], {}, None), f"{here}: missing, {theirs[key]!r} in gRPC"
            elif key not in theirs:
                assert ours[key] in ("", "0", 0, False, [], {}, None), f"{here}: {ours[key]!r}, missing in gRPC"
            else:
                same(ours[key], theirs[key], here)
    elif isinstance(theirs, list) and isinstance(ours, list):
        assert len(ours) == len(theirs), f"{path}: {ours} and {theirs}"
        for index, pair in enumerate(zip(ours, theirs)):
            same(*pair, f"{path}[{index}]")
    else:
        assert ours == theirs, f"{path}: {ours!r}, {theirs!r} in gRPC"
