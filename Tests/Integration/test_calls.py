"""The flight recorder: what the daemon was asked and what it answered, over HTTP, as a stream, and at the console."""

import json
import os
import subprocess
import time

import grpc
import pytest
from cri_client import PB, pod_config
from gateway import Gateway
from node import BIN, eventually, run

RKTLET = os.path.join(BIN, "rktlet")
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SECRETS = ["hidden-env", "hidden-argument", "hidden-password", "hidden-label", "hidden-stdout"]


@pytest.fixture
def gateway(node):
    return Gateway()


def calls(gateway, query=""):
    return gateway.get("/v1/calls" + query)["calls"]


def last(gateway, method, **wanted):
    """The newest call of the method that is as wanted."""
    found = [c for c in calls(gateway, f"?all=true&method={method}") if all(c[k] == v for k, v in wanted.items())]
    assert found, (method, wanted)
    return found[-1]


def steps(call):
    return [step["name"] for step in call["steps"]]


def test_a_pods_life_is_told_with_its_steps_and_without_its_secrets(gateway, client, names, make_pod, busybox):
    name = names()
    pod = make_pod()
    container = pod.create(
        busybox, "sh", "-c", "sleep 1000 # hidden-argument", envs=[PB.KeyValue(key="A", value=b"hidden-env")],
        labels={"a": "hidden-label"})
    client.start(container)
    client.exec(container, "echo", "hidden-stdout")
    with pytest.raises(grpc.RpcError):
        client.pull(f"127.0.0.1:1/none/{name}:1", auth=PB.AuthConfig(username="me", password="hidden-password"))
    with pytest.raises(grpc.RpcError):
        client.pull(f"https://me:hidden-password@127.0.0.1:1/none/{name}:1")
    with pytest.raises(grpc.RpcError):
        client.pull(f"me:hidden-password@127.0.0.1:1/none/{name}:1")
    client.runtime.StopContainer(
        PB.StopContainerRequest(container_id=container), timeout=60, metadata=[("traceparent", TRACE)])

    run_pod = last(gateway, "RunPodSandbox", object=pod.id)
    assert run_pod["code"] == "ok" and run_pod["name"].startswith("test/") and "systemd launch" in steps(run_pod)
    launch = next(s for s in run_pod["steps"] if s["name"] == "systemd launch")
    assert 0 < int(launch["durationNanos"]) <= int(run_pod["durationNanos"]) and launch["code"] == "ok"
    assert abs(int(run_pod["startedAt"]) / 1e9 - time.time()) < 120
    create = last(gateway, "CreateContainer", object=container)
    assert create["name"] == "c" and steps(create) == ["engine addContainer"]
    assert steps(last(gateway, "StartContainer", object=container)) == ["engine startContainer"]
    probe = last(gateway, "ExecSync", object=container)
    assert probe["routine"] and steps(probe) == ["engine execSync"]
    stop = last(gateway, "StopContainer", object=container)
    assert stop["traceparent"] == TRACE and steps(stop) == ["engine stopContainer"]
    pull = last(gateway, "PullImage", failed=True)
    assert pull["error"] and pull["code"] != "ok"
    text = json.dumps(calls(gateway, "?all=true")) + run(RKTLET, "calls", "--all").stdout
    for secret in SECRETS:
        assert secret not in text


def test_a_call_that_runs_is_seen_running(gateway, client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    probe = client.runtime.ExecSync.future(PB.ExecSyncRequest(container_id=container, cmd=["sleep", "3"]), timeout=60)
    running = eventually(
        lambda: [c for c in calls(gateway, f"?object={container[:12]}") if c["running"] and c["method"] == "ExecSync"], "it runs")
    assert running[0]["code"] == "" and running[0]["number"] == "0"
    assert probe.result().exit_code == 0
    # Three seconds are not quick: it is of note, though it only asked.
    slow = [c for c in calls(gateway, f"?slow=2s&object={container[:12]}") if c["method"] == "ExecSync"]
    assert len(slow) == 1 and not slow[0]["routine"] and int(slow[0]["durationNanos"]) >= 3e9


def test_lists_push_out_no_failure(gateway, client, names):
    with pytest.raises(grpc.RpcError):
        client.run_pod(pod_config(names(), linux=PB.LinuxPodSandboxConfig(cgroup_parent="no-slice")))
    failure = last(gateway, "RunPodSandbox", failed=True)
    for _ in range(1500):
        client.call("ListContainers")
    assert failure in calls(gateway, "?failed=true")
    assert len(calls(gateway, "?all=true&method=ListContainers")) <= 1024
    assert not calls(gateway, "?method=ListContainers")


class Following:
    """`rktlet calls --follow`, read line by line."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([RKTLET, "calls", "--follow", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={"PATH": "/usr/bin:/bin"})
        assert "METHOD" in self.process.stdout.readline()

    def until(self, *parts):
        for line in self.process.stdout:
            if all(part in line for part in parts):
                return line
        raise AssertionError(f"ended before {parts}: {self.process.stderr.read()}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def test_the_console_follows_what_ends(gateway, client, pod, busybox):
    following = Following("--tail=5")
    try:
        container = pod.run(busybox, "sleep", "1000")
        made = following.until("CreateContainer", container[:12])
        assert " ok " in made and "engine addContainer" in made
        client.stop(container)
        assert " ok " in following.until("StopContainer", container[:12])
        with pytest.raises(grpc.RpcError):
            client.start("f" * 64)
        assert "notFound" in following.until("StartContainer", "f" * 12)
    finally:
        following.end()
    shown = run(RKTLET, "calls", "--failed").stdout
    assert "StartContainer" in shown and container[:12] not in shown and " ok " not in shown
    slow = run(RKTLET, "calls", "--slow", "1h").stdout.splitlines()
    assert len(slow) == 1
    wrong = run(RKTLET, "calls", "--slow", "fast", check=False)
    assert wrong.returncode == 1 and "500ms" in wrong.stderr
    wrong = run(RKTLET, "calls", "--follow", "--slow", "fast", check=False)
    assert wrong.returncode == 1 and "500ms" in wrong.stderr


@pytest.mark.restarts_daemon
def test_the_console_says_that_the_daemon_ended(node, gateway):
    following = Following()
    node.stop()
    _, error = following.process.communicate(timeout=60)
    assert following.process.returncode == 1 and ("stopped" in error or "does not go on" in error), error
    node.start()


def test_a_stream_goes_on_after_a_break(gateway, client):
    def follow(**headers):
        answer = gateway.open("GET", "/v1/calls/events?method=UpdateRuntimeConfig", headers=headers)
        assert answer.status == 200
        event = {}
        for line in answer:
            line = line.decode().rstrip("\n")
            if line and not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value
            elif event.get("event"):
                yield event
                event = {}

    client.call("UpdateRuntimeConfig")
    first = follow()
    event = next(first)
    data = json.loads(event["data"])
    assert event["event"] == "call" and data["method"] == "UpdateRuntimeConfig" and event["id"].endswith("-" + data["number"])
    client.call("UpdateRuntimeConfig")
    # What is seen last goes back as the id: only what came after it is told.
    while (seen := next(first))["id"] == event["id"]:
        pass
    client.call("UpdateRuntimeConfig")
    again = next(follow(**{"Last-Event-ID": seen["id"]}))
    assert int(json.loads(again["data"])["number"]) > int(json.loads(seen["data"])["number"])
    assert next(follow(**{"Last-Event-ID": "0-1"}))["event"] == "gap"
