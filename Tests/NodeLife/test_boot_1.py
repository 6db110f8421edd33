"""The first boot: a fresh Debian becomes a node by the README alone, and the node a newer one by the handbook, with its pods running."""

import json
import os
import shutil
import time

import grpc
import pytest
from life import (
    BUSYBOX, COUNTING, DEB, EARLIER, PB, PODS, Pods, block, client, each, eventually, main_process, run, said, save, serve, shell, units)

HOME = "/root/packages"
ENDING = "trap 'echo gone; exit 7' USR1; while :; do sleep 1 & wait $!; done"


@pytest.fixture(scope="module")
def pods():
    """Thirty, and one more whose container ends while the daemon is down."""
    serve("honest", "busybox", 5000)
    runtime = client()
    runtime.pull(BUSYBOX)
    made = Pods(runtime)
    made.ids = each(made.start, range(PODS))
    made.ending = made.start("ending", command=ENDING)
    yield made
    runtime.close()


def test_what_is_fresh():
    assert os.readlink("/proc/1/exe").endswith("/systemd") and os.path.exists("/sys/fs/cgroup/cgroup.controllers")
    assert not any(shutil.which(name) for name in ("crun", "skopeo", "iptables", "rktlet")) and not os.path.isdir("/etc/cni")


def test_the_three_commands_of_the_readme_make_a_node(record_property):
    os.makedirs(HOME)
    shutil.copy(EARLIER, HOME)
    commands = block("README.md", "Install it on a node")
    assert len(commands) == 3 and commands[0] == "apt install ./rktlet_*.deb"
    began = time.monotonic()
    for command in commands:
        last = shell(command, cwd=HOME)
    record_property("three commands, seconds", round(time.monotonic() - began))
    assert "FAIL" not in last.stdout and last.stdout.splitlines()[-1].startswith("this host can run pods"), last.stdout
    assert run("systemctl", "is-enabled", "rktlet").stdout.strip() == "enabled"


def test_a_pod_runs(pods):
    assert all(pod.state == PB.SANDBOX_READY for pod in pods.client.pods()) and len(pods.client.pods()) == PODS + 1
    assert len({pods.client.pod(pod).network.ip for pod, _ in pods.ids}) == PODS
    assert pods.client.exec(pods.ids[0][1], "echo", "in")[1] == b"in\n"
    assert said("supervisors").startswith("ok ")


def test_an_upgrade_stops_no_pod_and_loses_nothing(pods, record_property):
    runtime = pods.client
    before = {unit: main_process(unit) for unit in units()}
    assert len(before) == PODS + 1
    records = json.loads(run("gantry", "list", "--format=json").stdout)
    ending = next(app["pid"] for record in records for app in record["apps"] if app["name"] == pods.ending[1])
    # It ends in the moment in which no daemon is there to see it.
    os.makedirs("/run/systemd/system/rktlet.service.d")
    with open("/run/systemd/system/rktlet.service.d/ending.conf", "w") as stream:
        stream.write(f"[Service]\nExecStartPre=-/bin/kill -USR1 {ending}\n")
    at_hand = {container: len(pods.lines(container)) for _, container in pods.ids[:COUNTING]}
    shutil.copy(DEB, HOME)
    (command,) = block("docs/operations.md", "Upgrade")
    began = time.monotonic()
    shell(command.replace("rktlet_NEW.deb", os.path.basename(DEB)), cwd=HOME)
    record_property("upgrade, seconds", round(time.monotonic() - began))
    runtime.wait_ready()
    os.unlink("/run/systemd/system/rktlet.service.d/ending.conf")
    os.rmdir("/run/systemd/system/rktlet.service.d")
    assert runtime.call("Version").runtime_version == run("dpkg-query", "-W", "-f${Version}", "rktlet").stdout
    assert {unit: main_process(unit) for unit in before} == before
    ended = eventually(lambda: (now := runtime.container(pods.ending[1])).state == PB.CONTAINER_EXITED and now, "the exit is told")
    assert ended.exit_code == 7 and pods.lines(pods.ending[1]) == ["gone"]
    for container in at_hand:
        lines = eventually(lambda of=container: len(found := pods.lines(of)) > at_hand[of] and found, "the log goes on")
        assert lines == [str(number) for number in range(len(lines))]
    assert runtime.exec(pods.ids[0][1], "echo", "driven")[1] == b"driven\n"


def test_the_doctor_names_the_pods_that_have_the_earlier_supervisor(pods):
    assert said("supervisors").startswith("warn") and f"{PODS + 1} of {PODS + 1}" in said("supervisors")
    pods.client.delete_pod(pods.ending[0])
    anew, _ = pods.start("anew")
    finding = said("supervisors")
    assert f"{PODS} of {PODS + 1}" in finding and anew[:12] not in finding and pods.ids[0][0][:12] in finding
    pods.client.delete_pod(anew)


def test_what_the_next_boot_is_to_find(pods):
    with pytest.raises(grpc.RpcError):
        pods.client.container(pods.ending[1])
    save(pods=[pod for pod, _ in pods.ids], containers=[container for _, container in pods.ids], image=pods.client.image(BUSYBOX).id)
