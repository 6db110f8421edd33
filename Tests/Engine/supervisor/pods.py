"""Drives `gantry-pod` as the command line does: pod directories made by hand, units by systemd-run, the control socket."""

import array
import json
import os
import shutil
import socket
import struct
import subprocess
import uuid as uuids

from waiting import until

BUILT = os.environ.get("RKTLET_BIN", "/usr/local/bin")
PROGRAM = os.environ.get("GANTRY_POD", f"{BUILT}/gantry-pod")
GANTRY = os.environ.get("GANTRY", f"{BUILT}/gantry")
BINS = ["/opt/cni/bin", "/usr/lib/cni"]
NODE_IMAGE = {"id": "sha256:" + "0" * 64, "name": "busybox", "config": {"Env": ["PATH=/bin"], "os": "linux", "architecture": "amd64"}}


class Failed(Exception):
    def __init__(self, error):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.message = error.get("message")


class Host:
    """A data and a run directory, with one image."""

    def __init__(self, root):
        self.dir = f"{root}/lib"
        self.run = f"{root}/run"
        self.confs = f"{root}/net.d"
        os.chmod(root, 0o700)
        os.makedirs(f"{self.dir}/pods/run")
        os.makedirs(self.run)
        os.makedirs(self.confs)
        self.layer = f"{self.dir}/images/layers/1"
        make_layer(self.layer)
        write(f"{self.confs}/10-test.conflist", json.dumps(bridge("gantry-test", "10.123.0.0/16")))

    def pod(self, **config):
        return Pod(self, config)

    def discard(self):
        """Ends what a failed test left, and removes the directories."""
        for uuid in os.listdir(f"{self.dir}/pods/run"):
            subprocess.run(["systemctl", "stop", f"gantry-test-{uuid}.service"], capture_output=True)
            subprocess.run([GANTRY, f"--dir={self.dir}", f"--run-dir={self.run}", "pod-cleanup", uuid], capture_output=True)
            # The service manager forgets a unit a moment after its stop is over: it must not be there when the next test counts.
            until(lambda: not os.path.exists(f"/run/systemd/transient/gantry-test-{uuid}.service"), what="the end of the unit")
        shutil.rmtree(os.path.dirname(self.dir))


def make_layer(path):
    os.makedirs(f"{path}/bin")
    for name in ["proc", "sys", "dev", "tmp", "etc", "run"]:
        os.makedirs(f"{path}/{name}")
    shutil.copy("/bin/busybox", f"{path}/bin/busybox")
    for applet in "sh cat echo sleep ls id hostname ip kill ps wc mount head dd tail true false env pwd setsid touch nc stty tty stat".split():
        os.symlink("busybox", f"{path}/bin/{applet}")
    write(f"{path}/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n")
    write(f"{path}/etc/group", "root:x:0:\nweb:x:1000:\n")


def bridge(name, subnet):
    return {
        "cniVersion": "1.0.0",
        "name": name,
        "plugins": [
            {
                "type": "bridge", "bridge": "gantrytest0", "isGateway": True, "ipMasq": False,
                "ipam": {"type": "host-local", "ranges": [[{"subnet": subnet}]], "routes": [{"dst": "0.0.0.0/0"}]},
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


class Pod:
    def __init__(self, host, config):
        self.host = host
        self.uuid = str(uuids.uuid4())
        self.unit = f"gantry-test-{self.uuid}.service"
        self.dir = f"{host.dir}/pods/run/{self.uuid}"
        self.run = f"{host.run}/engine/{self.uuid}"
        network = {"mode": "none", "confDir": host.confs, "binDirs": BINS, **config.pop("network", {})}
        document = {"format": 1, "version": 1, "uuid": self.uuid, "unit": self.unit, "hostname": "web-0", "network": network, "stopTimeoutSeconds": 0, **config}
        os.makedirs(f"{self.dir}/apps")
        write(f"{self.dir}/pod.json", json.dumps(document))

    def command(self):
        return [PROGRAM, "--dir", self.host.dir, "--run-dir", self.host.run, "--uuid", self.uuid]

    def start(self, *properties, check=True, cleanup=True):
        arguments = ["systemd-run", "--quiet", f"--unit={self.unit}", "--service-type=notify", "--collect"]
        for item in ["Delegate=yes", "KillMode=mixed", "TasksMax=infinity", "TimeoutStopSec=60", "OOMPolicy=continue", *properties]:
            arguments += ["-p", item]
        if cleanup:
            arguments += ["-p", f"ExecStopPost={' '.join(self.cleanup_command)}"]
        return subprocess.run(arguments + self.command(), check=check, capture_output=True, text=True)

    def stop(self):
        subprocess.run(["systemctl", "stop", self.unit], check=True)

    def kill(self):
        subprocess.run(["systemctl", "kill", "--kill-who=main", "-s", "KILL", self.unit], check=True)

    def wait_dead(self, seconds=30):
        """Until the unit is gone, and with it what ExecStopPost= ran."""
        shown = ["systemctl", "show", "-P", "ActiveState", self.unit]
        until(lambda: subprocess.run(shown, capture_output=True, text=True).stdout.strip() in ("inactive", "failed"), seconds)

    @property
    def cleanup_command(self):
        return [GANTRY, f"--dir={self.host.dir}", f"--run-dir={self.host.run}", "pod-cleanup", self.uuid]

    def cleanup(self, check=True):
        return subprocess.run(self.cleanup_command, check=check, capture_output=True, text=True)

    # records

    def read(self, name):
        with open(f"{self.dir}/{name}") as file:
            return json.load(file)

    @property
    def state(self):
        return self.read("state.json")

    def record(self, app):
        return self.read(f"apps/{app}/state.json")

    def events(self):
        """What the pod has told, after the first line of the file."""
        with open(f"{self.host.run}/engine/events/{self.uuid}") as file:
            # The last line may be half written.
            return [json.loads(line) for line in file if line.endswith("\n")]

    # control socket

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        directory = os.open(self.run, os.O_PATH)
        try:
            connection.connect(f"/proc/self/fd/{directory}/control.sock")
        finally:
            os.close(directory)
        connection.settimeout(60)
        return connection

    def send(self, op, fds=(), **members):
        connection = self.connect()
        send(connection, {"protocol": 1, "op": op, **members}, fds)
        return connection

    def call(self, op, fds=(), **members):
        with self.send(op, fds, **members) as connection:
            return answer(connection)[0]

    def add(self, name, *command, log=None, image=None, **config):
        config.setdefault("seccomp", {"type": "unconfined"})
        document = {"version": 1, "command": list(command), **config}
        if log:
            document["logPath"] = log
        image = {**NODE_IMAGE, "layers": [self.host.layer], **(image or {})}
        return self.call("app-add", name=name, config=document, image=image)["app"]

    def start_app(self, name):
        return self.call("app-start", name=name)["app"]

    def run_app(self, name, *command, **config):
        self.add(name, *command, **config)
        return self.start_app(name)

    def wait_command(self, name, *command):
        """Until the app's own process is that command: a start is answered before the container has executed it."""
        path = f"/proc/{self.record(name)['pid']}/cmdline"

        def words():
            with open(path) as file:
                return file.read().split("\0")[:-1]
        until(lambda: words() == list(command), what=" ".join(command))

    def wait_sleep(self, name, seconds):
        """Until a `sleep SECONDS` runs in the app. Its shell's own words may hold one, too: it must be the whole line."""
        until(lambda: f"sleep {seconds}" in self.processes(name), what=f"sleep {seconds} in app {name}")

    def processes(self, name):
        return self.execute(name, "ps", "-o", "args")[1].splitlines()

    def wait_exit(self, name):
        until(lambda: self.record(name)["state"] == "exited")
        return self.record(name)

    def execute(self, name, *argv, timeout_ms=0):
        """Runs a command; its exit code, what it wrote, and whether it was ended at the deadline."""
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        null = os.open("/dev/null", os.O_RDONLY)
        try:
            connection = self.send("app-exec", [null, out_write, err_write], name=name, argv=list(argv), timeout_ms=timeout_ms)
        finally:
            for fd in (null, out_write, err_write):
                os.close(fd)
        try:
            response = answer(connection)[0]
            return response["exit_code"], drain(out_read), drain(err_read), response["timed_out"]
        finally:
            connection.close()
            os.close(out_read)
            os.close(err_read)


def drain(fd):
    os.set_blocking(fd, False)
    data = b""
    try:
        while chunk := os.read(fd, 65536):
            data += chunk
    except BlockingIOError:
        pass
    return data.decode()


def send(connection, message, fds=()):
    body = json.dumps(message).encode()
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    frame = struct.pack(">I", len(body)) + body
    sent = connection.sendmsg([frame], control)
    if sent < len(frame):
        connection.sendall(frame[sent:])


def receive(connection):
    """One message, with the descriptors that came along."""
    fds = []
    data = b""
    expected = 4
    while len(data) < expected:
        chunk, control, _, _ = connection.recvmsg(min(65536, expected - len(data)), 256)
        for level, kind, payload in control:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds += array.array("i", payload[: len(payload) // 4 * 4])
        if not chunk:
            raise EOFError("the supervisor ended the connection")
        data += chunk
        if expected == 4 and len(data) == 4:
            expected = 4 + struct.unpack(">I", data)[0]
    return json.loads(data[4:]), fds


def answer(connection):
    message, fds = receive(connection)
    if not message["ok"]:
        raise Failed(message["error"])
    return message, fds


def sleeping(seconds):
    """The processes of the whole machine that are `sleep SECONDS`."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in listed if line.split() == ["sleep", seconds]]


def cgroups_of_commands():
    """Of all apps of the whole machine."""
    return subprocess.run(["find", "/sys/fs/cgroup", "-name", "exec-*"], capture_output=True, text=True).stdout.split()
