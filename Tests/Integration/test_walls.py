"""Between a container and the host: what of ours a container can get hold of, what runs unconfined, what outlives a shortage of memory."""

import contextlib
import os

import pytest
from cri_client import PB, pod_config
from node import BIN, ROOT, eventually, gantry_json, log_text, run
from states import code_of, exited

UNCONFINED = PB.SecurityProfile(profile_type=PB.SecurityProfile.Unconfined)
DEFAULT = PB.SecurityProfile(profile_type=PB.SecurityProfile.RuntimeDefault)
ALL = PB.Capability(add_capabilities=["ALL"])
PROFILE = "rktlet-default"


def output(client, pod, image, script, **fields):
    status = exited(client, pod.run(image, "sh", "-c", script, **fields))
    assert status.exit_code == 0, (status, log_text(status.log_path))
    return log_text(status.log_path, b"stdout").decode()


def armed(**fields):
    """Every capability, and no AppArmor, in the pod's PID namespace."""
    return PB.LinuxContainerSecurityContext(
        capabilities=ALL, apparmor=UNCONFINED, namespace_options=PB.NamespaceOption(pid=PB.POD), **fields)


# MARK: the pod's init


@pytest.mark.vm
def test_the_process_that_containers_share_with_us_leads_nowhere(client, make_pod, busybox):
    pod = make_pod(pid="POD")
    container = pod.run(busybox, "sleep", "1000", security=armed())

    def inside(script):
        code, out, err = client.exec(container, "sh", "-c", script)
        return (out + err).decode() if code == 0 else (code, (out + err).decode())
    assert inside("cat /proc/1/comm; ls -A /proc/1/root /proc/1/cwd | grep -v :; ls /proc/1/fd; cat /proc/1/environ; wc -l < /proc/1/mountinfo") == "pod-init\n\n1\n"
    code, said = inside("echo x > /proc/1/root/made")
    assert code != 0 and ("Read-only" in said or "No space" in said), said
    code, said = inside("echo x > /proc/1/exe")
    assert code != 0, said
    code, said = inside("nsenter -t 1 -m /bin/true")
    assert code != 0 and "No such file" in said, said
    fields = dict(line.split(":", 1) for line in inside("cat /proc/1/status").splitlines())
    assert {kind: int(fields[kind], 16) for kind in fields if kind.startswith("Cap")} == dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), 0)
    assert fields["Uid"].split() == fields["Gid"].split() == ["65534"] * 4
    assert fields["NoNewPrivs"].strip() == "1" and fields["Seccomp"].strip() == "2"
    # As the host sees it: on v2 in a cgroup, and a cgroup namespace, of its own, so that the supervisor's is not to be reached through it.
    supervisor = next(record["pid"] for record in gantry_json("list") if record.get("pid") and container in record["app_names"])
    init = int(run("pgrep", "-P", str(supervisor), "-x", "pod-init").stdout)
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        with open(f"/proc/{init}/cgroup") as stream:
            assert stream.read().endswith("/supervisor/init\n")
        assert os.readlink(f"/proc/{init}/ns/cgroup") != os.readlink(f"/proc/{supervisor}/ns/cgroup")
    assert os.readlink(f"/proc/{init}/ns/mnt") not in (os.readlink(f"/proc/{supervisor}/ns/mnt"), os.readlink("/proc/self/ns/mnt"))


@pytest.mark.vm
def test_further_containers_of_a_shared_pid_namespace_hold_the_others_for_a_moment_only(client, make_pod, busybox):
    pod = make_pod(pid="POD")
    # It counts hundredths of a second; a pause is a step.
    script = "while :; do read up rest < /proc/uptime; echo $up; usleep 10000; done"
    counter = pod.run(busybox, "sh", "-c", script, name="counter", security=armed())
    eventually(lambda: log_text(pod.log(counter)).count(b"\n") > 10, "it counts")
    for number in range(3):
        pod.run(busybox, "sleep", "1000", name=f"other-{number}", security=armed())
    # It goes on.
    before = log_text(pod.log(counter)).count(b"\n")
    eventually(lambda: log_text(pod.log(counter)).count(b"\n") > before + 10, "it goes on counting")
    assert client.exec(counter, "true")[0] == 0


# MARK: file systems


@pytest.mark.vm
def test_a_container_can_write_to_its_own_file_systems_and_to_no_other(client, pod, busybox):
    script = """
        while read device point rest; do
            if [ -d "$point" ]; then (mkdir "$point/made-up" || touch "$point/made-up") 2>/dev/null && echo "$point"
            else (: >> "$point") 2>/dev/null && echo "$point"; fi
        done < /proc/mounts
        for top in /sys/fs/cgroup/*; do mkdir "$top/made-up" 2>/dev/null && echo "$top"; done
        echo; ls /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs 2>/dev/null | wc -l"""
    writable, readable = output(client, pod, busybox, script).split("\n\n")
    files = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
    # /dev/null and the like may cover what is masked: they take everything.
    covered = {point for point in writable.split() if point.startswith("/proc/")}
    assert set(writable.split()) - covered == {"/", "/dev", "/dev/mqueue", "/dev/shm", *files}
    assert "memory" in readable.split() or "cgroup.procs" in readable.split()
    assert int(readable.split()[-1]) > 0


@pytest.mark.vm
def test_a_privileged_container_has_its_cgroups_writable(client, make_pod, busybox):
    linux = PB.LinuxPodSandboxConfig(security_context=PB.LinuxSandboxSecurityContext(privileged=True))
    pod = make_pod(linux=linux)
    script = "cd /sys/fs/cgroup; [ -e cgroup.procs ] || cd memory; mkdir made-up && rmdir made-up && echo writable"
    assert output(client, pod, busybox, script, security=PB.LinuxContainerSecurityContext(privileged=True)) == "writable\n"


# MARK: OOM scores


@contextlib.contextmanager
def recorded(path, real, record):
    """A program of the host behind one that writes down the OOM score it was given."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    assert not os.path.exists(path)
    with open(path, "w") as stream:
        stream.write(f'#!/bin/sh\nread score < /proc/self/oom_score_adj\necho "{os.path.basename(path)} $score" >> {record}\nexec {real} "$@"\n')
    os.chmod(path, 0o755)
    try:
        yield
    finally:
        os.unlink(path)


@pytest.mark.vm
def test_what_is_started_by_those_who_are_protected_is_not(node, client, make_pod, busybox, image, registry, tmp_path):
    """In the virtual machine the supervisor has -998 by itself, and the daemon -999 from here; elsewhere neither can have any."""
    record = str(tmp_path / "scores")
    daemon = f"/proc/{node.pid()}/oom_score_adj"
    with open(daemon) as stream:
        before = stream.read()
    is_protected = True
    try:
        with open(daemon, "w") as stream:
            stream.write("-999")
    except PermissionError:
        is_protected = False
    wrapped = {"/usr/local/bin/skopeo": "/usr/bin/skopeo", "/usr/local/bin/crun": "/usr/bin/crun", "/opt/cni/bin/bridge": "/usr/lib/cni/bridge"}
    try:
        with contextlib.ExitStack() as stack:
            for path, real in wrapped.items():
                stack.enter_context(recorded(path, real, record))
            image("configured")
            pod = make_pod()
            container = pod.run(busybox, "sh", "-c", "cat /proc/self/oom_score_adj; exec sleep 1000")
            assert client.exec(container, "cat", "/proc/self/oom_score_adj")[1] == b"0\n"
            supervisor = next(entry["pid"] for entry in gantry_json("list") if container in entry["app_names"])
            with open(f"/proc/{supervisor}/oom_score_adj") as stream:
                assert int(stream.read()) == (-998 if is_protected else 0)
            client.delete_pod(pod.id)
        with open(record) as stream:
            scores = {tuple(line.split()) for line in stream}
        assert scores == {("skopeo", "0"), ("crun", "0"), ("bridge", "0")}
    finally:
        if is_protected:
            with open(daemon, "w") as stream:
                stream.write(before)


# MARK: AppArmor


def has_apparmor():
    try:
        with open("/sys/module/apparmor/parameters/enabled") as stream:
            return stream.read().startswith("Y")
    except FileNotFoundError:
        return False


def loaded():
    with open("/sys/kernel/security/apparmor/profiles") as stream:
        return any(line.startswith(f"{PROFILE} (") for line in stream)


def advisories(client):
    return {condition.type: condition for condition in client.call("Status").status.conditions if condition.type not in ("RuntimeReady", "NetworkReady")}


@pytest.mark.vm
@pytest.mark.restarts_daemon
def test_apparmors_profile_is_loaded_by_the_daemon_and_never_missed_without_a_word(node, make_pod, names, busybox):
    """Where the kernel has none there is nothing to say."""
    client = node.client
    if not has_apparmor():
        assert advisories(client) == {}
        pod = make_pod()
        assert output(client, pod, busybox, "echo runs", security=PB.LinuxContainerSecurityContext(apparmor=DEFAULT)) == "runs\n"
        return
    assert loaded() and advisories(client) == {}
    run("apparmor_parser", "--remove", os.path.join(ROOT, "deploy/apparmor/rktlet-default"))
    try:
        pod = make_pod()
        condition = advisories(client)["AppArmorReady"]
        assert not condition.status and "unconfined" in condition.message and "apparmor_parser --replace" in condition.message
        doctor = run(os.path.join(BIN, "rktlet"), "doctor", check=False).stdout
        assert "no profile of a container is loaded" in doctor and "unconfined" in doctor
        code, details = code_of(lambda: pod.create(busybox, "true", security=PB.LinuxContainerSecurityContext(apparmor=DEFAULT)))
        assert PROFILE in details and "rktlet doctor" in details, details
        assert output(client, pod, busybox, "cat /proc/self/attr/current", name="bare") == "unconfined\n"
    finally:
        client.delete_pod(pod.id)
        node.restart()
    client = node.client
    assert loaded() and advisories(client) == {}
    # With the client of the daemon that is there now.
    pod = type(pod)(client, pod_config(names()))
    assert output(client, pod, busybox, "cat /proc/self/attr/current", name="armed") == f"{PROFILE} (enforce)\n"
