"""`rktlet exec`, `attach` and `port-forward`, as a person at a console has them."""

import contextlib
import fcntl
import hashlib
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest
from node import BIN, eventually

RKTLET = os.path.join(BIN, "rktlet")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RKTLET_")}


def rktlet(*arguments, **options):
    return subprocess.run([RKTLET, *arguments], env=ENVIRONMENT, capture_output=True, timeout=120, **options)


def is_writing(process):
    """Whether a thread of it waits in write(2) to its standard output."""
    number = {"x86_64": "1", "aarch64": "64"}[os.uname().machine]
    for thread in os.listdir(f"/proc/{process}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{process}/task/{thread}/syscall") as stream:
            if stream.read().split()[:2] == [number, "0x1"]:
                return True
    return False


class Console:
    """A terminal with a command at its other end."""

    def __init__(self, *arguments, rows=24, columns=80):
        self.master, side = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(side)
        self.side = side
        self.process = subprocess.Popen(
            [RKTLET, *arguments], env=ENVIRONMENT, stdin=side, stdout=side, stderr=side, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.shown = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text)

    def until(self, text):
        deadline = time.monotonic() + 60
        while text not in self.shown:
            assert select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0], (text, self.shown)
            self.shown += os.read(self.master, 65536)

    def ended(self):
        """Its code, once it has ended; the terminal is what it was."""
        code = self.process.wait(60)
        assert termios.tcgetattr(self.side) == self.before, "the terminal is as it was"
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.side)
        os.close(self.master)


@pytest.fixture
def sleeper(pod, busybox):
    return pod.run(busybox, "sleep", "1000", name="sleeper")


class TestExec:
    def test_streams_and_the_exit_code(self, sleeper):
        done = rktlet("exec", sleeper[:12], "sh", "-c", "echo out; echo err >&2; exit 42")
        assert (done.returncode, done.stdout, done.stderr) == (42, b"out\n", b"err\n")
        assert rktlet("exec", sleeper, "--", "true").returncode == 0

    def test_input_and_its_end(self, sleeper):
        content = os.urandom(20 << 20)
        done = rktlet("exec", "-i", sleeper, "md5sum", input=content)
        assert (done.returncode, done.stdout.split()[0].decode()) == (0, hashlib.md5(content).hexdigest())
        assert rktlet("exec", sleeper, "cat", input=b"not ours to give").stdout == b""

    def test_output_of_many_bytes(self, sleeper):
        out = rktlet("exec", sleeper, "head", "-c", str(64 << 20), "/dev/zero").stdout
        assert (len(out), out.count(0)) == (64 << 20, 64 << 20)

    def test_who_reads_no_more_ends_it(self, client, sleeper):
        reader = subprocess.run(f"{RKTLET} exec {sleeper} yes | head -n 1", shell=True, env=ENVIRONMENT, capture_output=True, timeout=60)
        assert reader.stdout == b"y\n"
        eventually(lambda: b" yes" not in client.exec(sleeper, "ps")[1], "the command is dead")

    def test_names(self, pod, sleeper, busybox):
        name = pod.config.metadata.name
        for text in ("sleeper", f"{name}/sleeper", f"{pod.config.metadata.namespace}/{name}/sleeper", name, sleeper[:10], sleeper):
            assert rktlet("exec", text, "echo", "hello").stdout == b"hello\n", text
        pod.run(busybox, "sleep", "1000", name="other")
        done = rktlet("exec", name, "true")
        assert done.returncode == 1 and b"may be one of 2 containers" in done.stderr and sleeper[:12].encode() in done.stderr

    def test_what_goes_wrong_is_told(self, pod, busybox, sleeper):
        created = pod.create(busybox, "true", name="created")
        for arguments, part in [
            (["exec", "nothing-like-it", "true"], "container nothing-like-it does not exist; rktlet ps"),
            (["exec", "9" * 64, "true"], "9" * 64 + " does not exist"),
            (["exec", created, "true"], "is created; commands run in running containers only"),
            (["exec", sleeper, "/no/such/thing"], "/no/such/thing"),
            (["exec", sleeper], "a command to run"),
            (["exec", "--gateway=unix:///run/nothing.sock", sleeper, "true"], "is the daemon running"),
        ]:
            done = rktlet(*arguments)
            assert done.returncode == 1 and part in done.stderr.decode() and done.stderr.count(b"\n") == 1, done
            assert done.stderr.count(sleeper.encode()) <= 1, "what it is about is named once"

    @pytest.mark.parametrize("arguments", [
        ["exec", "CONTAINER", "echo", b"caf\xe9"], ["exec", "CONTAINER", b"\xff\x1b[31m"], ["exec", b"\xc0\x80", "true"], ["ps", b"\xed\xa0\x80"]])
    def test_arguments_that_are_no_text_are_refused(self, sleeper, arguments):
        place = next(number for number, word in enumerate(arguments, 1) if isinstance(word, bytes))
        done = rktlet(*[sleeper if word == "CONTAINER" else word for word in arguments])
        assert (done.returncode, done.stdout) == (64, b"") and f"argument {place} (".encode() in done.stderr and b"\x1b" not in done.stderr, done
        assert rktlet("exec", sleeper, "printf", r"caf\xe9").stdout == b"caf\xe9", "data is data"

    @pytest.mark.parametrize("closed", [0, 1, 2])
    def test_a_stream_that_is_closed_is_nobody_elses(self, sleeper, closed):
        """What is free is the number of the next descriptor: a connection would be written to by mistake."""
        redirection = [" <&-", " >&-", " 2>&-"][closed]
        command = f"{RKTLET} exec -i {sleeper} sh -c 'echo out; echo err >&2; cat'"
        done = subprocess.run(command + redirection, shell=True, env=ENVIRONMENT, capture_output=True, timeout=120, input=b"in\n")
        if closed == 0:
            assert (done.returncode, done.stdout, done.stderr) == (0, b"out\n", b"err\n")
        else:
            assert (done.returncode, b"cannot be written: Bad file descriptor" in done.stderr) == (1, closed == 1), done

    def test_a_gateways_words_are_only_shown(self, tmp_path):
        """Whoever made a pod, and whoever answers, has words in what is printed."""
        hostile = "\x1b]0;title\x07\x9b31mred\u202e"
        problem = json.dumps({"detail": f"it is {hostile}", "status": 404}).encode()
        pods = {"items": [{"id": "a" * 64, "state": "SANDBOX_READY", "metadata": {"name": hostile, "namespace": "n"}}]}
        containers = {"containers": [{"id": hostile, "podSandboxId": "a" * 64, "state": "CONTAINER_RUNNING",
                                      "metadata": {"name": hostile}, "status": {"id": hostile, "metadata": {"name": hostile}}}]}
        with FakeGateway(tmp_path) as gateway:
            for path, status, body in [("/v1/pods", "200 OK", json.dumps(pods).encode()), ("/v1/calls", "404 Not Found", problem),
                                       ("/v1/containers", "200 OK", json.dumps(containers).encode()), ("/v1/stats", "404 Not Found", problem)]:
                gateway.answers[path] = (status, body)
            story = {"name": hostile, "id": hostile, "summary": hostile, "entries": [{"at": "1", "source": hostile, "text": hostile}]}
            gateway.answers[f"/v1/pods/{'c' * 64}/story"] = ("200 OK", json.dumps(story).encode())
            for arguments in (["exec", "a", "true"], ["exec", "b" * 64, "true"], ["ps"], ["ps", "-q"], ["calls"], ["top", "--once"], ["story", "c" * 64],
                              ["port-forward", "b" * 64, "80"], ["exec", hostile.encode(), "true"]):
                done = rktlet(arguments[0], f"--gateway=unix://{gateway.place}", *arguments[1:])
                shown = (done.stdout + done.stderr).decode()
                assert shown and not [word for word in ("\x1b", "\x07", "\x9b", "\u202e") if word in shown], (arguments, shown)

    def test_a_terminal(self, sleeper):
        with Console("exec", "-it", sleeper, "sh") as console:
            console.type(b"stty size; tty\n")
            console.until(b"24 80")
            console.until(b"/dev/pts/")
            console.resize(50, 132)
            console.type(b"while [ \"$(stty size)\" != '50 132' ]; do :; done; echo resi''zed\n")
            console.until(b"resized")
            # Typed, it is a byte for the command's terminal and no signal to us.
            console.type(b"sh -c \"echo sta''rted; exec sleep 4321\"\n")
            console.until(b"started")
            console.type(b"\x03")
            console.type(b"echo code $?\n")
            console.until(b"code 130")
            console.type(b"exit 9\n")
            assert console.ended() == 9

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_signal_leaves_the_terminal_as_it_was(self, client, sleeper, number):
        with Console("exec", "-it", sleeper, "sh", "-c", "echo o''n; exec sleep 4321") as console:
            console.until(b"on")
            console.process.send_signal(number)
            assert console.ended() == -number
        eventually(lambda: b"sleep 4321" not in client.exec(sleeper, "ps")[1], "the command is dead")

    def test_a_terminal_that_takes_nothing_holds_up_no_end(self, sleeper):
        """Nobody reads: who waits until all is out (TCSADRAIN) waits for good."""
        with Console("exec", "-it", sleeper, "sh", "-c", "echo o''n; exec yes") as console:
            console.until(b"on")
            eventually(lambda: is_writing(console.process.pid), "it cannot write on")
            console.process.terminate()
            assert console.ended() == -signal.SIGTERM

    def test_an_error_leaves_the_terminal_as_it_was(self, sleeper):
        with Console("exec", "-it", sleeper, "/no/such/thing") as console:
            assert console.ended() == 1

    @pytest.mark.restarts_daemon
    def test_a_daemon_that_goes_leaves_the_terminal_as_it_was(self, node, sleeper):
        with Console("exec", "-it", sleeper, "sh", "-c", "echo o''n; exec sleep 1000") as console:
            console.until(b"on")
            node.kill()
            assert console.ended() == 1
            console.until(b"the session was cut off")
        node.start()

    def test_no_terminal_where_there_is_none(self, sleeper):
        done = rktlet("exec", "-it", sleeper, "tty", input=b"")
        assert done.returncode == 1 and done.stdout == b"not a tty\n" and b"no terminal" in done.stderr


class TestAttach:
    def test_output(self, client, pod, busybox):
        container = pod.run(busybox, "sh", "-c", "while :; do echo out; echo err >&2; sleep 0.1; done")
        with subprocess.Popen(
                [RKTLET, "attach", container], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"out\n" and process.stderr.readline() == b"err\n"
            process.terminate()
            process.communicate(timeout=60)
        assert client.container(container).state == 1, "it runs on"

    def test_the_containers_end(self, pod, busybox):
        container = pod.run(busybox, "sh", "-c", "while [ ! -e /go ]; do echo wait; sleep 0.1; done; echo over")
        with subprocess.Popen([RKTLET, "attach", container], env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == b"wait\n"
            rktlet("exec", container, "touch", "/go")
            out = process.communicate(timeout=60)[0]
        assert process.returncode == 0 and out.endswith(b"over\n")

    def test_a_terminal_is_left_by_keys(self, client, pod, busybox):
        container = pod.run(busybox, "sh", tty=True, stdin=True)
        with Console("attach", "-i", container) as console:
            console.type(b"echo hel''lo\n")
            console.until(b"hello")
            console.type(b"\x10\x11")
            assert console.ended() == 0
        assert client.container(container).state == 1, "it runs on"


class Forward:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [RKTLET, "port-forward", *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("Forwarding from 127.0.0.1:"), (line, self.process.stderr.read())
        self.port = int(line.split(":")[1].split()[0])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.errors = self.process.communicate(timeout=60)[1]


class FakeGateway:
    """One that grants each session, and is done with it at once unless it `holds` them; its pods are ready for ever."""

    OPENED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    def __init__(self, directory, frames=b"", holds=False):
        self.place = str(directory / "gateway")
        self.frames, self.holds = frames, holds
        ready = json.dumps({"status": {"state": "SANDBOX_READY"}}).encode()
        # By the beginning of the path; the last that fits counts.
        self.answers = {"/v1/pods/": ("200 OK", ready)}
        # While it is set, no session is granted.
        self.thinks = threading.Event()
        # Of those who wait for events, and those who have sessions.
        self.held, self.sessions = [], []

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            # Who asked may be gone.
            with contextlib.suppress(OSError):
                self.take(connection, self.request(connection))

    @staticmethod
    def request(connection):
        request = b""
        while b"\r\n\r\n" not in request or request.startswith(b"POST") and not request.endswith(b"}"):
            piece = connection.recv(65536)
            if not piece:
                connection.close()
                raise OSError("who asks has left")
            request += piece
        return request

    def take(self, connection, request):
        path = request.split()[1].decode()
        if path == "/v1/events":
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.held.append(connection)
            return
        if path == "/v1/sessions" and self.holds:
            connection.sendall(self.OPENED + self.frames)
            self.sessions.append(connection)
            return
        if request.startswith(b"POST"):
            eventually(lambda: not self.thinks.is_set(), "the end of thinking", 300)
        with connection:
            known = [answer for beginning, answer in self.answers.items() if path.startswith(beginning)]
            if path == "/v1/sessions":
                connection.sendall(self.OPENED + self.frames)
            elif request.startswith(b"POST") and known and known[-1][0] == "200 OK":
                self.answer(connection, "201 Created", b'{"ticket":"t"}')
            else:
                self.answer(connection, *known[-1] if known else ("404 Not Found", self.answers["/v1/calls"][1]))

    @staticmethod
    def answer(connection, status, body):
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.place)
        self.listener.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(60)
        for connection in (self.listener, *self.held, *self.sessions):
            connection.close()


class TestPortForward:
    def ask(self, forward, content):
        with forward.connect() as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while chunk := connection.recv(65536):
                    answer += chunk
            return answer

    def test_connections(self, pod, busybox):
        pod.run(busybox, "sh", "-c", "nc -ll -p 8080 -e cat")
        content = os.urandom(4 << 20)
        with Forward(pod.config.metadata.name, ":8080") as forward:
            eventually(lambda: self.ask(forward, b"hello") == b"hello", "the server in the pod answers")
            assert self.ask(forward, content) == content
            # Many at once, each with its own bytes.
            connections = [forward.connect() for _ in range(5)]
            for number, connection in enumerate(connections):
                connection.sendall(b"%d" % number)
            for number, connection in reversed(list(enumerate(connections))):
                assert connection.recv(10) == b"%d" % number
                connection.close()

    def test_an_end_of_one_direction(self, pod, busybox):
        pod.run(busybox, "sh", "-c", "nc -ll -p 8080 -e md5sum")
        content = os.urandom(1 << 20)
        with Forward(pod.id[:12], ":8080") as forward:
            eventually(lambda: self.ask(forward, b"x"), "the server in the pod answers")
            assert self.ask(forward, content).split()[0].decode() == hashlib.md5(content).hexdigest()

    def test_a_port_where_nobody_listens(self, pod, busybox):
        with Forward(pod.id, ":81") as forward:
            for _ in range(2):
                assert self.ask(forward, b"hello") == b""
        assert forward.errors.count("forwarding port 81") == 2 and pod.id in forward.errors

    @pytest.mark.parametrize("frames, told", [
        (b"\x82\x03\x00\x51\x00\x82\x03\x01\x51\x00\x82\x08\x01refused\x88\x02\x03\xe8", "refused"),
        (b"\x03\x00", "a bad frame")], ids=["a port where nobody listens", "no WebSocket"])
    def test_a_session_that_is_over_at_once(self, tmp_path, frames, told):
        """The gateway's answer to the handshake and all that follows come together."""
        with FakeGateway(tmp_path, frames) as gateway:
            with Forward(f"--gateway=unix://{gateway.place}", "a" * 64, ":81") as forward:
                for _ in range(2):
                    assert self.ask(forward, b"hello") == b""
            assert forward.errors.count(told) == 2

    @pytest.mark.parametrize("way", ["stop", "remove"])
    def test_it_ends_with_its_pod(self, client, pod, busybox, way):
        pod.run(busybox, "sh", "-c", "nc -ll -p 8080 -e cat")
        with Forward(pod.config.metadata.name, ":8080") as forward:
            eventually(lambda: self.ask(forward, b"hello") == b"hello", "the server in the pod answers")
            with forward.connect() as held:
                held.sendall(b"x")
                assert held.recv(1) == b"x"
                client.stop_pod(pod.id) if way == "stop" else client.delete_pod(pod.id)
                assert forward.process.wait(60) == 1
        assert f"pod {pod.config.metadata.name} is not" in forward.errors and "any more" in forward.errors, forward.errors

    @pytest.mark.restarts_daemon
    def test_it_goes_on_over_a_restart_of_the_daemon_and_ends_with_its_pod(self, node, pod, busybox):
        pod.run(busybox, "sh", "-c", "nc -ll -p 8080 -e cat")
        with Forward(pod.id, ":8080") as forward:
            node.restart()
            eventually(lambda: self.ask(forward, b"hello") == b"hello", "the server in the pod answers")
            node.client.stop_pod(pod.id)
            assert forward.process.wait(60) == 1
        assert f"pod {pod.id} is not ready any more" in forward.errors

    def test_more_connections_than_it_carries_are_refused_and_it_is_said(self, tmp_path):
        held = []

        def is_carried():
            held.append(forward.connect())
            try:
                return held[-1].recv(1) == b"x"
            except ConnectionResetError:
                return False
        with FakeGateway(tmp_path, b"\x82\x03\x00\x51\x00\x82\x02\x00x", holds=True) as gateway:
            with Forward(f"--gateway=unix://{gateway.place}", "a" * 64, ":81") as forward:
                assert [is_carried() for _ in range(259)] == [True] * 256 + [False] * 3
                gateway.sessions.pop().close()
                eventually(is_carried, "there is room again")
                for connection in held:
                    connection.close()
        assert forward.errors.count("256 connections are forwarded, which is the most") >= 1, forward.errors

    def test_many_may_knock_while_the_daemon_thinks(self, tmp_path):
        """They wait in the kernel, which would drop the requests of those who find no place there, and they would come again after seconds."""
        with FakeGateway(tmp_path) as gateway, contextlib.ExitStack() as held:
            with Forward(f"--gateway=unix://{gateway.place}", "a" * 64, ":81") as forward:
                gateway.thinks.set()
                for _ in range(300):
                    held.enter_context(forward.connect())
                gateway.thinks.clear()

    def test_what_goes_wrong_is_told(self, client, pod):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for arguments, part in [
                ([pod.id, f"{port}:80"], f"port {port} of 127.0.0.1 cannot be listened on"), ([pod.id, "0"], "must be [LOCAL:]REMOTE"),
                ([pod.id, "1:65536"], "must be [LOCAL:]REMOTE"), (["nothing-like-it", "80"], "pod nothing-like-it does not exist"),
                (["9" * 64, "80"], "does not exist"),
            ]:
                done = rktlet("port-forward", *arguments)
                assert done.returncode == 1 and part in done.stderr.decode(), done
