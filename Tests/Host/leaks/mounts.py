"""Mounts of PID 1 and of ourselves, and the namespaces that are pinned by one."""

import re


def _mounts(pid):
    try:
        with open(f"/proc/{pid}/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return
    for line in lines:
        fields = line.split()
        separator = fields.index("-")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        yield point, fields[separator + 1], fields[3]


def _printable(text):
    return text.encode("utf-8", "backslashreplace").decode("ascii", "backslashreplace")


def collect():
    """Mounts on one another are counted: `NAME #2` is a second one on the same directory."""
    found = {}
    for who, pid in (("pid 1", 1), ("own", "self")):
        for point, kind, root in _mounts(pid):
            number = 1
            while (name := f"{who} {_printable(point)} {kind} #{number}") in found:
                number += 1
            found[name] = f"root {_printable(root)}"
    return found


def namespace_files():
    found = {}
    for _, pid in (("pid 1", 1), ("own", "self")):
        for point, kind, root in _mounts(pid):
            if kind == "nsfs":
                found[f"{root} {_printable(point)}"] = ""
    return found
