"""What changes while the daemon runs: its configuration at `systemctl reload`, the files of CNI at any time; and pinned images."""

import contextlib
import os
import shutil
import signal

import pytest
from cri_client import Runtime
from gateway import Gateway
from node import CNI, SOCKET, eventually, run
from test_daemon import main_process

FILE = "/etc/rktlet/rktlet.yaml"


class Journal:
    """The daemon's records from now on; by a cursor, since a time would let the last second in."""

    def __init__(self):
        self.cursor = run("journalctl", "-q", "-n0", "--show-cursor").stdout.split("-- cursor: ")[1].strip()

    def text(self):
        return run("journalctl", "-q", "-u", "rktlet.service", "-o", "cat", f"--after-cursor={self.cursor}").stdout

    def says(self, *parts):
        return eventually(
            lambda: [line for line in self.text().splitlines() if all(part in line for part in parts)], f"the journal says {parts}")


@pytest.fixture
def shipped(installed):
    """The unit and the configuration as they are shipped; a client of it."""
    run("systemctl", "start", "rktlet.service")
    client = Runtime("rktlet", SOCKET)
    client.wait_ready()
    eventually(main_process, "it is ready")
    yield client
    client.close()


def configure(text):
    with open(FILE, "w") as stream:
        stream.write("engine: /usr/local/bin/gantry\n" + text)


def pinned(client, reference):
    listed = [i.pinned for i in client.call("ListImages").images if reference in i.repo_tags]
    [one] = listed
    assert client.image(reference).pinned == one
    return one


def becomes_pinned(client, reference):
    eventually(lambda: client.image(reference).pinned, "the image is pinned")
    assert pinned(client, reference)


def network_ready(client):
    return next(c for c in client.call("Status").status.conditions if c.type == "NetworkReady")


def test_a_reload_takes_what_can_change_and_names_what_cannot(shipped, busybox, tmp_path):
    process = main_process()
    assert not pinned(shipped, busybox)
    name = busybox.rsplit(":", 1)[0]
    networks = tmp_path / "net.d"
    networks.mkdir()
    journal = Journal()
    configure(
        f"logLevel: debug\npinnedImages: ['{name}:*']\ncniConfDir: {networks}\nhttpsProxy: http://me:hidden-word@proxy.invalid:1\n"
        "podSlice: other.slice\nlisten: unix:///run/other.sock\n")
    run("systemctl", "reload", "rktlet.service")
    [taken] = journal.says("was read", "taken=")
    for key in ("logLevel", "pinnedImages", "cniConfDir", "httpsProxy"):
        assert key in taken
    [rest] = journal.says("only a restart takes")
    assert "listen" in rest and "podSlice" in rest and "logLevel" not in rest
    assert pinned(shipped, busybox)
    condition = network_ready(shipped)
    assert not condition.status and str(networks) in condition.message
    journal.says("served", "method=ListImages")  # a record of the level that is on now
    assert "hidden-word" not in journal.text()
    assert main_process() == process

    # Back: nothing of it was kept.
    configure("")
    journal = Journal()
    run("systemctl", "reload", "rktlet.service")
    journal.says("was read", "taken=")
    assert not pinned(shipped, busybox) and network_ready(shipped).status
    assert "only a restart" not in journal.text() and "served" not in journal.text()
    assert main_process() == process


@pytest.mark.parametrize("text, why", [
    ("logLevel: loud\npinnedImages: ['*']\n", "loud"), ("pinnedImages: ['busybox:*']\n", "begin with their registry"), ("logLevl: debug\n", "logLevl"),
    ("a: [\n", "not valid YAML"), (None, FILE),
])
def test_a_configuration_that_cannot_be_read_leaves_the_old_one(shipped, busybox, text, why):
    process = main_process()
    configure(f"pinnedImages: [{busybox}]\n")
    run("systemctl", "reload", "rktlet.service")
    becomes_pinned(shipped, busybox)
    journal = Journal()
    if text is None:
        os.unlink(FILE)
    else:
        configure(text)
    run("systemctl", "reload", "rktlet.service")
    journal.says("the one before stays in force", why)
    assert pinned(shipped, busybox) and main_process() == process
    eventually(main_process, "systemd takes it for ready")


def test_a_storm_of_signals_ends_nothing(shipped, busybox):
    process = main_process()
    pid = int(process.removeprefix("MainPID="))
    configure("pinnedImages: ['*']\n")
    for _ in range(200):
        os.kill(pid, signal.SIGHUP)
    becomes_pinned(shipped, busybox)
    eventually(lambda: main_process() == process, "it goes on, and is ready")


@contextlib.contextmanager
def without_networks():
    """The directory of CNI is away; nothing else is there for pods."""
    away = CNI + ".away"
    os.rename(CNI, away)
    try:
        yield away
    finally:
        if os.path.isdir(CNI):
            os.rmdir(CNI)
        os.rename(away, CNI)


def test_a_network_that_comes_or_goes_is_told_at_once(node, client):
    assert network_ready(client).status
    journal = Journal()
    with without_networks() as away:
        condition = network_ready(client)
        assert not condition.status and condition.reason == "NetworkNotConfigured"
        journal.says("pods get no network", "NetworkNotConfigured")
        # A provider that starts after the daemon makes the directory first, and writes under another name.
        os.mkdir(CNI)
        [name] = [n for n in os.listdir(away) if n.endswith(".conflist")]
        with open(os.path.join(away, name)) as stream:
            text = stream.read()
        path = os.path.join(CNI, name)
        with open(path + ".tmp", "w") as stream:
            stream.write(text)
        assert not network_ready(client).status
        os.rename(path + ".tmp", path)
        assert network_ready(client).status
        journal.says("pods get a network again")
        journal = Journal()
        with open(path, "w") as stream:
            stream.write(text.replace('"bridge"', '"no-such-plugin"', 1))
        assert network_ready(client).reason == "NetworkPluginMissing"
        journal.says("pods get no network", "NetworkPluginMissing")
        os.unlink(path)
        assert network_ready(client).reason == "NetworkNotConfigured"
    journal.says("pods get a network again")
    assert network_ready(client).status


def test_a_pinned_image_goes_when_it_is_asked_for(node, client, image):
    reference = image("whiteouts")
    os.makedirs("/etc/rktlet")
    try:
        configure(f"pinnedImages: ['{reference}']\n")
        os.kill(node.pid(), signal.SIGHUP)
        becomes_pinned(client, reference)
        assert [i["pinned"] for i in Gateway().get("/v1/images")["images"] if reference in i["repoTags"]] == [True]
        client.remove_image(reference)
        assert client.image(reference) is None
        # Another pull of the name is pinned again.
        client.pull(reference)
        assert pinned(client, reference)
        client.remove_image(reference)
    finally:
        shutil.rmtree("/etc/rktlet")
        os.kill(node.pid(), signal.SIGHUP)
