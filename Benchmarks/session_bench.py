"""Exec and port-forward of two runtimes, by one client that both understand (SPDY/3.1), in turns.

The client counts bytes and keeps none, so that it is the server and what is behind it that takes the time.
"""

import os
import re
import socket
import statistics
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Tests", "Client"))

from cri_client import container_config  # noqa: E402
from processes import memory_of, pids_of  # noqa: E402
from spdy_client import SPDY, SPDYCommand  # noqa: E402

SERVER = "exec nc -ll -p 8080 -e head -c {} /dev/zero"


def count(session, stream):
    """How many bytes come on a stream until its end, or the session's; everything else is read as ever."""
    total = 0
    buffer = memoryview(bytearray(1 << 20))
    try:
        while stream not in session.ended and not session.is_gone:
            while len(session.buffer) < 8:
                session._more()
            first, second = struct.unpack(">II", session.buffer[:8])
            if first >> 31 or first != stream:
                session.step()
                continue
            length = second & 0xFFFFFF
            held = min(length, len(session.buffer) - 8)
            del session.buffer[:8 + held]
            total, left = total + held, length - held
            while left:
                got = session.socket.recv_into(buffer[:min(left, len(buffer))])
                if not got:
                    return total
                total, left = total + got, left - got
            if second >> 24 & 1:
                session.ended.add(stream)
    except EOFError:
        pass
    return total


class Sessions:
    def __init__(self, bench):
        self.bench, self.options = bench, bench.options
        self.pods, self.containers = {}, {}

    def exec_url(self, runtime, *command, **streams):
        return runtime.call("Exec", container_id=self.containers[runtime.name], cmd=command, stdout=True, **streams).url

    def begin(self):
        for runtime in self.bench.runtimes:
            config = self.bench.pod_config(f"{runtime.name}-sessions")
            pod = self.pods[runtime.name] = runtime.run_pod(config)
            command = ["sh", "-c", SERVER.format(self.options.session_bytes)]
            container = runtime.create(pod, container_config("c", self.options.image, *command), config)
            runtime.start(container)
            self.containers[runtime.name] = container

    def exec_bytes(self, runtime):
        size = self.options.session_bytes
        start = time.perf_counter()
        with SPDYCommand(self.exec_url(runtime, "head", "-c", str(size), "/dev/zero")) as session:
            found = count(session, session.stdout)
        assert found == size, f"{runtime.name}: {found} of {size} bytes"
        return time.perf_counter() - start

    def forwarded_bytes(self, runtime):
        size = self.options.session_bytes
        start = time.perf_counter()
        with SPDY(runtime.call("PortForward", pod_sandbox_id=self.pods[runtime.name]).url, "portforward.k8s.io") as session:
            session.open(streamType="error", port=8080, requestID=0)
            found = count(session, session.open(streamType="data", port=8080, requestID=0))
        assert found == size, f"{runtime.name}: {found} of {size} bytes"
        return time.perf_counter() - start

    def short_execs(self, runtime):
        start = time.perf_counter()
        for _ in range(100):
            with SPDYCommand(self.exec_url(runtime, "true")) as session:
                assert session.result()[0] == 0
        return time.perf_counter() - start

    def echoes(self, runtime):
        """Milliseconds until a key that is typed comes back from the terminal of a shell that is at rest."""
        times = []
        with SPDYCommand(self.exec_url(runtime, "cat", stdin=True, tty=True), stdin=True, tty=True) as session:
            session.resize(80, 24)
            session.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            out = session.data[session.stdout]
            for turn in range(210):
                before = len(out)
                start = time.perf_counter()
                session.send(session.stdin, b"x")
                session.until(lambda: len(out) > before)
                assert len(out) == before + 1, "a key, an echo"
                if turn >= 10:
                    times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times)

    def memory_of_idle(self, runtime, number=20):
        """Of all that serves, but for the commands themselves, for each idle session; kB of PSS."""
        names = {"rktlet": ["rktlet", "gantry", "gantry-pod"], "containerd": ["containerd", "containerd-shim-runc-v2"]}[runtime.name]
        before = memory_of(pids_of(names))["Pss"]
        sessions = []
        for _ in range(number):
            session = SPDYCommand(self.exec_url(runtime, "cat", stdin=True), stdin=True)
            session.send(session.stdin, b"x\n")
            session.until(lambda session=session: session.data[session.stdout] == b"x\n")
            sessions.append(session)
        after = memory_of(pids_of(names))["Pss"]
        for session in sessions:
            session.close()
        return (after - before) / number

    def peak_memory(self, runtime):
        """Of the daemon, in MB, since it began."""
        found = 0
        for pid in pids_of([runtime.name]):
            with open(f"/proc/{pid}/status", encoding="ascii") as stream:
                found = max(found, int(re.search(r"VmHWM:\s+(\d+)", stream.read()).group(1)))
        return found / 1024

    def run(self):
        say = self.bench.say
        self.begin()
        gibibytes = self.options.session_bytes / (1 << 30)
        for title, unit, goal, rounds, measure in [
            (f"exec: {gibibytes:g} GiB of output, median of 5", "s", "1.00", 5, self.exec_bytes),
            (f"port-forward: {gibibytes:g} GiB from the pod, median of 5", "s", "1.00", 5, self.forwarded_bytes),
            ("100 short execs in a row (`true`), median of 5", "s", "0.70", 5, self.short_execs),
            ("a key's echo through a terminal, median of 200, median of 5", "ms", "≤ 2 ms", 5, self.echoes),
            ("memory per idle exec, the command apart, PSS", "kB", "≤ 2048 kB", 1, self.memory_of_idle),
        ]:
            say(title)
            times = self.bench.each(lambda r: [])
            for turn in range(rounds + (rounds > 1)):
                for runtime in self.bench.runtimes:
                    value = measure(runtime)
                    # The first warms up.
                    if turn > 0 or rounds == 1:
                        times[runtime.name].append(value)
            self.bench.raw[title] = times
            self.bench.row(title, self.bench.each(lambda r: statistics.median(times[r.name])), goal, unit, digits=2)
        self.bench.row("daemon's memory at its most, after that", self.bench.each(self.peak_memory), "", "MB")
        for runtime in self.bench.runtimes:
            runtime.delete_pod(self.pods[runtime.name])
