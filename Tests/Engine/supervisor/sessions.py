"""Sessions as the daemon has them: the engine hands the ends of the streams over, and the connection that ends it all."""

import array
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import termios

from pods import GANTRY, Failed, answer


class Session:
    """`gantry VERB --session=0 …`, run to its end, and what it handed over."""

    def __init__(self, pod, verb, *arguments, streams="", operands=(), wait=True):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        flags = [f"--{name}" for name in streams.split()]
        command = [GANTRY, *verb.split(), f"--dir={pod.host.dir}", f"--run-dir={pod.host.run}", "--format=json", "--session=0", *flags]
        self.process = subprocess.Popen(
            [*command, *arguments, pod.uuid, *operands], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        theirs.close()
        self.ends = {}
        if wait:
            self.take()

    def take(self):
        _, errors = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise Failed(json.loads(errors.splitlines()[-1])["error"])
        self.receive()

    def receive(self):
        data, control, _, _ = self.ours.recvmsg(4096, 256)
        fds = [fd for _, _, payload in control for fd in array.array("i", payload[: len(payload) // 4 * 4])]
        message = json.loads(data)
        self.ends = dict(zip(message["descriptors"], fds, strict=True))
        self.control = socket.socket(fileno=self.ends.pop("control"))
        self.control.settimeout(60)

    def write(self, data):
        """All of it, as the other side takes it."""
        end = self.ends.get("stdin", self.ends.get("terminal"))
        while data:
            select.select([], [end], [], 60)
            data = data[os.write(end, data):]

    def shut(self, name):
        os.close(self.ends.pop(name))

    def read(self, name="stdout", until=None):
        """To its end, or up to some bytes."""
        data = b""
        while until is None or until not in data:
            ready, _, _ = select.select([self.ends[name]], [], [], 60)
            assert ready, f"nothing more came than {data[-200:]}"
            try:
                chunk = os.read(self.ends[name], 1 << 16)
            except BlockingIOError:
                continue
            except OSError:  # of a terminal whose other side is closed
                break
            if not chunk:
                break
            data += chunk
        return data

    def resize(self, columns, rows):
        fcntl.ioctl(self.ends["terminal"], termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def outcome(self):
        return answer(self.control)[0]["exit_code"]

    def close(self):
        if hasattr(self, "control"):
            self.control.close()
        for name in list(self.ends):
            self.shut(name)
        self.ours.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
        self.close()


def execute(pod, app, *command, streams="stdin stdout stderr", arguments=(), wait=True):
    return Session(pod, "app exec", f"--app={app}", *arguments, streams=streams, operands=["--", *command], wait=wait)
