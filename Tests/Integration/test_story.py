"""What somebody who looks at a pod later finds: why it ended, in the daemon's journal, in `inspectp`, in `gantry status` and in the events;
the story of its containers in the journal of its unit and in the unit's Status:; and all of it on one timeline, over HTTP and at the console."""

import json
import os
import re
import shutil
import signal

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from gateway import Gateway
from node import BIN, ROOT, eventually, gantry, gantry_json, run


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


# One timeline

def tell(pod):
    return Gateway().get(f"/v1/pods/{pod}/story")


def console(*arguments, check=True):
    return run(os.path.join(BIN, "rktlet"), "story", *arguments, check=check)


def in_order(patterns, texts):
    """Each pattern is found behind where the one before it was."""
    place = 0
    for pattern in patterns:
        place = next((i for i in range(place, len(texts)) if re.search(pattern, texts[i])), None)
        assert place is not None, (pattern, texts)


@pytest.mark.restarts_daemon
def test_a_pods_life_is_one_timeline_over_a_restart_and_beyond_its_end(node, client, names, busybox):
    config = pod_config(names())
    name = f"{config.metadata.namespace}/{config.metadata.name}"
    pod = client.run_pod(config)
    client.images.PullImage(PB.PullImageRequest(image=PB.ImageSpec(image=busybox), sandbox_config=config), timeout=60)
    container = client.create(pod, container_config("web", busybox, "sleep", "1000"), config)
    client.start(container)
    with pytest.raises(grpc.RpcError):
        client.exec(container, "sleep", "1000", seconds=1)
    node.restart()
    client = node.client
    assert tell(pod)["summary"] == "ready; 1 of 1 container runs"
    client.stop(container, grace=0)
    client.stop_pod(pod)
    assert tell(pod)["summary"].startswith("not ready: it was stopped by StopPodSandbox; 0 of 1 container runs, web exited with 137 (")
    client.remove(container)
    status, _ = Gateway().ask("DELETE", f"/v1/pods/{pod}")
    assert status == 200
    who = rf"web \({container[:12]}\)"
    life = [
        rf"^RunPodSandbox {name}: done after \d+ ms \(.*systemd launch \d+ ms", r"^PullImage .*busybox.*: done", rf"^CreateContainer {who}: done",
        rf"^container {who}: started, process \d+", rf"^ExecSync {who}: deadlineExceeded after 1\d\d\d ms", rf"^StopContainer {who}: done", "^StopPodSandbox: done",
        rf"^RemoveContainer {who}: done", r"^DELETE /v1/pods/\{pod\}: done",
    ]
    for asked in [pod, pod[:20], name.replace("/", "%2F")]:
        story = tell(asked)
        assert (story["id"], story["name"], story["state"], story["gap"]) == (pod, name, "", "")
        assert story["summary"] == "gone: it was removed by DELETE /v1/pods/{pod}"
        in_order(life, [entry["text"] for entry in story["entries"]])
        assert [int(e["at"]) for e in story["entries"]] == sorted(int(e["at"]) for e in story["entries"])
        assert {"call", "unit", "systemd"} <= {e["source"] for e in story["entries"]}
        told = [e["text"] for e in story["entries"]]
        assert any(re.search(rf'^container {who}: the command "sleep 1000" took longer', text) for text in told), told
        assert any(re.search(rf"^container {who}: ended with code 137", text) for text in told), told
    for asked in [pod, name]:
        lines = console(asked).stdout.splitlines()
        assert lines[0] == f"{name} {pod[:12]}: gone: it was removed by DELETE /v1/pods/{{pod}}"
        in_order(life, [line[34:] for line in lines[1:]])
    assert all(line[24] == "!" for line in console("--problems", pod).stdout.splitlines()[1:])


def test_a_pod_that_could_not_be_made_is_found_by_its_name(client, names):
    config = pod_config(names(), linux=PB.LinuxPodSandboxConfig(sysctls={"net.ipv4.no_such_thing": "1"}))
    with pytest.raises(grpc.RpcError) as refused:
        client.run_pod(config)
    name = f"{config.metadata.namespace}/{config.metadata.name}"
    story = eventually(lambda: tell(name.replace("/", "%2F")), "its story")
    assert story["name"] == "" and story["summary"].startswith("it was not made: a pod could not be made ")
    assert "no_such_thing" in story["summary"] and "no_such_thing" in refused.value.details()


def test_strangers_tell_no_stories(pod):
    """Anybody may write to the journal; what is told is root's own."""
    forged = f"MESSAGE=forged\nSYSLOG_IDENTIFIER=rktlet\nPRIORITY=3\nRKTLET_POD={pod.id}\nUNIT=rktlet-pod-{pod.id[:12]}.service\n_SYSTEMD_UNIT=rktlet-pod-{pod.id[:12]}.service\n"
    run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "logger", "--journald", input=forged)
    run("journalctl", "--sync")
    assert "forged" in run("journalctl", "-q", "-o", "cat", f"RKTLET_POD={pod.id}").stdout
    assert not [e for e in tell(pod.id)["entries"] if "forged" in e["text"]]
    refused = console("no/such-pod", check=False)
    assert refused.returncode != 0 and "no/such-pod" in refused.stderr


def note(uid=0, count=1, **fields):
    """Lines of the journal by somebody, as the daemon writes them."""
    program = """if True:
        import os, socket, sys
        os.setuid(int(sys.argv[1]))
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for _ in range(int(sys.argv[2])): journal.sendto("".join(line + "\\n" for line in sys.argv[3:]).encode(), "/run/systemd/journal/socket")
    """
    run("python3", "-c", program, str(uid), str(count), "SYSLOG_IDENTIFIER=rktlet", "PRIORITY=4", *(f"{key}={value}" for key, value in fields.items()))


@pytest.fixture
def gone(client, names):
    """A pod that was removed: its id and its name."""
    config = pod_config(names())
    pod = client.run_pod(config)
    client.delete_pod(pod)
    return pod, f"{config.metadata.namespace}/{config.metadata.name}"


def test_strangers_make_no_id_ambiguous(gone):
    """Who looks for a pod that is gone by the beginning of its id is not offered what a stranger wrote down."""
    pod, _ = gone
    note(uid=65534, MESSAGE="forged", RKTLET_POD=pod[:20] + "0" * 44)
    assert run("journalctl", "-q", "-o", "cat", f"RKTLET_POD={pod[:20]}{'0' * 44}").stdout == "forged\n"
    assert tell(pod[:20])["id"] == pod


def test_many_refused_requests_hide_no_pod_of_their_name(gone):
    """They have made no pod, so that there is no id in their lines."""
    pod, name = gone
    note(count=1000, MESSAGE="call failed", RKTLET_METHOD="RunPodSandbox", RKTLET_OUTCOME="failed", RKTLET_CODE="invalidArgument", RKTLET_NAME=name)
    assert tell(name.replace("/", "%2F"))["id"] == pod


@pytest.mark.parametrize("method", ["PullImage", "CreateContainer"])
def test_an_image_or_a_container_that_is_called_like_a_pod_is_none(gone, method):
    pod, name = gone
    note(MESSAGE="served", RKTLET_METHOD=method, RKTLET_OUTCOME="done", RKTLET_NAME=name, RKTLET_POD="0" * 64)
    assert tell(name.replace("/", "%2F"))["id"] == pod
