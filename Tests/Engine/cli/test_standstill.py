"""Whoever stands still, at whatever step, holds up no pod but his own."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time

import pytest
from test_cli import IMAGE, SLEEP, Pod, engine  # noqa: F401 (a fixture)
from waiting import until

HERE = os.path.dirname(os.path.abspath(__file__))
# Of a life that takes a quarter of a second.
BOUND = 10


@pytest.fixture(scope="module")
def step(tmp_path_factory):
    program = str(tmp_path_factory.mktemp("step") / "step")
    subprocess.run(["cc", "-Wall", "-Werror", "-O1", "-o", program, f"{HERE}/step.c"], check=True)
    return program


@pytest.fixture
def pod(engine):  # noqa: F811
    """One that runs, and writes a log."""
    pod = Pod(engine, "--net=none")
    assert pod.started.returncode == 0, pod.started.stderr
    pod.run(SLEEP, name="stays")
    yield pod
    engine.run("stop", "--force", pod.uuid)
    engine.run("rm", pod.uuid)


def lives(pod):
    """An app is made of an image, runs, exits, is told of and goes; another takes commands."""
    timeout = {"timeout": BOUND}
    pod.engine.run("app", "add", pod.uuid, IMAGE, "--name=a", "--exec=/bin/sh", "--", "-c", "exit 3", "---", **timeout)
    pod.app("start", **timeout)
    told = f"{pod.engine.run_directory}/engine/events/{pod.uuid}"
    until(lambda: '"exit_code":3' in open(told, encoding="utf-8").read(), BOUND, "an exit's event")
    assert pod.exec("echo", "hello", name="stays", **timeout).out == "hello\n"
    pod.app("rm", **timeout)


def dead(engine):  # noqa: F811
    """A pod whose supervisor was killed, with nobody to clean up after it."""
    pod = Pod(engine, "--net=none")
    pod.run(SLEEP)
    subprocess.run(["systemctl", "set-property", "--runtime", pod.unit, "CPUWeight=100"], check=False, capture_output=True)
    subprocess.run(["systemctl", "stop", pod.unit], check=True)
    return pod


def stopped(step, number, engine, *words):  # noqa: F811
    """The command, which stands still before its step of that number; nil where it has no such step."""
    process = subprocess.Popen(
        [step, str(number), engine.directory.rsplit("/", 1)[0] if words[0] == "image" else engine.run_directory, *engine.command(*words)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if line.startswith("stopped "):
            return process, int(line.split()[1])
        if line == "ended\n":
            break
    process.stdout.close()
    process.wait(30)
    return None, None


@pytest.mark.parametrize("words", [("events", "--follow=false"), ("gc",), ("image", "gc"), ("rm", "{dead}"), ("pod-cleanup", "{dead}")], ids=lambda words: "-".join(words))
def test_a_command_that_stands_still_at_any_step_holds_up_no_pod(engine, pod, step, words):  # noqa: F811
    """And one that is killed there leaves nothing that the next one does not make good."""
    number, seen = 1, 0
    victim = None
    while True:
        if "{dead}" in words and victim is None:
            victim = dead(engine)
        process, pid = stopped(step, number, engine, *[word.format(dead=victim.uuid if victim else "") for word in words])
        if process is None:
            break
        seen += 1
        lives(pod)
        os.kill(pid, signal.SIGKILL)
        process.stdout.read()
        process.stdout.close()
        process.wait(30)
        if victim:
            # What was left is finished by the next one.
            engine.run("rm", victim.uuid)
            assert victim.uuid not in [record["name"] for record in engine.run("list", "--format=json").json or []]
            victim = None
        # Steps are many, and those that are near each other alike.
        number += 1 if number < 12 else 3
    assert seen > 5
    engine.run("gc")


def test_neighbours_that_stand_still_at_any_time_hold_up_no_pod(engine, pod):  # noqa: F811
    neighbour = Pod(engine, "--net=none")
    pid = neighbour.status()["pid"]
    try:
        for delay in range(12):
            busy = [
                subprocess.Popen(engine.command("app", "add", neighbour.uuid, IMAGE, f"--name=n{delay}-{number}"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for number in range(2)
            ]
            time.sleep(delay * 0.007)
            os.kill(pid, signal.SIGSTOP)
            lives(pod)
            os.kill(pid, signal.SIGCONT)
            for process in busy:
                process.wait(BOUND)
    finally:
        os.kill(pid, signal.SIGCONT)
        engine.run("stop", "--force", neighbour.uuid)
        engine.run("rm", neighbour.uuid)


def test_a_fetch_that_stands_still_at_any_time_holds_up_no_pod(engine, pod, tmp_path):  # noqa: F811
    archive = f"{engine.directory.rsplit('/', 1)[0]}/busybox.tar"
    for delay in range(12):
        fetch = subprocess.Popen(engine.command("image", "fetch", f"docker-archive:{archive}:localhost/other:{delay}"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay * 0.02)
        fetch.send_signal(signal.SIGSTOP)
        lives(pod)
        fetch.kill()
        fetch.wait()
    engine.run("image", "gc")


@pytest.mark.parametrize("operation", [fcntl.LOCK_SH, fcntl.LOCK_EX])
def test_a_lock_of_the_store_that_another_holds_holds_up_no_pod(engine, pod, operation):  # noqa: F811
    engine.run("image", "gc")
    with contextlib.ExitStack() as stack:
        for path, _, names in os.walk(f"{engine.directory}/images"):
            for name in names if "/layers/" not in path else []:
                file = stack.enter_context(open(f"{path}/{name}", "rb"))
                fcntl.flock(file, operation | fcntl.LOCK_NB)
        lives(pod)


def test_the_store_says_who_has_its_lock(engine):  # noqa: F811
    engine.run("image", "gc")
    with open(f"{engine.directory}/images/lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin = time.monotonic()
        error = engine.run("image", "gc", "--format=json", check=False, timeout=90)
        assert error.error["code"] == "unavailable" and 50 < time.monotonic() - begin < 80
        assert f"process {os.getpid()}" in error.error["message"] and "images/lock" in error.error["message"]
