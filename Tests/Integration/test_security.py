"""What a container may do, as its config says."""

import os

import grpc
import pytest
from cri_client import PB
from states import code_of, exited
from node import eventually, log_text


def output(client, pod, image, script, **fields):
    status = exited(client, pod.run(image, "sh", "-c", script, **fields))
    assert status.exit_code == 0, (status, log_text(status.log_path))
    return log_text(status.log_path, b"stdout").decode()


def security(**fields):
    return PB.LinuxContainerSecurityContext(**fields)


@pytest.mark.vm
def test_defaults(client, pod, busybox):
    text = output(client, pod, busybox, "id -u; cat /proc/self/status | grep -E 'CapEff|Seccomp:'; mount | grep ' /sys '")
    lines = text.splitlines()
    assert lines[0] == "0"
    assert "CapEff:\t00000000a80425fb" in lines
    # None asked for is none, on top of what the node's own processes have.
    with open("/proc/1/status") as stream:
        assert next(line for line in lines if "Seccomp" in line) in stream.read().splitlines()
    assert "(ro," in lines[-1]


@pytest.mark.vm
def test_seccomp_runtime_default_filters(client, pod, busybox):
    profile = PB.SecurityProfile(profile_type=PB.SecurityProfile.RuntimeDefault)
    text = output(client, pod, busybox, "grep Seccomp: /proc/self/status", security=security(seccomp=profile))
    assert text == "Seccomp:\t2\n"


@pytest.mark.vm
def test_a_command_has_the_containers_filter_rights_and_cgroup(client, pod, busybox, tmp_path):
    path = tmp_path / "profile.json"
    path.write_text('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}')
    limited = security(
        seccomp=PB.SecurityProfile(profile_type=PB.SecurityProfile.Localhost, localhost_ref=str(path)), no_new_privs=True,
        capabilities=PB.Capability(drop_capabilities=["ALL"], add_capabilities=["CHOWN"]))
    container = pod.run(busybox, "sleep", "1000", security=limited)
    fields = ("Seccomp", "Seccomp_filters", "NoNewPrivs", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    script = "grep -E '^(%s):' /proc/%%s/status" % "|".join(fields)
    _, own, _ = client.exec(container, "sh", "-c", script % "1")
    code, told, _ = client.exec(container, "sh", "-c", script % "self")
    assert code == 0 and told == own and b"Seccomp:\t2\n" in told and b"NoNewPrivs:\t1\n" in told
    assert client.exec(container, "mkdir", "/x")[0] != 0
    # What it takes counts as the container's, and is held to its limits: its cgroup, or one within it.
    code, cgroups, _ = client.exec(container, "sh", "-c", "sleep 1000 >/dev/null 2>&1 & cat /proc/self/cgroup")
    found = [top for top, _, _ in os.walk("/sys/fs/cgroup") if os.path.basename(top) == container]
    inside = {top.split(container, 1)[1] for place in found for top, _, files in os.walk(place)
              if "cgroup.procs" in files and open(os.path.join(top, "cgroup.procs")).read()}
    assert code == 0 and found and any(place.startswith("/exec-") for place in inside), inside
    text = cgroups.decode()
    lines = [line.split(":", 2)[2] for line in text.splitlines()]
    assert all(f"/{container}/exec-" in line or line.startswith("/exec-") for line in lines if line != "/"), text
    unconfined = pod.run(busybox, "sleep", "1000", name="open")
    assert client.exec(unconfined, "mkdir", "/x")[0] == 0


def test_a_localhost_profile_is_read_from_its_path(client, pod, busybox, tmp_path):
    path = tmp_path / "profile.json"
    path.write_text('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}')
    profile = PB.SecurityProfile(profile_type=PB.SecurityProfile.Localhost, localhost_ref=str(path))
    text = output(client, pod, busybox, "mkdir /tmp/x 2>/dev/null || echo refused", security=security(seccomp=profile))
    assert text == "refused\n"


def test_user_group_and_supplementary_groups(client, pod, busybox):
    who = security(
        run_as_user=PB.Int64Value(value=1001), run_as_group=PB.Int64Value(value=1002), supplemental_groups=[1003, 1004])
    assert output(client, pod, busybox, "id -u; id -g; id -G", security=who) == "1001\n1002\n1002 1003 1004\n"
    status = client.containers()[0]
    assert client.container(status.id).user.linux.uid == 1001


def test_capabilities_added_and_dropped(client, pod, busybox):
    def effective(name, add=(), drop=()):
        caps = PB.Capability(add_capabilities=add, drop_capabilities=drop)
        text = output(client, pod, busybox, "grep CapEff /proc/self/status", name=name, security=security(capabilities=caps))
        return int(text.split()[1], 16)
    default = effective("a")
    assert effective("b", drop=["ALL"]) == 0
    assert effective("c", drop=["ALL"], add=["NET_BIND_SERVICE"]) == 1 << 10
    assert effective("d", add=["NET_ADMIN"]) == default | 1 << 12
    assert effective("e", drop=["CAP_CHOWN"]) == default & ~1


@pytest.mark.vm
def test_privileged(client, make_pod, busybox):
    linux = PB.LinuxPodSandboxConfig(security_context=PB.LinuxSandboxSecurityContext(privileged=True))
    pod = make_pod(linux=linux)
    script = "grep Seccomp: /proc/self/status; mount | grep -c 'on /sys type sysfs (rw'; grep CapEff /proc/self/status"
    text = output(client, pod, busybox, script, security=security(privileged=True)).splitlines()
    assert text[0] == "Seccomp:\t0" and text[1] == "1"
    assert int(text[2].split()[1], 16) & (1 << 21)


def test_read_only_root(client, pod, busybox):
    script = "touch /x 2>/dev/null || echo root refused; touch /dev/shm/x && echo shm fine"
    assert output(client, pod, busybox, script, security=security(readonly_rootfs=True)) == "root refused\nshm fine\n"


def test_no_new_privileges(client, pod, busybox):
    assert output(client, pod, busybox, "grep NoNewPrivs /proc/self/status", security=security(no_new_privs=True)) == "NoNewPrivs:\t1\n"


def test_masked_and_read_only_paths(client, pod, busybox):
    paths = security(masked_paths=["/proc/version"], readonly_paths=["/proc/sys"])
    script = "wc -c < /proc/version; touch /proc/sys/kernel/hostname 2>/dev/null; echo x 2>/dev/null > /proc/sys/kernel/hostname || echo refused"
    assert output(client, pod, busybox, script, security=paths) == "0\nrefused\n"


def test_mounts(client, pod, busybox, tmp_path):
    (tmp_path / "file").write_text("from the host\n")
    os.symlink(tmp_path, str(tmp_path) + "-link")
    mounts = [
        PB.Mount(container_path="/data", host_path=str(tmp_path)),
        PB.Mount(container_path="/ro", host_path=str(tmp_path) + "-link", readonly=True),
    ]
    text = output(client, pod, busybox, "cat /data/file; cat /ro/file; touch /ro/x 2>/dev/null || echo ro; echo new > /data/new", mounts=mounts)
    assert text == "from the host\nfrom the host\nro\n"
    assert (tmp_path / "new").read_text() == "new\n"
    assert len(client.container(client.containers()[0].id).mounts) == 2


def test_a_missing_host_path_is_an_error_and_not_made(client, pod, busybox, tmp_path):
    missing = str(tmp_path / "missing")
    mount = PB.Mount(container_path="/data", host_path=missing)
    code, details = code_of(lambda: pod.create(busybox, "true", mounts=[mount]))
    assert missing in details and not os.path.exists(missing)


def test_devices(client, pod, busybox):
    device = PB.Device(container_path="/dev/mine", host_path="/dev/null", permissions="rw")
    assert output(client, pod, busybox, "echo x > /dev/mine && echo ok", devices=[device]) == "ok\n"


def test_group_without_user_is_refused(client, pod, busybox):
    who = security(run_as_group=PB.Int64Value(value=1))
    code, details = code_of(lambda: pod.create(busybox, "true", security=who))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "run_as_group" in details


@pytest.mark.vm
def test_limits_reach_the_cgroup(client, pod, busybox):
    resources = PB.LinuxContainerResources(cpu_period=100000, cpu_quota=50000, cpu_shares=512, memory_limit_in_bytes=64 << 20)
    container = pod.run(busybox, "sleep", "1000", resources=resources)
    found = {}
    for top, _, files in os.walk("/sys/fs/cgroup"):
        if top.endswith(container):
            for name in files:
                if name in ("memory.limit_in_bytes", "memory.max", "cpu.cfs_quota_us", "cpu.max", "cpu.shares", "cpu.weight"):
                    with open(os.path.join(top, name)) as stream:
                        found[name] = stream.read().strip()
    assert found.get("memory.limit_in_bytes", found.get("memory.max")) == str(64 << 20)
    assert found.get("cpu.cfs_quota_us", found.get("cpu.max", "").split(" ")[0]) == "50000"
    assert found.get("cpu.shares") == "512" or "cpu.weight" in found


def test_environment_may_hold_newlines_and_is_no_argument(client, pod, busybox):
    envs = [PB.KeyValue(key="KEY", value=b"a\nb=c"), PB.KeyValue(key="EMPTY", value=b"")]
    assert output(client, pod, busybox, 'echo "$KEY"; echo "[$EMPTY]"; echo $HOSTNAME', envs=envs).startswith("a\nb=c\n[]\n")


def test_ambient_capabilities_reach_a_user_who_is_not_root(client, pod, busybox):
    caps = PB.Capability(add_capabilities=["NET_BIND_SERVICE"], add_ambient_capabilities=["NET_BIND_SERVICE"])
    who = security(run_as_user=PB.Int64Value(value=1001), capabilities=caps)
    text = output(client, pod, busybox, "grep -E 'CapEff|CapAmb' /proc/self/status", security=who)
    assert [int(line.split()[1], 16) & 1 << 10 for line in text.splitlines()] == [1 << 10, 1 << 10]


@pytest.mark.parametrize("policy,groups", [("Merge", {1000, 100, 2000, 2001}), ("Strict", {1000, 100})])
def test_the_policy_of_supplementary_groups(client, pod, busybox, policy, groups):
    """The image's /etc/group puts user 1000 into two more groups."""
    who = security(
        run_as_user=PB.Int64Value(value=1000), run_as_group=PB.Int64Value(value=1000), supplemental_groups=[100],
        supplemental_groups_policy=PB.SupplementalGroupsPolicy.Value(policy))
    assert {int(group) for group in output(client, pod, busybox, "id -G", security=who).split()} == groups


@pytest.mark.vm
def test_an_exec_leaves_the_hosts_devices_alone(client, pod, busybox):
    who = security(run_as_user=PB.Int64Value(value=1000))
    container = pod.run(busybox, "sleep", "1000", security=who)
    before = os.stat("/dev/null")
    assert client.exec(container, "id", "-u")[1] == b"1000\n"
    after = os.stat("/dev/null")
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)


@pytest.mark.vm
def test_apparmors_default_keeps_a_container_off_the_hosts_controls(client, pod, busybox):
    """Where the kernel has AppArmor; elsewhere a container that asks for the default just runs."""
    default = PB.SecurityProfile(profile_type=PB.SecurityProfile.RuntimeDefault)
    everything = PB.Capability(add_capabilities=["SYS_ADMIN"])
    who = security(apparmor=default, capabilities=everything)
    if not has_apparmor():
        assert output(client, pod, busybox, "echo runs", security=who) == "runs\n"
        return
    container = pod.run(busybox, "sleep", "1000", security=who)

    def inside(script):
        code, out, err = client.exec(container, "sh", "-c", script)
        return code, (out + err).decode()
    assert inside("cat /proc/self/attr/current") == (0, "rktlet-default (enforce)\n")
    # The profile comes with the command, a moment after the start.
    eventually(lambda: inside("cat /proc/1/attr/current") == (0, "rktlet-default (enforce)\n"), "the container is confined")
    assert inside("echo x > /tmp/file && rm /tmp/file && (sleep 100 & kill $!)") == (0, "")
    for denied in ("mkdir -p /m && mount -t tmpfs none /m", "mount -o remount,rw /sys"):
        code, said = inside(denied)
        assert code != 0 and "denied" in said.lower(), (denied, said)
    free = pod.run(
        busybox, "sleep", "1000", name="free",
        security=security(apparmor=PB.SecurityProfile(profile_type=PB.SecurityProfile.Unconfined), capabilities=everything))
    assert client.exec(free, "cat", "/proc/self/attr/current")[1] == b"unconfined\n"
    assert client.exec(free, "sh", "-c", "mkdir -p /m && mount -t tmpfs none /m")[0] == 0
    client.stop(container, grace=0)


def has_apparmor():
    try:
        with open("/sys/module/apparmor/parameters/enabled") as stream:
            return stream.read().startswith("Y")
    except FileNotFoundError:
        return False


@pytest.mark.vm
def test_an_apparmor_profile_that_is_not_there_is_refused(client, pod, busybox):
    profile = PB.SecurityProfile(profile_type=PB.SecurityProfile.Localhost, localhost_ref="no-such-profile")
    code, details = code_of(lambda: pod.run(busybox, "true", security=security(apparmor=profile)))
    assert "apparmor" in details.lower() and "no-such-profile" in details or "AppArmor" in details
