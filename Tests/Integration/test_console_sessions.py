"""`rktlet exec`, `attach` and `port-forward`, as a person at a console has them."""

import contextlib
import fcntl
import hashlib
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


def answer_sessions(listener, frames):
    """A gateway that grants each session, and is done with it at once."""
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        with connection:
            request = b""
            while b"\r\n\r\n" not in request or request.startswith(b"POST") and not request.endswith(b"}"):
                request += connection.recv(65536)
            if request.startswith(b"POST"):
                connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{"ticket":"t"}')
            else:
                connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + frames)


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
        place, pod = str(tmp_path / "gateway"), "a" * 64
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(place)
            listener.listen()
            answers = threading.Thread(target=answer_sessions, args=(listener, frames), daemon=True)
            answers.start()
            with Forward(f"--gateway=unix://{place}", pod, ":81") as forward:
                for _ in range(2):
                    assert self.ask(forward, b"hello") == b""
            assert forward.errors.count(told) == 2
            listener.shutdown(socket.SHUT_RDWR)
            answers.join(60)

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
