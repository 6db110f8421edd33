"""What deploy/ and docs/operations.md tell an operator holds on a node."""

import json
import os
import re

import pytest
from gateway import Gateway
from node import ROOT, run

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
    yield
    for link in links:
        os.unlink(link)


def test_the_commands_of_the_handbook(node, client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    with open(os.path.join(ROOT, "docs/operations.md")) as stream:
        blocks = re.findall(r"```sh\n(.*?)```", stream.read(), re.S)
    script = "\n".join(blocks)
    assert script.count("\n") > 15
    lines = ["set -eu -o pipefail", f"POD={pod.id}", f"CONTAINER={container}", f"IMAGE={busybox}", script]
    result = run("bash", "-x", "-c", "\n".join(lines), check=False, timeout=120)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-3000:]
    assert pod.id[:12] in result.stdout and 'rktlet_condition{type="NetworkReady"} 1' in result.stdout


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
