"""What somebody who looks at a pod later finds: why it ended, in the daemon's journal, in `inspectp`, in `gantry status` and in the events; and
the story of its containers in the journal of its unit and in the unit's Status:."""

import json
import os
import re
import shutil
import signal

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from node import ROOT, eventually, gantry, gantry_json, run


def info(client, pod):
    return json.loads(client.call("PodSandboxStatus", pod_sandbox_id=pod, verbose=True).info["info"])


def journal(unit):
    return run("journalctl", "--no-pager", "-q", "-o", "cat", "-n", "400", "-u", unit, check=False).stdout


@pytest.mark.parametrize("way, cause", [
    (["systemctl", "kill", "-sKILL", "--kill-whom=main"], "its supervisor was killed by SIGKILL"),
    (["systemctl", "kill", "-sSEGV", "--kill-whom=main"], "its supervisor crashed with SIGSEGV"),
    (["systemctl", "stop"], "its unit was stopped (SIGTERM to the supervisor)"),
])
def test_a_pod_that_ends_by_itself_says_why(client, node, pod, busybox, way, cause):
    container = pod.run(busybox, "sleep", "1000")
    unit = info(client, pod.id)["unit"]
    run(*way, unit)
    eventually(lambda: client.pod(pod.id).state == PB.SANDBOX_NOTREADY, "the pod is not ready")
    eventually(lambda: client.container(container).state == PB.CONTAINER_EXITED, "its container has ended")

    def told():
        return [line for line in journal("rktlet.service").splitlines() if "a pod ended by itself" in line and pod.id in line]
    line = eventually(told, "a line in the daemon's journal")[0]
    uuid = next(one["name"] for one in gantry_json("list") if one["unit"] == unit)
    # Whether it crashed or was killed is the kernel's to say: without a core there is nothing to be dumped.
    words = {cause, cause.replace("crashed with", "was killed by")}
    assert unit in line and any(word in line for word in words), line
    assert info(client, pod.id)["message"] in words
    assert gantry_json("status", uuid)["error"] in words
    assert any(word in gantry("events", "--follow=false").stdout for word in words)
    client.stop_pod(pod.id)
    assert info(client, pod.id)["message"] in words
    assert len(told()) == 1, "it is said once"


def test_a_pod_that_is_stopped_here_is_no_such_news(client, pod, busybox):
    pod.run(busybox, "sleep", "1000")
    client.stop_pod(pod.id)
    assert info(client, pod.id)["message"] == ""
    assert not [line for line in journal("rktlet.service").splitlines() if "a pod ended by itself" in line and pod.id in line]


def test_the_unit_tells_the_story_of_its_containers(client, pod, busybox):
    unit = info(client, pod.id)["unit"]
    addresses = [client.pod(pod.id).network.ip]

    def status():
        return run("systemctl", "show", "-PStatusText", unit).stdout.strip()
    assert status() == f"running: no containers; {', '.join(addresses + [ip.ip for ip in client.pod(pod.id).network.additional_ips])}"
    stays = pod.run(busybox, "sleep", "1000", name="stays")
    ends = pod.run(busybox, "sh", "-c", "exit 3", name="ends")
    lost = pod.create(busybox, "/nowhere", name="lost")
    with pytest.raises(grpc.RpcError):
        client.start(lost)
    with pytest.raises(grpc.RpcError):
        client.exec(stays, "sh", "-c", "sleep 1000 # \x1b[31m", seconds=1)
    eventually(lambda: client.container(ends).state == PB.CONTAINER_EXITED, "its end")
    eventually(lambda: re.match(r"running: stays \(running\), ends \(exited 3\), lost \(exited 128, StartError\); ", status()), "Status: " + status())
    client.stop(stays, grace=0)
    eventually(lambda: "stays (exited 137)" in status(), "its end in Status:")
    told = journal(unit)
    for line in [
        rf"container stays \({stays[:12]}\): started, process \d+",
        rf"container ends \({ends[:12]}\): ended with code 3, Error",
        rf"container lost \({lost[:12]}\): could not be started, StartError: .*nowhere",
        rf'container stays \({stays[:12]}\): the command "sh -c sleep 1000 # \?\[31m" took longer than its 1 s and is killed',
        rf"container stays \({stays[:12]}\): ended with code 137 \(signal {signal.SIGKILL.value}\), Error",
    ]:
        assert re.search(f"^{line}", told, re.M), (line, told)


def test_the_kernels_kill_is_in_the_story(client, pod, busybox):
    unit = info(client, pod.id)["unit"]
    container = pod.create(busybox, "tail", "/dev/zero", name="hungry",
                           resources=PB.LinuxContainerResources(memory_limit_in_bytes=20 << 20, memory_swap_limit_in_bytes=20 << 20))
    client.start(container)
    eventually(lambda: client.container(container).reason == "OOMKilled", "it is killed")
    assert re.search(r"^container hungry \([0-9a-f]{12}\): ended with code \d+.*, OOMKilled: the kernel killed \d+ process", journal(unit), re.M), journal(unit)
    assert "OOMKilled" in run("systemctl", "show", "-PStatusText", unit).stdout


def engine_id(pod):
    """The first part of the pod's UUID, which is in the names of its mounts."""
    return pod[:8]


@pytest.mark.restarts_daemon
def test_the_mounts_of_pods_fill_no_journal(node, client, names, busybox):
    """What `make install` puts beside the units: systemd says no word of mounts that come and go with containers."""
    place = "/run/systemd/system/run-rktlet-engine-.mount.d"

    def units():
        return run("systemctl", "list-units", "--no-legend", "--plain", "--all", "run-rktlet-engine-*.mount").stdout

    def said():
        mark = run("journalctl", "-q", "-n0", "--show-cursor").stdout.rsplit(" ", 1)[-1].strip()
        pod = client.run_pod(config := pod_config(names()))
        client.start(client.create(pod, container_config("c", busybox, "sleep", "1000"), config))
        # systemd looks at mounts now and then when there are many changes: what it never saw it never speaks of.
        eventually(lambda: engine_id(pod) in units(), "systemd has seen the pod's mounts")
        client.delete_pod(pod)
        eventually(lambda: engine_id(pod) not in units(), "systemd has seen them go")
        run("journalctl", "--sync")
        lines = run("journalctl", "-q", "-o", "cat", f"--after-cursor={mark}", "_PID=1").stdout.splitlines()
        return [line for line in lines if "run-rktlet-engine-" in line]
    try:
        assert said()
        os.makedirs(place)
        shutil.copy(os.path.join(ROOT, "deploy/mounts/10-quiet.conf"), place)
        run("systemctl", "daemon-reload")
        assert said() == []
    finally:
        shutil.rmtree(place, ignore_errors=True)
        run("systemctl", "daemon-reload")


def test_a_pod_is_asked_for_as_its_unit_shows_it(client, pod):
    unit = info(client, pod.id)["unit"]
    digits = unit.removeprefix("rktlet-pod-").removesuffix(".service")
    assert len(digits) == 12 and pod.id.startswith(digits)
    assert gantry("status", digits).stdout == gantry("status", pod.id).stdout != ""
    assert "no pod's UUID begins so" in gantry("status", "f" * 12, check=False).stderr
