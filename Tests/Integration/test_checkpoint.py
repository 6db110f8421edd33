"""Checkpoints through the daemon's socket: with CRIU and Debian's runc where the kernel is one that this CRIU knows (the virtual machine), with a
stand-in for CRIU elsewhere, and what is refused."""

import glob
import io
import json
import os
import shutil
import socket
import stat
import tarfile
from types import SimpleNamespace

import grpc
import pytest
from conftest import is_left
from cri_client import PB, container_config, pod_config
from node import ROOT, Node, eventually, log_text
from states import EXITED, RUNNING, code_of

RUNC = shutil.which("runc")
STAND_IN = os.path.join(ROOT, "Tests", "Engine", "supervisor", "checkpoint-stand-in")
IN_MEMORY = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done"
IN_A_FILE = "n=$(cat /n 2>/dev/null || echo 0); while :; do n=$((n+1)); echo $n > /n.new; mv /n.new /n; echo $n; sleep 0.1; done"


@pytest.fixture
def checkpointing(running_node, busybox, request, tmp_path):
    """A daemon with the handler `runc`; its client."""
    assert RUNC and shutil.which("criu"), "runc or criu is missing (make deps-test)"
    runtime = RUNC
    if request.param == "stand-in":
        runtime = f"{tmp_path}/runc"
        shutil.copy(STAND_IN, runtime)
    running_node.stop()
    node = Node(arguments=[f"--runtime=runc={runtime}"]).start()
    yield node.client
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    node.stop()
    running_node.start()


def numbers(client, container):
    return [int(line) for line in log_text(client.container(container).log_path, b"stdout").split()]


def goes_on(client, container):
    count = len(numbers(client, container))
    return eventually(lambda: len(numbers(client, container)) > count + 1, "it goes on counting", timeout=120)


def counted_on(client, image, names, archive, script, again=False):
    """A counter is checkpointed, and made anew of the archive in a pod of its own; `again`, in the same one too."""
    config = pod_config(names())
    pod = client.run_pod(config, handler="runc")
    first = client.create(pod, container_config("c", image, "sh", "-c", script), config)
    client.start(first)
    eventually(lambda: len(numbers(client, first)) > 5, "it counts", timeout=120)
    client.runtime.CheckpointContainer(PB.CheckpointContainerRequest(container_id=first, location=archive, timeout=300), timeout=300)
    assert (os.stat(archive).st_mode & 0o7777, os.stat(archive).st_uid) == (0o600, 0)
    assert client.container(first).state == RUNNING and goes_on(client, first)
    other = pod_config(names())
    places = [(client.run_pod(other, handler="runc"), other), *([(pod, config)] if again else [])]
    for place, fields in places:
        second = client.create(place, container_config("d", archive, "sh", "-c", script), fields)
        assert client.container(second).image_ref == client.container(first).image_ref
        client.start(second)
        eventually(lambda: len(numbers(client, second)) > 3, "it goes on", timeout=120)
        found = numbers(client, second)
        assert found[0] > 5 and found == list(range(found[0], found[0] + len(found)))
        assert client.exec(second, "sh", "-c", "exit 3")[0] == 3
        client.stop(second, grace=0)
        assert client.container(second).state == EXITED and client.container(second).exit_code == 137
    eventually(lambda: goes_on(client, first), "the first one is as it was")
    for each in client.pods():
        client.delete_pod(each.id)
        eventually(lambda: not is_left(each.id), "nothing of the pod is left")


@pytest.mark.vm
@pytest.mark.timeout(900)  # With what a session begins with, in the virtual machine.
@pytest.mark.parametrize("checkpointing", ["criu"], indirect=True)
def test_a_counter_goes_on_from_its_checkpoint(checkpointing, busybox, names, tmp_path):
    """Elsewhere than in the virtual machine CRIU may know neither the kernel nor what the test host keeps from it."""
    attempt = counted_on if os.uname().nodename == "test-vm" else taken_or_refused
    attempt(checkpointing, busybox, names, f"{tmp_path}/a.tar", IN_MEMORY)


def taken_or_refused(client, image, names, archive, script):
    """What CRIU cannot do is refused in its own words, or in the runtime's, and changes nothing."""
    config = pod_config(names())
    pod = client.run_pod(config, handler="runc")
    container = client.create(pod, container_config("c", image, "sh", "-c", script), config)
    client.start(container)
    try:
        client.call("CheckpointContainer", container_id=container, location=archive)
    except grpc.RpcError as error:
        details = error.details()
        assert error.code() == grpc.StatusCode.INTERNAL and container in details and "criu" in details, details
        assert not os.path.exists(archive)
    goes_on(client, container)


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_what_surrounds_a_checkpoint_and_its_restore(checkpointing, busybox, names, tmp_path):
    counted_on(checkpointing, busybox, names, f"{tmp_path}/a.tar", IN_A_FILE, again=True)


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_an_archive_that_cannot_be_taken_makes_no_container(checkpointing, busybox, names, tmp_path):
    client, config = checkpointing, pod_config(names())
    pod = client.run_pod(config, handler="runc")
    first = client.create(pod, container_config("c", busybox, "sh", "-c", IN_A_FILE), config)
    client.start(first)
    archive = f"{tmp_path}/a.tar"
    client.call("CheckpointContainer", container_id=first, location=archive)

    def refused(path, expected, *parts, in_pod=pod, fields=config):
        code, details = code_of(lambda: client.create(in_pod, container_config("d", path, "true"), fields))
        assert code == expected and all(part in details for part in (path, *parts)), details
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    refused(f"{tmp_path}/none.tar", grpc.StatusCode.NOT_FOUND)
    refused(str(tmp_path), invalid, "must be a file")
    with open(f"{tmp_path}/text.tar", "w") as file:
        file.write("no archive\n")
    refused(f"{tmp_path}/text.tar", invalid)
    os.symlink(archive, f"{tmp_path}/link.tar")
    refused(f"{tmp_path}/link.tar", invalid)
    os.chmod(archive, 0o666)
    refused(archive, invalid, "others than root may write it")
    os.chmod(archive, 0o600)
    # By the default handler, whose crun has no checkpoints.
    plain = pod_config(names())
    other = client.run_pod(plain)
    code, details = code_of(lambda: client.create(other, container_config("d", archive, "true"), plain))
    assert code == grpc.StatusCode.FAILED_PRECONDITION and "crun" in details and "runtime handler" in details
    assert [c.id for c in client.containers()] == [first]


@pytest.fixture
def counter(checkpointing, busybox, names, tmp_path):
    """A container that counts, in a volume of its own too; checkpointed to /…/a.tar."""
    client, config = checkpointing, pod_config(names())
    volume = tmp_path / "volume"
    volume.mkdir()
    volume.chmod(0o777)
    pod = client.run_pod(config, handler="runc")
    mount = [PB.Mount(container_path="/data", host_path=str(volume))]
    container = client.create(pod, container_config("c", busybox, "sh", "-c", IN_A_FILE, mounts=mount), config)
    client.start(container)
    archive = f"{tmp_path}/a.tar"
    client.call("CheckpointContainer", container_id=container, location=archive)
    return SimpleNamespace(client=client, config=config, pod=pod, id=container, volume=volume, archive=archive, mounts=mount)


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_a_location_of_an_odd_kind_is_refused_and_nothing_is_written_there(counter, tmp_path):
    client, outside = counter.client, tmp_path / "outside"
    outside.mkdir()
    (outside / "a.tar").write_text("kept")
    os.mkfifo(f"{tmp_path}/fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{tmp_path}/socket")
    # The container puts links where its volume is, and swaps them for directories.
    assert client.exec(counter.id, "sh", "-c", f"mkdir -p /data/in/deep; ln -s {outside} /data/link; ln -s ../../../outside /data/in/deep/link")[0] == 0
    places = [
        f"{tmp_path}/fifo", f"{tmp_path}/socket", str(outside), f"{outside}/", f"{outside}/.", f"{outside}/..", "/dev/null", "/dev/null/a.tar",
        f"{outside}/a.tar/b.tar", f"{tmp_path}/none/a.tar", "/proc/a.tar", f"{tmp_path}/{'n' * 256}", f"{counter.volume}/link/a.tar",
        f"{counter.volume}/in/deep/link/a.tar", f"{counter.volume}/in/../link/new.tar"]
    for place in places:
        code, details = code_of(lambda: client.call("CheckpointContainer", container_id=counter.id, location=place))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and (place in details or place.rsplit("/", 1)[0] in details), (place, code, details)
    assert os.listdir(outside) == ["a.tar"] and (outside / "a.tar").read_text() == "kept"
    assert sorted(os.listdir(counter.volume)) == ["in", "link"]
    # A name is any text; a link in the last place is replaced and not followed.
    os.symlink(f"{outside}/a.tar", f"{tmp_path}/last.tar")
    for place in (f"{tmp_path}/last.tar", f"{tmp_path}/a\n\x1b[31mb.tar", f"{counter.volume}/in/own.tar"):
        client.call("CheckpointContainer", container_id=counter.id, location=place)
        assert stat.S_ISREG(os.lstat(place).st_mode) and stat.S_IMODE(os.lstat(place).st_mode) == 0o600
    assert (outside / "a.tar").read_text() == "kept" and goes_on(client, counter.id)


def rewritten(source, target, change):
    """A copy of an archive; `change(member, content)` gives what takes a member's place: (member, content) pairs."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read() if member.isfile() else None
            for entry, data in change(member, content):
                if data is not None:
                    entry.size = len(data)
                new.addfile(entry, None if data is None else io.BytesIO(data))
    os.chmod(target, 0o600)


def entry(name, kind=tarfile.REGTYPE, **fields):
    made = tarfile.TarInfo(name)
    made.type = kind
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def layer(*entries):
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w") as tar:
        for made in entries:
            tar.addfile(made, io.BytesIO(b"\0" * made.size) if made.isfile() else None)
    return text.getvalue()


def instead(name, *pairs):
    return lambda member, content: list(pairs) if member.name == name else [(member, content)]


HOSTILE = {
    "a link for an image": (instead("checkpoint/inventory.img", (entry("checkpoint/inventory.img", tarfile.SYMTYPE, linkname="/etc/shadow"), None)), "inventory.img"),
    "a device for an image": (instead("checkpoint/inventory.img", (entry("checkpoint/x", tarfile.CHRTYPE, devmajor=1, devminor=3), None)), "checkpoint/x"),
    "a pipe for the specification": (instead("spec.dump", (entry("spec.dump", tarfile.FIFOTYPE), None)), "spec.dump"),
    "a link for the log": (instead("config.dump", (entry("config.dump", tarfile.SYMTYPE, linkname="/proc/self/environ"), None)), "config.dump"),
    "the images' directory a link": (instead("checkpoint", (entry("checkpoint", tarfile.SYMTYPE, linkname="/tmp"), None)), "checkpoint"),
    "a way out": (instead("rootfs-diff.tar", (entry("rootfs-diff.tar"), layer(entry("../../../etc/cron.d/x")))), "leads out"),
    "a removal outside": (instead("deleted.files", (entry("deleted.files"), b'["../../../../etc/passwd"]')), "leads out"),
    "a name with control bytes": (instead("deleted.files", (entry("deleted.files"), b'["../\\u001b[2J\\nx"]')), "leads out"),
    "endless documents": (instead("spec.dump", (entry("spec.dump"), b" " * (17 << 20))), "spec.dump"),
    "deep documents": (instead("spec.dump", (entry("spec.dump"), b"[" * 100000)), "spec.dump"),
    "another image": (lambda member, content: [(member, content.replace(b"sha256:", b"sha256:0") if member.name == "config.dump" else content)], "image"),
}


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_hostile_archives_make_no_container_and_leave_nothing(counter, busybox, tmp_path):
    client = counter.client
    store = glob.glob("/var/lib/rktlet/images/tmp/*")

    def create(path):
        return client.create(counter.pod, container_config("d", path, "true", mounts=counter.mounts), counter.config)
    for title, (change, part) in HOSTILE.items():
        path = f"{tmp_path}/hostile.tar"
        rewritten(counter.archive, path, change)
        code, details = code_of(lambda: create(path))
        assert code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND), (title, code, details)
        assert part in details and all(ord(letter) >= 0x20 for letter in details), (title, details)
        os.unlink(path)
    os.mkfifo(f"{tmp_path}/fifo.tar", 0o600)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{tmp_path}/socket.tar")
    shutil.copy(counter.archive, f"{tmp_path}/foreign.tar")
    os.chown(f"{tmp_path}/foreign.tar", 1000, 0)
    # The container's root is the host's: a file of its volume is root's, and root alone may write it.
    shutil.copy(counter.archive, f"{counter.volume}/a.tar")
    os.symlink(tmp_path, f"{counter.volume}/link")
    for name in ("fifo.tar", "socket.tar", "foreign.tar", "volume/a.tar", "volume/link/a.tar"):
        path = f"{tmp_path}/{name}"
        code, details = code_of(lambda: create(path))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and path in details, (name, code, details)
    assert [c.id for c in client.containers()] == [counter.id] and goes_on(client, counter.id)
    assert glob.glob("/var/lib/rktlet/images/tmp/*") == store and not os.path.exists("/etc/cron.d/x")


@pytest.mark.parametrize("checkpointing", ["stand-in"], indirect=True)
def test_what_an_archive_says_of_rights_counts_for_nothing(counter, tmp_path):
    """CRIU's images do; the specification that lies beside is of no use to anybody but for its mounts."""
    client = counter.client

    def more(member, content):
        if member.name != "spec.dump":
            return [(member, content)]
        spec = json.loads(content)
        every = [f"CAP_{name}" for name in ("SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE")]
        spec["process"]["capabilities"] = {kind: every for kind in ("bounding", "effective", "permitted", "inheritable", "ambient")}
        spec["process"]["noNewPrivileges"] = False
        spec["linux"].pop("seccomp", None)
        spec["linux"].pop("maskedPaths", None)
        spec["hooks"] = {"prestart": [{"path": "/bin/touch", "args": ["touch", f"{tmp_path}/hooked"]}]}
        return [(member, json.dumps(spec).encode())]
    rewritten(counter.archive, f"{tmp_path}/more.tar", more)
    limited = PB.LinuxContainerSecurityContext(capabilities=PB.Capability(drop_capabilities=["ALL"]), no_new_privs=True)
    config = container_config("d", f"{tmp_path}/more.tar", "sh", "-c", IN_A_FILE, security=limited, mounts=counter.mounts)
    second = client.create(counter.pod, config, counter.config)
    client.start(second)
    told = client.exec(second, "cat", "/proc/1/status")[1].decode()
    fields = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
    assert {int(fields[kind], 16) for kind in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")} == {0} and fields["NoNewPrivs"] == "1"
    assert not os.path.exists(f"{tmp_path}/hooked")


def test_a_pod_of_the_default_handler_has_none(client, pod, busybox, tmp_path):
    archive = f"{tmp_path}/a.tar"
    container = pod.create(busybox, "sleep", "1000")

    def checkpoint(location=archive, timeout=0):
        return code_of(lambda: client.runtime.CheckpointContainer(
            PB.CheckpointContainerRequest(container_id=container, location=location, timeout=timeout), timeout=60))
    assert checkpoint()[0] == grpc.StatusCode.FAILED_PRECONDITION
    client.start(container)
    code, details = checkpoint()
    assert code == grpc.StatusCode.FAILED_PRECONDITION and "crun" in details and "runtime handler" in details
    for location, timeout, field in [("", 0, "location"), ("a.tar", 0, "location"), ("/a\0b", 0, "location"), (archive, -1, "timeout")]:
        code, details = checkpoint(location, timeout)
        assert code == grpc.StatusCode.INVALID_ARGUMENT and details.startswith(field), details
    assert checkpoint(str(tmp_path))[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert checkpoint(f"{tmp_path}/none/a.tar")[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert client.container(container).state == RUNNING and not os.path.exists(archive)
