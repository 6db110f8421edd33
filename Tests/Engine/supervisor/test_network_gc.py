"""What a crash left in a network is taken back by its plugins: GC of the CNI specification 1.1, and never where others might lose something."""

import contextlib
import json
import os
import subprocess

import pytest
from pods import GANTRY, Host

VERSIONS = """printf '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0"%s]}'; exit 0"""


@pytest.fixture
def network(host, plugin):
    """network(**members of the list) → the network of a pod, in which every plugin has GC."""
    plugin.does("VERSION", VERSIONS % ',"1.1.0"')
    plugin.does("GC", "exit 0")

    def make(**members):
        plugins = [{"type": plugin.name, "first": True}, {"type": plugin.name, "capabilities": {"portMappings": True}}]
        document = {"cniVersion": "1.1.0", "name": "recorded", "plugins": plugins, **members}
        with open(f"{host.confs}/00-recorder.conflist", "w") as file:
            json.dump(document, file)
        return {"mode": "cni", "name": "recorded", "binDirs": [plugin.directory]}
    return make


def collect(host, *options):
    done = subprocess.run([GANTRY, "gc", f"--dir={host.dir}", f"--run-dir={host.run}", "--format=json", *options], check=True, capture_output=True, text=True, timeout=60)
    return [line for line in json.loads(done.stdout)["done"] if "network" in line]


def collections(plugin):
    return [call for call in plugin.calls if call["verb"] == "GC"]


def test_what_is_stale_is_collected_with_the_attachments_that_are_valid(host, plugin, network):
    runs, ended = host.pod(network=network()), host.pod(network=network())
    runs.start()
    ended.start()
    ended.stop()
    assert collect(host, "--dry-run") == ["removed what is stale in network recorded"] and collections(plugin) == []
    assert collect(host) == ["removed what is stale in network recorded"]
    calls = collections(plugin)
    assert [call["input"].get("first") for call in calls] == [True, None], "each plugin, in the order of the list"
    valid = [{"containerID": runs.uuid.replace("-", ""), "ifname": "eth0"}]
    for call in calls:
        assert call["input"]["cni.dev/valid-attachments"] == valid
        assert (call["input"]["name"], call["input"]["cniVersion"]) == ("recorded", "1.1.0")
        assert "prevResult" not in call["input"] and "capabilities" not in call["input"]
        assert (call["id"], call["netns"], call["ifname"]) == ("", "", "")
    runs.stop()
    for pod in (runs, ended):
        subprocess.run([GANTRY, "rm", f"--dir={host.dir}", f"--run-dir={host.run}", pod.uuid], check=True, capture_output=True)
    # As after a crash that took the records along.
    collect(host)
    assert [call["input"]["cni.dev/valid-attachments"] for call in collections(plugin)[2:]] == [[], []]


@pytest.mark.parametrize("members", [{"disableGC": True}, {"disableGC": "true"}, {"cniVersion": "1.0.0"}], ids=str)
def test_a_list_that_does_not_want_it_is_left_alone(host, plugin, network, members):
    pod = host.pod(network=network())
    pod.start()
    # As it is configured by now.
    network(**members)
    assert collect(host) == [] and collections(plugin) == []
    pod.stop()


def test_a_plugin_without_the_verb_is_not_called(host, plugin, network):
    pod = host.pod(network=network())
    pod.start()
    plugin.does("VERSION", VERSIONS % "")
    collect(host)
    assert collections(plugin) == []
    pod.stop()


@pytest.mark.parametrize("name,content,is_others", [
    ("recorded-0123-eth0", '{"kind":"cniCacheV1","networkName":"recorded"}', True), ("recorded-0123-eth0", "rubbish", True),
    ("recorded-2-0123-eth0", '{"kind":"cniCacheV1","networkName":"recorded-2"}', False),
])
def test_a_network_that_another_runtime_uses_is_left_alone(host, plugin, network, name, content, is_others):
    pod = host.pod(network=network())
    pod.start()
    directory = "/var/lib/cni/results"
    made = not os.path.exists(directory)
    os.makedirs(directory, exist_ok=True)
    try:
        with open(f"{directory}/{name}", "w") as file:
            file.write(content)
        collect(host)
        assert (collections(plugin) == []) == is_others
    finally:
        os.unlink(f"{directory}/{name}")
        if made:
            os.rmdir(directory)
        pod.stop()


def test_a_network_that_an_engine_with_another_directory_uses_is_left_alone(host, plugin, network, tmp_path):
    pod = host.pod(network=network())
    pod.start()
    (tmp_path / "other").mkdir()
    other = Host(str(tmp_path / "other"))
    with contextlib.closing(contextlib.ExitStack()) as stack:
        stack.callback(other.discard)
        theirs = other.pod(network={**network(), "confDir": host.confs})
        theirs.start()
        collect(host)
        assert collections(plugin) == []
        theirs.stop()
    collect(host)
    assert len(collections(plugin)) == 2
    pod.stop()


@pytest.mark.parametrize("content", ["fifo", "network"])
def test_a_container_does_not_pass_for_another_engine(host, plugin, network, content):
    """It knows where on the host its files are, from /proc/self/mountinfo, and calls itself as a supervisor is called."""
    pod = host.pod(network=network())
    pod.start()
    with open(f"{host.layer}/bin/gantry-pod", "w") as file:
        os.fchmod(file.fileno(), 0o755)
        file.write("#!/bin/sh\nsleep 1000\n")
    trap = "/trap/pods/run/u"
    made = {"fifo": f"busybox mkfifo {trap}/network.json", "network": f"""echo '{{"format":1,"conflist":{{"name":"recorded"}}}}' > {trap}/network.json"""}
    pod.run_app("a", "/bin/sh", "-c", f"busybox mkdir -p {trap}; {made[content]}; exec /bin/gantry-pod --dir={pod.dir}/apps/a/upper/trap --uuid=u")
    pod.wait_sleep("a", 1000)
    assert os.path.lexists(f"{pod.dir}/apps/a/upper{trap}/network.json")
    assert collect(host) == ["removed what is stale in network recorded"] and len(collections(plugin)) == 2
    pod.stop()


def test_a_pod_that_cannot_be_read_keeps_every_network_from_being_collected(host, plugin, network):
    pod = host.pod(network=network())
    pod.start()
    with open(f"{pod.dir}/network.json") as file:
        good = file.read()
    with open(f"{pod.dir}/network.json", "w") as file:
        file.write("{")
    failed = subprocess.run([GANTRY, "gc", f"--dir={host.dir}", f"--run-dir={host.run}"], capture_output=True, text=True)
    assert failed.returncode == 254 and pod.uuid in failed.stderr and collections(plugin) == []
    with open(f"{pod.dir}/network.json", "w") as file:
        file.write(good)
    pod.stop()
