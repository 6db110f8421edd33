"""Commands of many words: what taking them apart costs grows with their number, not with its square."""

import os
import resource
import subprocess
import uuid

import pytest

GANTRY = os.environ.get("GANTRY", f"{os.environ.get('RKTLET_BIN', '/usr/local/bin')}/gantry")
# Seconds of processor time, on a loaded machine; the square takes 18.
MOST = 5


def run(command):
    """What it came to, and the processor time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before.ru_utime


@pytest.mark.parametrize("words", [["app", "exec", "--app=a", "POD", "--", "true"], ["app", "add", "POD", "IMAGE", "--name=a", "--"]])
def test_the_words_of_a_command_are_not_the_parsers_business(words):
    refused, seconds = run([GANTRY, *words, *map(str, range(20_000))])
    assert refused.returncode != 0 and 'pod "POD"' in refused.stderr, "it was parsed whole, and then there was no such pod"
    assert seconds < MOST


@pytest.mark.parametrize(
    "words",
    [["rm", "--"], ["rm", "--debug"], ["rm", "--dir", "DIR"], ["image", "rm"], ["image", "rm", "--format", "json"], ["image", "rm", "--"]],
)
def test_operands_are_not_the_parsers_business_and_each_has_its_turn(tmp_path, words):
    names = [str(uuid.UUID(int=n)) for n in range(16_000)]
    done, seconds = run([GANTRY, f"--dir={tmp_path}/lib", f"--run-dir={tmp_path}/run", *[str(tmp_path / "lib") if word == "DIR" else word for word in words], *names])
    assert done.returncode == 0, done.stderr[-500:]
    # None of them is there, which is fine, and said of each.
    assert all(name in done.stderr for name in (names[0], names[2], names[3], names[4], names[-1]))
    assert len(done.stderr.splitlines()) == 16_000
    assert seconds < 2 * MOST


@pytest.mark.parametrize("words", [["status"], ["list"], ["app", "start", "--app=a", "POD"], ["cat-manifest", "--"], ["stop", "--"], ["app", "add", "--environment=A=1", "POD"]])
def test_too_many_words_are_refused_at_once(words):
    refused, seconds = run([GANTRY, *words, *["--debug" if words[-1] == "POD" else f"x{n}" for n in range(16_000)]])
    assert refused.returncode == 2 and refused.stderr, refused
    assert seconds < MOST
