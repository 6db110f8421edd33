"""What deploy/ and docs/operations.md tell an operator holds on a node."""

import json
import os
import re
import shlex
import sys

import pytest
from gateway import Gateway
from kube_api import NODE, KubeAPI
from node import ROOT, run

HANDBOOK = os.path.join(ROOT, "docs/operations.md")
COMMANDS = ("apt", "crictl", "curl", "gantry", "journalctl", "kubectl", "rktlet", "systemctl", "systemd-cgtop")
# Said of programs that are no part of this node, or a mere name of what a block beside it has; the package's tests, the virtual machine's and the ones
# below run those.
ELSEWHERE = {"systemctl restart containerd", "crictl", "gantry", "crictl rmp -fa"}
RULES = os.path.join(ROOT, "deploy/prometheus/rktlet.rules.yaml")


@pytest.fixture(scope="module", autouse=True)
def programs(running_node):
    """On the PATH, as where they are installed; and the unit can be asked for by its name."""
    links = []
    for name in ("rktlet", "gantry"):
        link = f"/usr/local/bin/{name}"
        if not os.path.lexists(link):
            os.symlink(os.path.join(os.environ.get("RKTLET_BIN", os.path.join(ROOT, ".build/release")), name), link)
            links.append(link)
    crictl = "/usr/local/bin/crictl"
    with open(crictl, "w") as stream:
        stream.write(f'#!/bin/sh\nexec {sys.executable} {ROOT}/Tests/Client/crictl_calls.py "$@"\n')
    os.chmod(crictl, 0o755)
    links.append(crictl)
    yield
    for link in links:
        os.unlink(link)


def test_the_commands_of_the_handbook(node, client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    with open(HANDBOOK) as stream:
        blocks = re.findall(r"```sh\n(.*?)```", stream.read(), re.S)
    script = "\n".join(blocks)
    assert script.count("\n") > 15
    lines = ["set -eu -o pipefail", f"POD={pod.id}", f"CONTAINER={container}", f"IMAGE={busybox}", script]
    result = run("bash", "-x", "-c", "\n".join(lines), check=False, timeout=120)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-3000:]
    assert pod.id[:12] in result.stdout and 'rktlet_condition{type="NetworkReady"} 1' in result.stdout


def spoken():
    """The commands in the running text and the tables, once each."""
    with open(HANDBOOK) as stream:
        text = re.sub(r"^```.*?^```", "", stream.read(), flags=re.S | re.M)
    found = dict.fromkeys(span for span in re.findall(r"`([^`]+)`", text) if span.split(" ")[0] in COMMANDS)
    return [command for command in found if command not in ELSEWHERE]


@pytest.mark.restarts_daemon
def test_the_commands_of_text_and_tables(node, pod, busybox):
    pod.run(busybox, "sleep", "1000")
    commands = spoken()
    assert len(commands) > 15
    for command in commands:
        line = re.sub(r"\bUNIT\b", f"rktlet-pod-{pod.id[:12]}.service", command)
        # The one that goes on until somebody has seen enough.
        line += " | head -n 3" if command == "rktlet top" else " | cat; exit ${PIPESTATUS[0]}"
        result = run("bash", "-c", line, check=False, timeout=120)
        # `doctor` says with its status what the node is like.
        assert result.returncode == 0 or command == "rktlet doctor", (command, result.stdout, result.stderr)
        assert result.stdout or command in QUIET, command
        # After the one that restarts the daemon.
        node.client.wait_ready()


# Those that have nothing to say where nothing is wrong.
QUIET = {"rktlet calls --failed", "rktlet calls --slow 10s", "systemctl reload rktlet", "systemctl restart rktlet", "crictl rmi --prune", "gantry gc"}


def test_what_crictl_prunes_is_what_nobody_uses(client, pod, busybox, image):
    pod.run(busybox, "sleep", "1000")
    unused = image("configured")
    run("crictl", "rmi", "--prune")
    assert client.image(unused) is None and client.image(busybox)


def test_a_drained_node(client, make_pod, busybox, tmp_path):
    """`kubectl drain`, with a server that has one node: what it evicts goes, what a DaemonSet has stays; then what the move to another runtime begins with."""
    with open(HANDBOOK) as stream:
        drain, kubelet = re.search(r"^## Drain\n.*?^```\n(.*?)^```", stream.read(), re.S | re.M).group(1).splitlines()
    moving, staying = make_pod(), make_pod()
    environment = dict(os.environ, KUBECONFIG="/dev/null", HOME=str(tmp_path))
    run("systemd-run", "--quiet", "--collect", "--unit=kubelet", "sleep", "1000")
    with KubeAPI(client) as api:
        for name, owner, one in (("moving", "ReplicaSet", moving), ("staying", "DaemonSet", staying)):
            api.add(name, one.id, {"c": one.run(busybox, "sleep", "1000")}, owner=owner)
        words = shlex.split(drain.replace("NODE", NODE))
        result = run(words[0], f"--server={api.url}", *words[1:], env=environment, timeout=120)
        assert "drained" in result.stdout and api.cordoned and list(api.pods) == ["staying"]
    run("bash", "-c", kubelet)
    assert run("systemctl", "is-active", "kubelet", check=False).stdout.strip() == "inactive"
    assert [one.id for one in client.pods()] == [staying.id]
    run("crictl", "rmp", "-fa")
    assert client.pods() == []


def test_the_alerts_are_raised_when_they_should(tmp_path):
    run("promtool", "check", "rules", RULES)
    config = tmp_path / "prometheus.yml"
    with open(os.path.join(ROOT, "deploy/prometheus/scrape.yaml")) as stream:
        config.write_text("global: {}\n" + stream.read())
    run("promtool", "check", "config", "--syntax-only", str(config))
    run("promtool", "test", "rules", os.path.join(ROOT, "Tests/Integration/rules_test.yaml"))


def test_alerts_and_dashboard_name_metrics_that_are_there(client, pod, busybox):
    pod.run(busybox, "sleep", "1000")
    client.pull(busybox)
    text = Gateway().get("/metrics")
    there = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    with open(RULES) as rules, open(os.path.join(ROOT, "deploy/grafana/rktlet.json")) as dashboard:
        expressions = rules.read() + "\n".join(
            target["expr"] for panel in json.load(dashboard)["panels"] for target in panel["targets"])
    named = set(re.findall(r"\b(?:rktlet|process)_[a-z_]+", expressions))
    named = {re.sub(r"_(count|bucket|sum)$", "", name) for name in named}
    assert named and named <= there, named - there
    # The words by which those that failed are told from those that did not.
    assert re.search(r'^rktlet_engine_call_duration_seconds_count\{.*code="ok".*\}', text, re.M)
    assert re.search(r'^rktlet_image_call_duration_seconds_count\{.*call="pull".*\}', text, re.M)


def test_the_dashboard_is_the_one_that_its_list_makes():
    path = os.path.join(ROOT, "deploy/grafana/rktlet.json")
    with open(path) as stream:
        before = stream.read()
    run(os.path.join(ROOT, "scripts/dashboard"))
    with open(path) as stream:
        assert stream.read() == before
