"""What users of the node who are not root get hold of: nothing below the data directory and the run directory, whatever runs there."""

import json
import os
import stat

import pytest
from cri_client import PB
from node import BIN, eventually, gantry_json, log_text, run
from states import exited
from test_namespaces import mapped_pod, mapping, options, security, user_namespaces

DATA, RUN = "/var/lib/rktlet", "/run/rktlet"
NOBODY, MAPPED_ROOT = 65534, 100000


def as_user(uid, question):
    """What `question` answers in a process of that user, with that group and no other."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            answer = question()
        except BaseException as error:  # noqa: B036  (the child must not go on with the tests)
            answer = [f"the question failed: {error!r}"]
        with os.fdopen(writer, "w") as stream:
            json.dump(answer, stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


def paths_below(*roots):
    """Every path of both trees, with what is mounted in there, as root sees them."""
    for root in roots:
        for directory, names, files in os.walk(root):
            for name in names + files:
                yield os.path.join(directory, name)


def mount_points(*roots):
    with open("/proc/mounts") as stream:
        points = [line.split()[1] for line in stream]
    return [point for point in points if point.startswith(tuple(f"{root}/" for root in roots))]


def reached(paths):
    """Which of the paths can be looked at, opened, listed, executed, or written to."""
    found = []
    for path in paths:
        attempts = {
            "stat": lambda: os.lstat(path), "read": lambda: os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK)),
            "write": lambda: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK)), "list": lambda: os.listdir(path),
            "make": lambda: os.close(os.open(f"{path}/by-nobody", os.O_WRONLY | os.O_CREAT | os.O_EXCL)),
        }
        for what, attempt in attempts.items():
            try:
                attempt()
            except PermissionError:
                continue
            except IsADirectoryError:
                # Said before anybody is asked whether it may be written.
                continue
            except OSError as error:
                found.append(f"{what} {path}: {error}")
            else:
                found.append(f"{what} {path}")
        if os.access(path, os.X_OK):
            found.append(f"execute {path}")
    return found


KINDS = ["plain", "user namespace"]


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def made(client, make_pod, image, kind):
    """A pod of that kind with a running container, which has set-user-id files and files of root, its own and its image's."""
    assert user_namespaces(client)
    mapped = kind != "plain"
    pod = make_pod(linux=mapped_pod()) if mapped else make_pod()
    namespaces = options(pid="CONTAINER")
    if mapped:
        namespaces.userns_options.CopyFrom(mapping())
    script = (
        "cp /bin/busybox /suid && chmod 4755 /suid && echo secret > /secret && chmod 600 /secret && mkdir -m 1777 /open && "
        "cp /bin/busybox /dev/shm/suid && chmod 4755 /dev/shm/suid && echo up && exec sleep 1000")
    container = pod.run(image("modes"), "sh", "-c", script, security=security(namespaces))
    eventually(lambda: b"up\n" in log_text(pod.log(container)), "the container has its files")
    return pod, container


def uuid_of(pod):
    return next(record["name"] for record in gantry_json("list") if pod.id in json.dumps(record))


@pytest.mark.vm
@pytest.mark.parametrize("uid", [NOBODY, 1000, MAPPED_ROOT])
def test_nothing_below_our_directories_is_anybody_elses(made, uid):
    points = mount_points(DATA, RUN)
    assert any(point.endswith("/rootfs") for point in points) and any(point.endswith("/ns/net") for point in points)
    paths = points + list(paths_below(DATA, RUN))
    suids = [path for path in paths if os.lstat(path).st_mode & stat.S_ISUID]
    assert any(path.endswith("/rootfs/suid") for path in suids) and any("/images/layers/" in path for path in suids), suids
    assert any(path.endswith("/shm/suid") for path in suids)
    assert as_user(uid, lambda: reached([DATA, RUN] + paths)) == [f"stat {DATA}", f"stat {RUN}"]


def test_no_directory_lets_others_through(made, kind):
    """Not even where those above would: of what the engine makes, not of what containers and images made."""
    contents = ("/rootfs/", "/upper/", "/images/layers/", "/shm/")
    modes = {
        path: stat.S_IMODE(os.lstat(path).st_mode) for path in [DATA, RUN, *paths_below(DATA, RUN)]
        if stat.S_ISDIR(os.lstat(path).st_mode) and not any(part in f"{path}/" for part in contents)
    }
    # The bundle of a pod with a user namespace is looked into by the pod's own root.
    allowed = {path for path in modes if kind != "plain" and path.endswith("/bundle") and modes[path] == 0o710}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077 and path not in allowed} == {}
    for path in allowed:
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (0, MAPPED_ROOT)


def test_sockets_logs_and_properties_of_the_units(made):
    pod, container = made
    for socket in (f"{RUN}/rktlet.sock", f"{RUN}/gateway.sock"):
        assert os.stat(socket).st_mode & 0o007 == 0
    assert stat.S_IMODE(os.stat(pod.log(container)).st_mode) == 0o640
    # What systemd tells everybody of a pod's unit has nothing of the request in it.
    shown = run("systemctl", "show", f"rktlet-pod-{pod.id[:12]}.service").stdout
    assert "ExecStart=" in shown and pod.config.metadata.name not in [word for line in shown.splitlines() if "Exec" in line or "Environment" in line for word in line.split()]


@pytest.mark.vm
def test_root_still_has_everything(client, made, kind):
    pod, container = made
    record = gantry_json("status", uuid_of(pod))
    netns = record["netns"]
    assert run("nsenter", f"--net={netns}", "ip", "-o", "-4", "addr", "show", "eth0").stdout.split()[3].startswith(record["ips"][0])
    assert client.exec(container, "cat", "/secret")[:2] == (0, b"secret\n")
    assert b"up\n" in log_text(pod.log(container))
    # A terminal's socket is in the app's run directory.
    [app] = record["apps"]
    shown = run("script", "-qec", f"{BIN}/gantry app exec --tty --app={app['name']} {record['name']} sh -c 'echo tty; tty'", "/dev/null")
    assert "tty" in shown.stdout and "/dev/" in shown.stdout
    # Another container in the pod that runs, with the pod's files and its shared memory.
    namespaces = client.container(container)
    second = pod.run(namespaces.image.image, "sh", "-c", "cat /etc/hosts /etc/resolv.conf > /dev/null && ls /dev/shm", name="second",
                     security=security(second_options(kind)))
    status = exited(client, second)
    assert status.exit_code == 0 and log_text(status.log_path) == b"suid\n"


def second_options(kind):
    namespaces = options(pid="CONTAINER")
    if kind != "plain":
        namespaces.userns_options.CopyFrom(mapping())
    return namespaces


def test_the_supervisors_death_leaves_nothing_open_and_everything_undone(client, made):
    pod, container = made
    uuid = uuid_of(pod)
    netns = gantry_json("status", uuid)["netns"]
    run("systemctl", "kill", "-sKILL", "--kill-whom=main", f"rktlet-pod-{pod.id[:12]}.service")
    status = exited(client, container)
    assert status.exit_code == 137
    eventually(lambda: client.pod(pod.id).state == PB.SANDBOX_NOTREADY, "the pod is not ready")
    eventually(lambda: gantry_json("status", uuid)["network"]["state"] == "detached", "the network is detached through the namespace's path")
    assert not os.path.exists(netns) and not any(uuid in point for point in mount_points(RUN))
    paths = list(paths_below(DATA, RUN))
    assert as_user(NOBODY, lambda: reached(paths)) == []
    assert b"up\n" in log_text(pod.log(container))


def test_directories_that_an_older_version_left_open_are_closed(node, client, made):
    """At the daemon's start, and by whatever command of the engine comes first."""
    open_ones = [DATA, f"{DATA}/pods", f"{DATA}/pods/run", f"{DATA}/pods/garbage", f"{DATA}/images", RUN, f"{RUN}/engine", f"{RUN}/engine/events"]
    pod, _ = made
    own = [f"{DATA}/pods/run/{uuid_of(pod)}", f"{RUN}/engine/{uuid_of(pod)}"]
    for path in open_ones + own:
        os.chmod(path, 0o711)
    gantry_json("list")
    assert [path for path in open_ones + own if os.stat(path).st_mode & 0o007] == []
