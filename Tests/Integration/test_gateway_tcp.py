"""The gateway on TCP, where every user of the machine and every pod on its network can knock; and hostile bodies and heads on any socket."""

import contextlib
import json
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
import yaml
from gateway import SOCKET, Gateway
from node import BIN, ROOT, eventually, run

PORT = 8284
UNKNOWN = "9" * 64


class Door:
    """What one client of the address sees."""

    def __init__(self, token, metrics):
        self.token, self.metrics = token, metrics

    def ask(self, method, path, token=None, **headers):
        """(status, text)."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode() if not path.endswith("/events") else ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def door(node, tmp_path):
    node.stop()
    node.arguments = [f"--gateway=tcp://127.0.0.1:{PORT}", f"--gateway-token-file={tmp_path}/token", f"--metrics-token-file={tmp_path}/metrics"]
    try:
        node.start()
        tokens = []
        for name in ("token", "metrics"):
            assert os.stat(tmp_path / name).st_mode & 0o777 == 0o600
            tokens.append((tmp_path / name).read_text().strip())
        yield Door(*tokens)
    finally:
        node.stop()
        node.arguments = []
        node.start()


def operations():
    """Every (method, path) of the document, with ids that nothing has."""
    with open(os.path.join(ROOT, "openapi", "rktlet.yaml")) as stream:
        paths = yaml.safe_load(stream)["paths"]
    return [
        (method.upper(), re.sub(r"\{\w+\}", UNKNOWN, path))
        for path, items in paths.items() for method in items if method in ("get", "put", "post", "delete")]


@pytest.mark.restarts_daemon
def test_what_each_token_opens(door, node, tmp_path):
    listed = operations()
    assert len(listed) > 25
    for method, path in listed:
        openly = path in ("/", "/healthz", "/readyz")
        for token in (None, "x" * 64, door.token[:-1], door.metrics):
            expected = openly or (path in ("/metrics", "/metrics/pods") and token == door.metrics)
            status, text = door.ask(method, path, token)
            assert (status == 401) != expected, (method, path, token, status, text)
        assert door.ask(method, path, door.token)[0] != 401, (method, path)
    for path in ("/v1/pods?token=" + door.token, "/v1/pods?access_token=" + door.token):
        assert door.ask("GET", path)[0] == 401
    assert "rktlet_pods" in door.ask("GET", "/metrics", door.metrics)[1]
    console = [f"--gateway=tcp://127.0.0.1:{PORT}"]
    assert run(os.path.join(BIN, "rktlet"), "ps", *console, f"--gateway-token-file={tmp_path}/token").stdout.startswith("POD ")
    wrong = run(os.path.join(BIN, "rktlet"), "top", "--once", *console, f"--gateway-token-file={tmp_path}/metrics", check=False)
    assert wrong.returncode == 1 and "token" in wrong.stderr, wrong


@pytest.mark.restarts_daemon
def test_the_socket_is_there_beside_tcp(door, node, pod):
    """The same node through both doors; at the console nobody needs a token, and without the socket's there would be one for no reason."""
    ours, theirs = Gateway().get("/v1/pods"), json.loads(door.ask("GET", "/v1/pods", door.token)[1])
    assert [one["id"] for one in ours["items"]] == [one["id"] for one in theirs["items"]] == [pod.id]
    assert os.stat(SOCKET).st_mode & 0o777 == 0o600 and door.ask("GET", "/v1/pods")[0] == 401
    for arguments in (["ps"], ["top", "--once"]):
        assert run(os.path.join(BIN, "rktlet"), *arguments).returncode == 0
    doctor = run(os.path.join(BIN, "rktlet"), "doctor", *node.arguments, check=False).stdout
    assert re.search(rf"ok +gateway +is configured for unix://{SOCKET} for root, tcp://127.0.0.1:{PORT} with the token in ", doctor), doctor


LISTEN = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("here", flush=True)
connection = listener.accept()[0]
connection.settimeout(20)
print(connection.recv(65536), flush=True)
"""


def test_the_token_is_not_sent_to_another_users_listener(node, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef0123456789abcdef\n")
    os.chmod(tmp_path / "token", 0o600)
    with subprocess.Popen([sys.executable, "-c", LISTEN, "8285"], stdout=subprocess.PIPE, text=True, user=65534, group=65534) as thief:
        assert thief.stdout.readline() == "here\n"
        answer = run(
            os.path.join(BIN, "rktlet"), "ps", "--gateway=tcp://127.0.0.1:8285", f"--gateway-token-file={tmp_path}/token", check=False)
        assert answer.returncode == 1 and "is not root" in answer.stderr, answer
        assert thief.stdout.readline() == "b''\n"


def raw(data, port=None, timeout=60):
    """What comes back for these bytes, on TCP or on the Unix socket."""
    with socket.create_connection(("127.0.0.1", port)) if port else socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        if not port:
            connection.connect(SOCKET)
        answer = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


HEADS = [
    "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n",
    "GET /v1/version HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n", "GET http://evil.example/v1/version HTTP/1.1\r\nHost: localhost\r\n",
    "GET http://evil.example/v1/version HTTP/1.1\r\nHost: evil.example\r\n", "GET HTTP://localhost/v1/version HTTP/1.1\r\nHost: localhost\r\n",
    "GET https://localhost/v1/version HTTP/1.1\r\nHost: localhost\r\n", "GET x:/v1/version HTTP/1.1\r\nHost: localhost\r\n",
    "GET //localhost/v1/version HTTP/1.1\r\nHost: localhost\r\n", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n",
    "GET /v1/version HTTP/1.1\r\nHost:\r\n", "GET /v1/version HTTP/1.1\r\n", "GET /v1/version HTTP/1.0\r\n",
    "GET /v1/version HTTP/1.1\r\nHost: user@localhost\r\n", "GET /v1/version HTTP/1.1\r\nHost: local host\r\n",
    "GET /v1/version HTTP/1.1\r\nHost: localhost, evil.example\r\n", "GET /v1/version HTTP/1.1\r\nHost : localhost\r\n",
    "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n", "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n",
    "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n",
]


@pytest.mark.parametrize("head", HEADS)
def test_heads_that_are_refused_on_the_unix_socket(node, head):
    answer = raw((head + "Connection: close\r\n\r\n").encode())
    assert answer.split(b" ")[1] in (b"400", b"403", b"405", b"421"), answer
    assert b"runtimeName" not in answer


@pytest.mark.restarts_daemon
def test_heads_that_are_refused_on_tcp(door):
    for head in HEADS:
        answer = raw((head + f"Authorization: Bearer {door.token}\r\nConnection: close\r\n\r\n").encode(), PORT)
        assert answer.split(b" ")[1] in (b"400", b"403", b"405", b"421"), (head, answer)
    # In its turn: what is refused does not overtake what was asked before it.
    good = f"GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {door.token}\r\n"
    both = raw((good + "\r\n" + HEADS[3] + f"Authorization: Bearer {door.token}\r\nConnection: close\r\n\r\n").encode(), PORT)
    assert re.findall(rb"HTTP/1\.1 (\d+)", both) == [b"200", b"400"]


def flood(stack, count, data=b""):
    """As many connections, kept; each says this much."""
    connections = []
    for _ in range(count):
        connection = stack.enter_context(socket.socket())
        connection.settimeout(30)
        connection.connect(("127.0.0.1", PORT))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
        connections.append(connection)
    return connections


@pytest.mark.restarts_daemon
def test_strangers_in_numbers_lock_nobody_out(door, node):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    events = b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n"

    def answers():
        for path in ("/v1/pods", "/metrics"):
            assert door.ask("GET", path, door.token)[0] == 200
        assert door.ask("GET", "/healthz")[0] == 200
    try:
        for data in (events + b"\r\n", events + b"Authorization: Bearer x\r\n\r\n", b"", b"GET / HTTP/1.1\r\n"):
            with contextlib.ExitStack() as stack:
                flood(stack, 1100, data)
                answers()
        # Those with a token fill the places of streams, and can still ask.
        with contextlib.ExitStack() as stack:
            streams = flood(stack, 300, events + f"Authorization: Bearer {door.token}\r\n\r\n".encode())
            statuses = [stream.recv(12)[9:] for stream in streams]
            assert statuses.count(b"200") == 256 and statuses.count(b"503") == 44
            flood(stack, 1100)
            answers()
        eventually(lambda: "rktlet_gateway_event_subscribers 0\n" in door.ask("GET", "/metrics", door.metrics)[1], "no subscriber is left")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_streams_leave_room_on_the_unix_socket(node):
    gateway = Gateway()
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(contextlib.closing(gateway.open("GET", "/v1/events"))) for _ in range(300)]
        assert [answer.status for answer in streams].count(200) == 256
        assert gateway.get("/v1/version")["runtimeName"] == "rktlet"
    eventually(lambda: "rktlet_gateway_event_subscribers 0\n" in gateway.get("/metrics"), "no subscriber is left")


def deep(size):
    return b"[" * size


def laughs():
    return b"a: &a " + b"x" * 67_000 + b"\nb:\n" + b"- *a\n" * 40_000


BODIES = {
    "depth": deep(300_000), "depth, a level a line": b"[\n" * 150_000, "blocks": b"- " * 150_000, "aliases": laughs(),
    "anchors": b"".join(b"- &a%d x\n" % n for n in range(50_000)),
    "tag directives": b"".join(b"%%TAG !a%d! tag:x\n" % n for n in range(100_000)) + b"---\na",
    "many small values": b"[" + b"a," * 1_000_000, "json": b'{"labels":{' + b",".join(b'"k%d":"v"' % n for n in range(120_000)) + b"}}",
}


def processor_time(pid):
    with open(f"/proc/{pid}/stat") as stream:
        fields = stream.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak(pid):
    with open(f"/proc/{pid}/status") as stream:
        return int(re.search(r"VmHWM:\s+(\d+) kB", stream.read())[1]) * 1024


@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies_cost_little_and_hold_up_nobody(node, name):
    gateway, pid = Gateway(), node.pid()
    kind = "application/json" if name == "json" else "application/yaml"
    with open(f"/proc/{pid}/clear_refs", "w") as stream:
        stream.write("5")
    before, memory, answers = processor_time(pid), peak(pid), []

    def send():
        answers.append(gateway.ask("POST", "/v1/pods", BODIES[name], headers={"Content-Type": kind}, timeout=120))
    senders = [threading.Thread(target=send, daemon=True) for _ in range(4)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        assert gateway.get("/v1/version")["runtimeName"] == "rktlet"
    assert [status for status, _ in answers] == [400] * 4, answers
    took, more = processor_time(pid) - before, peak(pid) - memory
    print(json.dumps({"body": name, "bytes": len(BODIES[name]), "each, s": round(took / 4, 3), "peak, MB": round(more / 1e6)}))
    assert took < 8 and more < 300 << 20
    assert node.pid() == pid


def test_an_environment_is_shown_to_who_asks(node, pod, busybox):
    gateway, password = Gateway(), "hunter2-of-the-test"
    config = {
        "metadata": {"name": "c"}, "image": {"image": busybox}, "command": ["sleep", "1000"], "log_path": "c/0.log",
        "linux": {"security_context": {"namespace_options": {"pid": "CONTAINER"}}},
        "envs": [{"key": "PASSWORD", "value": password}]}
    container = gateway.post(f"/v1/pods/{pod.id}/containers", config)["containerId"]
    gateway.post(f"/v1/containers/{container}/start")
    for path in (f"/v1/containers/{container}?verbose=true", "/v1/containers?verbose=true", f"/v1/pods/{pod.id}?verbose=true", "/metrics"):
        text = str(gateway.get(path))
        assert password not in text, path
    shown = gateway.get(f"/v1/containers/{container}?show=env")["info"]
    assert json.loads(shown["envs"]) == config["envs"]
