"""Fixtures of the integration tests: they run inside a test host, as root, with a real systemd, crun, CNI and registry."""

import contextlib
import glob
import itertools
import os
import shutil
import subprocess

import pytest

from node import BIN, HERE, NEXT, PLAN, ROOT, STRUCK, Node, eventually, gantry, identity, run

from cri_client import container_config, pod_config

HOST = os.path.join(ROOT, "Tests", "Host")
LEAKCHECK = os.path.join(HOST, "leakcheck")
SYSTEM = "/run/systemd/system"
# What a daemon that was started anew has other than the one before: its process, its reader of events, its descriptors. A `gantry app add` that
# was killed with it leaves its lease on the image, for ten minutes at most: the supervisor may have been asked already.
LEASES = "/var/lib/rktlet/images/leases"
RESTARTS = ["--ignore=descriptor rktlet", "--ignore=process .* (rktlet|gantry) *$", f"--ignore=file {LEASES}/"]
REGISTRY = os.environ.get("RKTLET_TEST_REGISTRY", "127.0.0.1:5000")


def pytest_runtest_logreport(report):
    if report.skipped:
        pytest.exit(f"{report.nodeid} was skipped: a skipped test is a failed run", returncode=1)


@pytest.fixture(scope="session")
def registry():
    """A registry on loopback with the test images; its address."""
    run(os.path.join(HOST, "registry"), "start", REGISTRY, timeout=120)
    yield REGISTRY
    run(os.path.join(HOST, "registry"), "stop", REGISTRY, check=False)


@pytest.fixture(scope="session")
def running_node(registry):
    node = Node().start()
    yield node
    lives, last = node.lives(), node.journal()
    node.stop()
    assert lives, f"the daemon at the end of the run is not the one that was started:\n{last}"


@pytest.fixture(scope="session")
def busybox(running_node, registry):
    """The reference of an image that is present. One pod has run by then: what a first pod makes for good (slices, directories) is there."""
    reference = f"{registry}/busybox:1"
    client = running_node.client
    client.pull(reference)
    pod = Pod(client, pod_config("warm-up"))
    client.stop(pod.run(reference, "sleep", "1000"))
    client.delete_pod(pod.id)
    eventually(lambda: not is_left(pod.id), "systemd and the kernel are done with the first pod")
    client.call("ImageFsInfo")
    return reference


def is_left(pod):
    """Whether a pod that was removed still has a unit or a cgroup."""
    unit = f"rktlet-pod-{pod[:12]}.service"
    return os.path.exists(f"/run/systemd/transient/{unit}") or any(unit in names for _, names, _ in os.walk("/sys/fs/cgroup"))


@pytest.fixture
def node(running_node, busybox, tmp_path, request):
    """The daemon, with the books balanced around each test: a difference fails it."""
    assert running_node.lives(), f"the daemon has died since the last test:\n{running_node.journal()}"
    if running_node.client is None or run("systemctl", "is-active", "rktlet", check=False).stdout.strip() != "active":
        running_node.start()
    books = str(tmp_path / "books")
    # Descriptors are counted for daemons that live through the test; a test that restarts them says so.
    restarts = RESTARTS if request.node.get_closest_marker("restarts_daemon") else []
    eventually(running_node.at_rest, "the daemon reads the engine's events and does nothing else")
    run(LEAKCHECK, "snapshot", books, *restarts, timeout=60)
    yield running_node
    lives, last = running_node.lives(), running_node.journal()
    if run("systemctl", "is-active", "rktlet", check=False).stdout.strip() != "active":
        running_node.start()
    running_node.process = identity()
    assert lives or restarts, f"the daemon died in this test:\n{last}"
    for pod in running_node.client.pods():
        running_node.client.delete_pod(pod.id)
    result = run(LEAKCHECK, "compare", books, "--settle=30", *restarts, check=False, timeout=120)
    if restarts:
        # Its ten minutes would end during a later test, which would miss it.
        for lease in glob.glob(f"{LEASES}/*"):
            os.unlink(lease)
    assert result.returncode == 0, f"left behind:\n{result.stdout}{result.stderr}"


@pytest.fixture
def no_daemon(running_node, busybox):
    """The shared daemon rests."""
    running_node.stop()
    yield running_node
    running_node.start()


@contextlib.contextmanager
def installation():
    """The shipped unit files and configuration where an installation has them."""
    links = {f"/usr/local/bin/{name}": os.path.join(BIN, name) for name in ("rktlet", "gantry", "gantry-pod")}
    for path, target in links.items():
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(target, path)
    os.makedirs("/etc/rktlet", exist_ok=True)
    shutil.copy(os.path.join(ROOT, "deploy/config/rktlet.yaml"), "/etc/rktlet/rktlet.yaml")
    units = os.listdir(os.path.join(ROOT, "deploy/systemd"))
    for unit in units:
        shutil.copy(os.path.join(ROOT, "deploy/systemd", unit), os.path.join(SYSTEM, unit))
    run("systemctl", "daemon-reload")
    yield
    run("systemctl", "stop", "rktlet.socket", "rktlet.service", check=False)
    for unit in units:
        os.unlink(os.path.join(SYSTEM, unit))
    run("systemctl", "daemon-reload")
    for path in links:
        os.unlink(path)
    shutil.rmtree("/etc/rktlet")


@pytest.fixture
def installed(no_daemon):
    with installation():
        yield


@pytest.fixture
def client(node):
    return node.client


@pytest.fixture
def names(request):
    """Names that no other test uses, so that no two pods share a log: names() → "exit-codes-17"."""
    stem = request.node.name.split("[")[0].removeprefix("test_").replace("_", "-")[:40].rstrip("-")
    return lambda: f"{stem}-{next(NUMBERS)}"


NUMBERS = itertools.count(1)


class Pod:
    """A pod of a test, with the containers it makes."""

    def __init__(self, client, config):
        self.client, self.config = client, config
        self.id = client.run_pod(config)

    def create(self, image, *command, name="c", **fields):
        return self.client.create(self.id, container_config(name, image, *command, **fields), self.config)

    def run(self, image, *command, **fields):
        container = self.create(image, *command, **fields)
        self.client.start(container)
        return container

    def log(self, container):
        return self.client.container(container).log_path


@pytest.fixture
def make_pod(client, names):
    """make_pod(**fields of the config) → Pod; removed by the `node` fixture at the end."""
    return lambda **fields: Pod(client, pod_config(names(), **fields))


@pytest.fixture
def pod(make_pod):
    return make_pod()


@pytest.fixture
def image(node, registry):
    """image("whiteouts") → the reference of that variant of make-image, pulled; removed again at the end.

    Two variants may be one image (the same configuration): one that was there before stays.
    """
    pulled = []
    before = {image.id for image in node.client.call("ListImages").images}

    def get(variant, tag="1"):
        reference = f"{registry}/{variant}:{tag}"
        run(os.path.join(HOST, "make-image"), "push", variant, reference)
        node.client.pull(reference)
        pulled.append(reference)
        return reference
    yield get
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    for reference in pulled:
        found = node.client.image(reference)
        if found and found.id not in before:
            node.client.remove_image(found.id)
    # What lost its names while a container used it goes when somebody collects it: on a node, gantry-gc.timer.
    gantry("image", "gc")


@pytest.fixture
def bad_registry(node, tmp_path):
    """bad_registry("hang") → the address of a registry with that one fault, until the end of the test."""
    running = []

    # A variant with a layer that is not in the store: what is there is never fetched.
    def start(mode, variant="configured"):
        layout = tmp_path / f"layout-{mode}"
        run(os.path.join(HOST, "make-image"), "layout", variant, str(layout))
        process = subprocess.Popen(
            [os.path.join(HOST, "bad-registry"), mode, str(layout)], stdout=subprocess.PIPE, text=True)
        running.append(process)
        address = process.stdout.readline().strip()
        drop_in = f"/etc/containers/registries.conf.d/98-bad-{process.pid}.conf"
        with open(drop_in, "w") as stream:
            stream.write(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
        running.append(drop_in)
        return address
    yield start
    for thing in running:
        if isinstance(thing, str):
            os.unlink(thing)
        else:
            thing.kill()
            thing.wait()


@pytest.fixture(scope="module")
def accident_prone(running_node):
    """The daemon runs on the engine that can have accidents."""
    with open("/run/crash-engine", "w") as stream:
        stream.write(os.path.join(BIN, "gantry"))
    running_node.engine = os.path.join(HERE, "crash_engine.sh")
    running_node.restart()
    yield
    running_node.engine = os.path.join(BIN, "gantry")
    running_node.restart()


@pytest.fixture
def accident(node):
    """accident("before", "app add", "daemon") is what will happen."""
    def clear():
        for path in (PLAN, STRUCK, NEXT):
            if os.path.exists(path):
                os.unlink(path)

    def plan(when, verb, target, then=None):
        clear()
        for path, line in ((NEXT, then and f"{then} : {target}\n"), (PLAN, f"{when} {verb} : {target}\n")):
            if line:
                with open(path, "w") as stream:
                    stream.write(line)
    yield plan
    clear()
