"""What of ours lives in a namespace that containers share, as a container sees it that has every capability: it holds nothing that they lack."""

import os
import re
import subprocess

import pytest

import pods
from waiting import until

HERE = os.path.dirname(os.path.realpath(__file__))
EVERYTHING = {"capabilities": {"add": ["ALL"]}, "apparmor": {"type": "unconfined"}}
IDS = [{"hostID": 200000, "containerID": 0, "length": 65536}]
USER = {"user": {"uids": IDS, "gids": IDS}}
# Of the whole lower half of ids, one is mapped.
FEW = {"user": {"uids": [{"hostID": 200000, "containerID": 0, "length": 8}], "gids": [{"hostID": 200000, "containerID": 0, "length": 8}]}}
MARKER = "/var/lib/gantry-host-marker"


@pytest.fixture(scope="session")
def attack(tmp_path_factory):
    program = str(tmp_path_factory.mktemp("attack") / "attack")
    subprocess.run(["cc", "-O1", "-static", "-o", program, f"{HERE}/attack.c"], check=True)
    return program


@pytest.fixture
def armed(host, attack):
    """The image has the attacker's program."""
    subprocess.run(["install", "-m", "755", attack, f"{host.layer}/bin/attack"], check=True)
    return host


def look(pod, app, pid=1):
    """What the attacker saw, by its kind."""
    code, text, errors, _ = pod.execute(app, "/bin/attack", "look", str(pid))
    assert code == 0, errors
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in text.splitlines())


def status(seen):
    return dict(line.split(":", 1) for line in seen["status"].split("|") if ":" in line)


def check_status(seen, uid):
    fields = status(seen)
    assert set(fields["Uid"].split(".")) | set(fields["Gid"].split(".")) == {"", str(uid)}
    assert fields["Groups"].strip(". ") == ""
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[kind].strip("."), 16) == 0, kind
    assert fields["NoNewPrivs"].strip(".") == "1" and fields["Seccomp"].strip(".") == "2"
    # Nothing but SIGCHLD is ignored, which has the kernel reap.
    assert int(fields["SigIgn"].strip("."), 16) == 1 << 16 and int(fields["SigCgt"].strip("."), 16) == 0
    assert fields["Threads"].strip(".") == "1"


@pytest.mark.parametrize("access", ["own network", "the host's network and IPC"])
def test_the_init_of_a_pod_has_nothing_for_a_container_with_every_capability(armed, access):
    namespaces = {"pid": "pod"}
    network = {}
    if access != "own network":
        namespaces["ipc"], network = "host", {"mode": "host"}
    pod = armed.pod(namespaces=namespaces, network=network)
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000", **EVERYTHING)
    seen = look(pod, "a")
    for empty in ("root", "cwd", "root/..", "cwd/../..", "fd", "environ", "setns mnt root", "setns mnt above"):
        assert seen[empty] == "", (empty, seen[empty])
    assert seen["task"] == "[1]" and seen["comm"] == "pod-init|" and seen["cmdline"] == "pod-init."
    check_status(seen, 65534)
    assert seen["oom_score_adj"] == "0|"
    # One mount, and no place to write to.
    assert re.fullmatch(r"\d+ \d+ \S+ / / ro,\S* - tmpfs none ro,\S*\|", seen["mountinfo"]), seen["mountinfo"]
    assert seen["root write"] in ("Read-only file system", "No space left on device"), seen["root write"]
    # Its program is a file that is nowhere, small, and sealed.
    assert re.fullmatch(r"/memfd:pod-init \(deleted\), (\d+) bytes", seen["exe"]), seen["exe"]
    assert int(seen["exe"].split()[2]) < 1024
    assert seen["exe write"] in ("Text file busy", "Operation not permitted")
    mapped = {line.split()[-1] for line in seen["maps"].split("|") if line}
    assert mapped <= {"/memfd:pod-init", "(deleted)", "[stack]", "[vvar]", "[vdso]", "[vvar_vclock]", "[vsyscall]"}, mapped
    assert seen["mem"].endswith(" 0 of them of the engine") and int(seen["mem"].split()[0]) < 1 << 20
    # What traces it has a process that may do nothing but wait.
    assert seen["ptrace"] == "attached, getuid() = -1"
    pod.stop()


def test_what_the_supervisor_inherited_as_ignored_nobody_else_does(armed, attack):
    """Whoever starts the host may have ignored any signal, the two that the C library does not speak of among them."""
    pod = armed.pod(namespaces={"pid": "pod"})
    command = pod.command()
    pod.command = lambda: [attack, "deaf", *command]
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000", **EVERYTHING)
    check_status(look(pod, "a"), 65534)
    # The container's own process, and that of an exec.
    script = "for p in $(pidof sleep) self; do grep SigIgn: /proc/$p/status; done"
    code, text, errors, _ = pod.execute("a", "/bin/sh", "-c", script)
    assert code == 0 and text.split() == ["SigIgn:", "0" * 16] * 2, text + errors
    pod.stop()


@pytest.mark.parametrize("mapping,uid", [(USER, 65534), (FEW, 7)])
def test_with_a_user_namespace_it_may_not_even_be_looked_at(armed, mapping, uid):
    pod = armed.pod(namespaces={"pid": "pod", **mapping})
    pod.start()
    pod.run_app("a", "/bin/sleep", "1000", **EVERYTHING)
    seen = look(pod, "a")
    for kind in ("root", "cwd", "fd", "environ", "maps", "mem", "exe", "exe write", "root write", "setns mnt", "setns user"):
        assert seen[kind] in ("Permission denied", "Operation not permitted"), (kind, seen[kind])
    assert seen["ptrace"] == "Operation not permitted"
    check_status(seen, uid)
    pod.stop()


def test_the_init_of_a_pod_heeds_no_signal_of_a_container_and_reaps(armed):
    pod = armed.pod(namespaces={"pid": "pod"})
    pod.start()
    pod.run_app("a", "/bin/sh", "-c", "for i in 1 2 3 4 5; do (sleep 0 & sleep 0 & exec sleep 0); done; exec sleep 1000", **EVERYTHING)
    pod.wait_command("a", "sleep", "1000")
    assert pod.execute("a", "/bin/sh", "-c", "for s in TERM INT HUP USR1 CHLD STOP CONT KILL; do kill -$s 1; done; (sleep 0 &)")[0] == 0
    # Nothing but its own is left: what was orphaned is gone, and no zombie.
    until(lambda: "Z" not in pod.execute("a", "ps", "-o", "stat")[1], what="all are reaped")
    assert pod.state["state"] == "running" and pod.execute("a", "cat", "/proc/1/comm")[1] == "pod-init\n"
    pod.stop()


def test_the_init_of_a_pod_dies_with_its_supervisor(host):
    """By the kernel alone: nobody cleans up."""
    pod = host.pod(namespaces={"pid": "pod"})
    pod.start("KillMode=process", "SendSIGKILL=no", cleanup=False)
    pod.run_app("a", "/bin/sleep", "4711")
    pod.kill()
    until(lambda: not pods.sleeping("4711"), what="the whole PID namespace is gone")
    pod.cleanup()


# MARK: crun's own process


@pytest.fixture
def marker():
    pods.write(MARKER, "of the host\n")
    yield MARKER
    os.unlink(MARKER)


def found(pod):
    """What a hunter has found: it writes each at once."""
    with open(f"{pod.dir}/hunter.log") as file:
        return [line for line in file if "/proc/" in line]


def start_hunter(pod, marker):
    pod.run_app("hunter", "/bin/attack", "hunt", "100000", marker, log=f"{pod.dir}/hunter.log", **EVERYTHING)
    pod.wait_command("hunter", "/bin/attack", "hunt", "100000", marker)


def test_a_container_does_not_see_crun_make_another_in_its_pid_namespace(armed, marker):
    pod = armed.pod(namespaces={"pid": "pod"})
    pod.start()
    start_hunter(pod, marker)
    for number in range(10):
        pod.add(f"other-{number}", "/bin/sleep", "1000")
    assert found(pod) == []
    # It was not held for good.
    assert pod.execute("hunter", "/bin/true")[0] == 0
    pod.stop()


def test_a_container_does_not_see_crun_make_one_that_joins_its_processes(armed, marker):
    pod = armed.pod()
    pod.start()
    start_hunter(pod, marker)
    for number in range(10):
        pod.add(f"debug-{number}", "/bin/sleep", "1000", namespaces={"pid": "target", "target": "hunter"})
    assert found(pod) == []
    pod.stop()
