"""Connections into pods, for the daemon and by hand."""

import array
import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import threading

import pytest
from pods import GANTRY, Failed


class Forwarding:
    """`gantry port-forward --session=0 POD`."""

    def __init__(self, pod):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ours.settimeout(60)
        self.process = subprocess.Popen(
            [GANTRY, "port-forward", f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "--format=json", "--session=0", pod.uuid],
            stdin=theirs, stderr=subprocess.PIPE, text=True)
        theirs.close()
        self.last = 0
        first, _ = self.receive()
        if first is None:
            errors = self.process.communicate(timeout=60)[1]
            raise Failed(json.loads(errors.splitlines()[-1])["error"])
        assert first == {"ready": True}

    def receive(self):
        data, control, _, _ = self.ours.recvmsg(4096, 256)
        fds = [fd for _, _, payload in control for fd in array.array("i", payload[: len(payload) // 4 * 4])]
        return (json.loads(data) if data else None), fds

    def ask(self, port):
        self.last += 1
        self.ours.send(json.dumps({"id": self.last, "port": port}).encode())
        return self.last

    def connect(self, port):
        number = self.ask(port)
        answer, fds = self.receive()
        assert answer["id"] == number
        if not answer["ok"]:
            raise Failed(answer["error"])
        connection = socket.socket(fileno=fds[0])
        connection.settimeout(60)
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        self.process.wait(timeout=60)
        self.process.stderr.close()


class Listener:
    """Somebody in the pod who sends back what comes."""

    def __init__(self, pod, port, address="127.0.0.1"):
        self.pod, self.port, self.address = pod, port, address
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(60)

    def run(self):
        # A thread's own: its sockets are the pod's.
        with open(self.pod.state["netns"]) as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0x40000000) == 0
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with socket.create_server((self.address, self.port), family=family, backlog=128) as self.socket:
            self.ready.set()
            self.serve()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            with connection:
                while chunk := connection.recv(1 << 16):
                    if chunk == b"the end":
                        return
                    connection.sendall(chunk)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with Forwarding(self.pod) as forwarding, forwarding.connect(self.port) as connection:
            connection.sendall(b"the end")
        self.thread.join()


class Greeter(Listener):
    """Says a byte to each that comes, and keeps them all."""

    def serve(self):
        kept = []
        with contextlib.suppress(OSError):
            while True:
                kept.append(self.socket.accept()[0])
                kept[-1].sendall(b"x")
        for connection in kept:
            connection.close()

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()


def echoed(connection, data):
    with connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(1 << 16):
            answer += chunk
        return answer


def test_a_connection_leads_to_the_pods_loopback_both_ways(pod):
    with Listener(pod, 7000), Forwarding(pod) as forwarding:
        connection = forwarding.connect(7000)
        assert echoed(connection, b"x" * 100_000) == b"x" * 100_000
        # Another way in from the host there is none.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 7000), timeout=10)


def test_a_refused_port_is_an_answer_and_no_end(pod):
    with Listener(pod, 7000), Forwarding(pod) as forwarding:
        for _ in range(3):
            with pytest.raises(Failed) as failure:
                forwarding.connect(7999)
            assert failure.value.code == "unavailable" and "port 7999" in failure.value.message
        assert echoed(forwarding.connect(7000), b"after all") == b"after all"


def test_the_loopback_of_version_6_comes_second(pod):
    with Listener(pod, 7006, "::1"), Forwarding(pod) as forwarding:
        assert echoed(forwarding.connect(7006), b"six") == b"six"


def test_many_connections_are_made_at_once(pod):
    with Listener(pod, 7000), Forwarding(pod) as forwarding:
        asked = [forwarding.ask(port) for port in [7000, 7999] * 40]
        answers = {}
        for _ in asked:
            answer, fds = forwarding.receive()
            answers[answer["id"]] = fds
        assert sorted(answers) == asked
        assert [len(answers[number]) for number in asked] == [1, 0] * 40
        for fds in answers.values():
            for fd in fds:
                os.close(fd)


def test_a_pod_on_the_hosts_network(host):
    pod = host.pod(network={"mode": "host"})
    pod.start()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    with Forwarding(pod) as forwarding:
        connection = forwarding.connect(listener.getsockname()[1])
        other, _ = listener.accept()
        other.sendall(b"host")
        assert connection.recv(10) == b"host"
        other.close()
        connection.close()
    listener.close()
    pod.stop()


def test_what_is_no_port_is_no_request(pod):
    for request in [{"id": 1, "port": 0}, {"id": 1, "port": 65536}, {"id": 1}, {"port": 80}, [], "text"]:
        with Forwarding(pod) as forwarding:
            forwarding.ours.send(json.dumps(request).encode())
            assert forwarding.receive() == (None, [])
            assert forwarding.process.wait(timeout=60) == 254


def test_only_a_pod_that_runs_is_entered(host):
    pod = host.pod()
    pod.start()
    pod.stop()
    with pytest.raises(Failed) as failure:
        Forwarding(pod)
    assert failure.value.code == "precondition"


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_ends_with_the_pod_and_holds_nothing_of_it(host, end):
    pod = host.pod()
    pod.start()
    with Forwarding(pod) as forwarding:
        getattr(pod, end)()
        assert forwarding.receive() == (None, [])
        assert forwarding.process.wait(timeout=60) == 0
    pod.wait_dead()


def test_it_ends_with_its_caller(pod):
    with Forwarding(pod) as forwarding:
        forwarding.ours.close()
        assert forwarding.process.wait(timeout=60) == 0


def test_connections_outlive_the_command_that_made_them(pod):
    with Listener(pod, 7000), Forwarding(pod) as forwarding:
        connection = forwarding.connect(7000)
        forwarding.process.send_signal(signal.SIGKILL)
        forwarding.process.wait()
        assert echoed(connection, b"still there") == b"still there"


def test_what_a_forwarding_costs(pod):
    with Forwarding(pod) as forwarding:
        with open(f"/proc/{forwarding.process.pid}/smaps_rollup") as file:
            private = sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty"))
        # The rest is the program's file, which all of them share.
        assert private < 1024, f"{private} KiB"


# by hand


class ByHand:
    def __init__(self, pod, *ports):
        self.process = subprocess.Popen(
            [GANTRY, "port-forward", f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", pod.uuid, *ports],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def test_by_hand_ports_of_the_pod_are_the_hosts(pod):
    with Listener(pod, 7000), ByHand(pod, ":7000", ":7999") as command:
        words = command.line().split()
        assert words[:2] == ["Forwarding", "from"] and words[3:] == ["->", "7000"]
        local = int(words[2].rsplit(":", 1)[1])
        assert words[2] == f"127.0.0.1:{local}"
        for data in [b"first", b"second" * 100_000]:
            assert echoed(socket.create_connection(("127.0.0.1", local), timeout=60), data) == data
        refused = next(line for line in iter(command.line, "") if line.endswith("7999") and "127.0.0.1" in line)
        refused = int(refused.split()[2].rsplit(":", 1)[1])
        assert echoed(socket.create_connection(("127.0.0.1", refused), timeout=60), b"") == b""
        assert "port 7999" in command.process.stderr.readline()
        assert echoed(socket.create_connection(("127.0.0.1", local), timeout=60), b"and on") == b"and on"


def test_by_hand_more_connections_than_it_carries_are_refused(pod):
    with Greeter(pod, 7000), ByHand(pod, ":7000") as command, contextlib.ExitStack() as held:
        address = "127.0.0.1", int(command.line().split()[2].rsplit(":", 1)[1])

        def is_carried():
            connection = held.enter_context(socket.create_connection(address, timeout=60))
            try:
                return connection.recv(1) == b"x"
            except ConnectionResetError:
                return False
        assert [is_carried() for _ in range(258)] == [True] * 256 + [False] * 2
        assert command.process.stderr.readline().endswith("which is the most; new ones are refused until one of them ends\n")


def test_by_hand_it_ends_with_the_pod(host):
    pod = host.pod()
    pod.start()
    with ByHand(pod, ":7000") as command:
        assert command.line().startswith("Forwarding")
        pod.stop()
        assert command.process.wait(timeout=60) == 254
        assert "has ended" in command.process.stderr.read()


@pytest.mark.parametrize("port", ["0", "65536", "x", "1:0", "+80", "80:", "1:2:3", ""])
def test_what_is_no_port_is_refused(port):
    assert subprocess.run([GANTRY, "port-forward", "POD", port], capture_output=True).returncode == 2
