"""The Debian package, in a test host: dpkg's own books are a copy, everything else is as on a node."""

import contextlib
import os
import re
import shutil
import subprocess
import time

import grpc
import pytest
from cri_client import Runtime, container_config, pod_config

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
DEB = os.environ["RKTLET_DEB"]
REGISTRY = os.path.join(ROOT, "Tests", "Host", "registry")
BOOKS = "/var/tmp/dpkg"
PROGRAMS = {"/usr/bin/rktlet": 52, "/usr/bin/gantry": 30, "/usr/libexec/rktlet/gantry-pod": 15}


def run(*command, check=True, timeout=120, **options):
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    assert not check or result.returncode == 0, f"{command} failed ({result.returncode}):\n{result.stdout}{result.stderr}"
    return result


def dpkg(*arguments, check=True):
    return run("dpkg", f"--admindir={BOOKS}", *arguments, check=check)


def eventually(condition, what, timeout=30):
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.05)
    return value


def field(name):
    return run("dpkg-deb", "-f", DEB, name).stdout.strip()


def version():
    return run("rktlet", "version").stdout.split()[1]


def main_process(unit):
    """Its pid, and when it began: a pid alone may be another's by now."""
    pid = run("systemctl", "show", "-PMainPID", unit).stdout.strip()
    assert pid != "0", f"{unit} does not run:\n" + run("journalctl", "-q", "-n", "30", "-u", unit, check=False).stdout
    with open(f"/proc/{pid}/stat") as stream:
        return pid, stream.read().rsplit(")", 1)[1].split()[19]


@pytest.fixture(scope="module")
def books():
    shutil.copytree("/var/lib/dpkg", BOOKS, symlinks=True)
    # Images of containers have one that forbids packages to start and stop anything.
    with contextlib.suppress(FileNotFoundError):
        os.unlink("/usr/sbin/policy-rc.d")
    yield
    shutil.rmtree(BOOKS)


@pytest.fixture(scope="module")
def image():
    address = run(REGISTRY, "start", "127.0.0.1:5000").stdout.split()[-1]
    yield f"{address}/busybox:1"
    run(REGISTRY, "stop")


@pytest.fixture
def installed(books):
    dpkg("-i", DEB)
    # Nothing is begun that nobody asked for, now or at the next boot.
    for unit in ("rktlet.service", "rktlet.socket", "gantry-gc.timer"):
        assert run("systemctl", "is-enabled", unit, check=False).stdout.strip() == "disabled", unit
        assert run("systemctl", "is-active", unit, check=False).stdout.strip() == "inactive", unit
    shutil.copy("/usr/share/doc/rktlet/examples/10-rktlet.conflist", "/etc/cni/net.d/10-rktlet.conflist")
    run("systemctl", "enable", "--now", "rktlet")
    client = Runtime("rktlet", "/run/rktlet/rktlet.sock")
    try:
        client.wait_ready()
    except grpc.RpcError as error:
        raise AssertionError(f"{error.details()}:\n" + run("journalctl", "-q", "-n", "40", "-u", "rktlet", check=False).stdout) from None
    yield client
    for pod in client.pods() if os.path.exists("/run/rktlet/rktlet.sock") else []:
        client.delete_pod(pod.id)
    client.close()
    dpkg("--purge", "rktlet")
    os.unlink("/etc/cni/net.d/10-rktlet.conflist")


def newer(tmp_path):
    """The same package as a later version of it."""
    tree, deb = tmp_path / "tree", tmp_path / "newer.deb"
    run("dpkg-deb", "-R", DEB, str(tree))
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+1", control.read_text(), flags=re.M))
    run("dpkg-deb", "-Zgzip", "-z1", "-b", str(tree), str(deb))
    return str(deb)


def doctors(check):
    """What the doctor says of one thing."""
    return next(line for line in run("rktlet", "doctor", check=False).stdout.splitlines() if line.split()[1:2] == [check])


def started(client, image, name):
    client.pull(image)
    config = pod_config(name)
    pod = client.run_pod(config)
    container = client.create(
        pod, container_config("c", image, "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); usleep 20000; done"), config)
    client.start(container)
    return pod, container


def lines(client, container):
    with open(client.container(container).log_path) as stream:
        return [int(line.split(" ")[3]) for line in stream.read().splitlines()]


def test_lintian_has_nothing_to_say():
    result = run("lintian", "--fail-on=error,warning", "--allow-root", DEB, check=False)
    assert result.returncode == 0 and not re.search(r"^[EW]:", result.stdout, re.M), result.stdout + result.stderr


def test_what_is_in_it(installed):
    assert version() == field("Version")
    assert installed.call("Version").runtime_version == field("Version")
    for program, most in PROGRAMS.items():
        assert os.path.getsize(program) < most << 20
    for command in ("rktlet", "gantry"):
        assert command in run("bash", "-c", f". /usr/share/bash-completion/completions/{command}; complete -p {command}").stdout
    for page in ("rktlet.8", "gantry.8", "rktlet.yaml.5"):
        assert "NAME" in run("man", "-l", "-Pcat", f"/usr/share/man/man{page[-1]}/{page}.gz").stdout
    conffiles = dpkg("-s", "rktlet").stdout
    assert " /etc/rktlet/rktlet.yaml " in conffiles and " /etc/apparmor.d/rktlet-default " in conffiles
    # What belongs to others is theirs.
    assert not os.path.exists("/etc/crictl.yaml") and not os.path.exists("/etc/systemd/system/kubelet.service.d/20-rktlet.conf")
    assert run("systemctl", "is-active", "gantry-gc.timer", check=False).stdout.strip() == "active"


def test_an_upgrade_stops_no_pod(installed, image, tmp_path):
    pod, container = started(installed, image, "upgraded")
    unit = run("systemctl", "list-units", "--no-legend", "--plain", "rktlet-pod-*").stdout.split()[0]
    before, daemon = main_process(unit), main_process("rktlet.service")
    state = installed.container(container)
    configuration = "/etc/rktlet/rktlet.yaml"
    with open(configuration, "a") as stream:
        stream.write("# of this node\n")
    dpkg("-i", "--force-confold", newer(tmp_path))
    installed.wait_ready()
    assert main_process("rktlet.service") != daemon and main_process(unit) == before
    # The files are others, and the build in them is the same.
    assert doctors("supervisors").startswith("ok ")
    assert run("systemctl", "is-enabled", "rktlet.service").stdout.strip() == "enabled"
    assert run("systemctl", "is-enabled", "rktlet.socket", check=False).stdout.strip() == "disabled"
    assert installed.container(container).started_at == state.started_at
    assert installed.call("ExecSync", container_id=container, cmd=["echo", "driven"], timeout=10).stdout == b"driven\n"
    last = lines(installed, container)[-1]
    numbers = eventually(lambda: (found := lines(installed, container))[-1] > last and found, "the log goes on")
    assert numbers == list(range(len(numbers)))
    with open(configuration) as stream:
        assert stream.read().endswith("# of this node\n")
    installed.stop(container)
    assert installed.container(container).exit_code == 137
    installed.delete_pod(pod)


def test_a_version_goes_back_with_its_pods(installed, image, tmp_path):
    """To the one before, whose supervisor is another build; and forth again."""
    pod, container = started(installed, image, "back-and-forth")
    unit = f"rktlet-pod-{pod[:12]}.service"
    before = main_process(unit)
    earlier = run(os.path.join(ROOT, "scripts/lib/earlier-package"), DEB, str(tmp_path)).stdout.strip()
    for deb in (earlier, DEB):
        dpkg("-i", deb)
        installed.wait_ready()
        assert main_process(unit) == before
        assert installed.call("ExecSync", container_id=container, cmd=["echo", "driven"], timeout=10).stdout == b"driven\n"
        if deb == earlier:
            assert "~earlier" in dpkg("-s", "rktlet").stdout
            assert doctors("supervisors").startswith("warn") and doctors("supervisors").endswith(f": {pod[:12]}")
            anew = installed.run_pod(pod_config("of-the-earlier"))
            assert "1 of 2 pods" in doctors("supervisors")
    found = doctors("supervisors")
    assert found.startswith("warn") and found.endswith(f": {anew[:12]}")
    last = lines(installed, container)[-1]
    numbers = eventually(lambda: (found := lines(installed, container))[-1] > last and found, "the log goes on")
    assert numbers == list(range(len(numbers)))


def test_a_removal_stops_no_pod_and_a_purge_leaves_nothing(installed, image):
    pod, container = started(installed, image, "in-the-way")
    refused = dpkg("--remove", "rktlet", check=False)
    assert refused.returncode != 0 and "pods run on this node" in refused.stderr and "rktlet-pod-" in refused.stderr
    installed.wait_ready()
    assert installed.call("ExecSync", container_id=container, cmd=["echo", "on"], timeout=10).stdout == b"on\n"
    installed.delete_pod(pod)
    dpkg("--remove", "rktlet")
    assert os.path.exists("/etc/rktlet/rktlet.yaml") and os.path.isdir("/var/lib/rktlet")
    assert not os.path.exists("/usr/bin/rktlet") and not os.path.exists("/run/rktlet/rktlet.sock")
    dpkg("--purge", "rktlet")
    left = run(
        "find", "/etc", "/usr", "/lib", "/run", "/var", "-xdev", "-path", BOOKS, "-prune", "-o", "-path", ROOT, "-prune", "-o",
        "(", "-name", "*rktlet*", "-o", "-name", "*gantry*", ")", "-print", check=False).stdout.splitlines()
    # find(1) complains of the test host's own mounts, and goes on.
    assert [path for path in left if "rktlet-test" not in path] == ["/etc/cni/net.d/10-rktlet.conflist"]
    units = run("systemctl", "list-unit-files", "--no-legend", "rktlet*", "gantry*").stdout.splitlines()
    assert [unit for unit in units if "rktlet-test" not in unit] == []
