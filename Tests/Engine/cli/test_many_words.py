"""Commands of many words: what taking them apart costs grows with their number, not with its square."""

import os
import resource
import subprocess

import pytest

GANTRY = os.environ.get("GANTRY", f"{os.environ.get('RKTLET_BIN', '/usr/local/bin')}/gantry")


@pytest.mark.parametrize("words", [["app", "exec", "--app=a", "POD", "--", "true"], ["app", "add", "POD", "IMAGE", "--name=a", "--"]])
def test_the_words_of_a_command_are_not_the_parsers_business(words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [GANTRY, *words, *map(str, range(20_000))]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert refused.returncode != 0 and 'pod "POD"' in refused.stderr, "it was parsed whole, and then there was no such pod"
    assert after.ru_utime - before.ru_utime < 5, "seconds of processor time"
