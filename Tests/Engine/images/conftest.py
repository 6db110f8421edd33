"""Fixtures of the engine's image tests: they run inside a test host, as root, with Debian's registry."""

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)

from engine import HOST, Engine, make_layout  # noqa: E402


def pytest_runtest_logreport(report):
    if report.skipped:
        pytest.exit(f"{report.nodeid} was skipped: a skipped test is a failed run", returncode=1)


@pytest.fixture
def disk():
    """A fresh directory on the disk: /tmp may be memory, which holds less than a disk does."""
    path = tempfile.mkdtemp(prefix="gantry-", dir="/var/tmp")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def engine(disk):
    yield Engine(os.path.join(disk, "data"), os.path.join(disk, "run"))
    escaped = [path for path in ("/tmp/rktlet-escape", "/var/tmp/rktlet-escape", "/rktlet-escape") if os.path.lexists(path)]
    assert not escaped
    assert not [line for line in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
                .splitlines() if line.startswith("/usr/bin/skopeo")]


@pytest.fixture(scope="session")
def registry():
    """A registry on loopback; its address."""
    done = subprocess.run([os.path.join(HOST, "registry"), "start", "--port=0"], capture_output=True, text=True, check=True)
    yield done.stdout.strip().splitlines()[-1]
    subprocess.run([os.path.join(HOST, "registry"), "stop"], check=True)


@pytest.fixture
def push(registry):
    """push("whiteouts") → the source of that variant of make-image in the registry."""
    def push(variant, name=None):
        reference = f"{registry}/{name or variant}:1"
        subprocess.run([os.path.join(HOST, "make-image"), "push", variant, reference], check=True, capture_output=True)
        return f"docker://{reference}"
    return push


@pytest.fixture
def layout(disk):
    """layout("whiteouts") → the source of that variant as an OCI layout on disk."""
    return lambda variant: f"oci:{make_layout(variant, os.path.join(disk, variant))}:latest"


@pytest.fixture
def bad_registry(disk):
    """bad_registry("hang") → a source in a registry with that one fault."""
    running = []

    def start(mode, variant="busybox"):
        path = make_layout(variant, os.path.join(disk, f"bad-{mode}-{variant}"))
        process = subprocess.Popen(
            [os.path.join(HOST, "bad-registry"), mode, path], stdout=subprocess.PIPE, text=True)
        running.append(process)
        return f"docker://{process.stdout.readline().strip()}/{variant}:1"
    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def registry_class():
    """The request handler of bad-registry, to build others from."""
    loader = importlib.machinery.SourceFileLoader("bad_registry", os.path.join(HOST, "bad-registry"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bad_registry", loader))
    loader.exec_module(module)
    return module.Registry


@pytest.fixture
def mounted(engine, disk):
    """mounted(image) → the directory where its layers are mounted as a container would see them."""
    mounts = []

    def mount(image):
        target = os.path.join(disk, f"mnt-{len(mounts)}")
        os.mkdir(target)
        base = os.path.join(engine.directory, "images", "layers")
        # overlayfs refuses the same directory twice: the topmost counts.
        names = list(dict.fromkeys(os.path.basename(path) for path in reversed(engine.layers(image))))
        subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o", "lowerdir=" + ":".join([*names, disk + "/empty"]), target],
            cwd=base, check=True)
        mounts.append(target)
        return target
    os.mkdir(os.path.join(disk, "empty"))
    yield mount
    for target in mounts:
        subprocess.run(["umount", target], check=True)
