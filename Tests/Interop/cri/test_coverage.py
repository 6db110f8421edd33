"""docs/cri-coverage.md says of every field of the interface what becomes of it, and by which test that is known."""

import json
import os
import re

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", "..", ".."))


def rows():
    """(messages, what is said of their fields, tests) of each row of the table."""
    with open(f"{ROOT}/docs/cri-coverage.md") as stream:
        table = stream.read().split("## Field by field", 1)[1].split("\n## ", 1)[0]
    cells = [re.split(r" *\| *", line.strip("| \n")) for line in table.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`(\w+)`", messages), (works, rest), re.findall(r"`([\w.]+)`", tests)) for messages, works, rest, tests in cells]


def fields():
    with open(f"{HERE}/wire-facts.json") as stream:
        return {name: list(of) for name, of in json.load(stream)["messages"].items() if of and not name.startswith("Windows")}


def test_every_field_has_its_word():
    wanted, said = fields(), {}
    for messages, (works, rest), _ in rows():
        for message in messages:
            assert message not in said, f"{message} has two rows"
            said[message] = None
            if works == "all" or "no field is read" in rest:
                continue
            named = re.findall(r"`(\w+)`", works) + re.findall(r"`(\w+)`", rest)
            assert len(named) == len(set(named)), f"{message}: a field is named twice"
            assert set(wanted[message]) <= set(named), f"{message}: nothing is said of {set(wanted[message]) - set(named)}"
            assert set(re.findall(r"`(\w+)`", works)) <= set(wanted[message]), f"{message} has no such field"
    assert said.keys() == wanted.keys(), said.keys() ^ wanted.keys()


def test_every_test_that_it_names_is_there():
    swift, python = set(), set()
    for top, _, files in os.walk(f"{ROOT}/Tests"):
        for name in files:
            if name.endswith(".swift"):
                with open(os.path.join(top, name)) as stream:
                    swift |= set(re.findall(r"\b(?:struct|class) (\w+)", stream.read()))
            if name.endswith(".py"):
                python.add(name)
    for messages, _, tests in rows():
        assert tests, f"{messages}: no test"
        for test in tests:
            assert test in (python if test.endswith(".py") else swift), f"{messages}: no test {test}"
