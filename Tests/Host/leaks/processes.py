"""Processes, the network namespaces they hold, and the descriptors of the daemons."""

import collections
import fcntl
import os
import re

KERNEL_THREADS = 2  # pid of kthreadd, where the PID namespace shows it
NS_GET_NSTYPE = 0xB703  # ioctl_ns(2)
CLONE_NEWNET = 0x40000000


def _read(path):
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _stat(pid):
    """(comm, state, parent, start time), or None when it is gone. proc(5): comm may hold blanks and parentheses."""
    text = _read(f"/proc/{pid}/stat")
    if ")" not in text:
        return None
    comm = text[text.index("(") + 1:text.rindex(")")]
    rest = text[text.rindex(")") + 2:].split()
    return comm, rest[0], int(rest[1]), rest[19]


def _pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _own_line():
    """This process and its ancestors: they look, they are not looked at."""
    line, pid = set(), os.getpid()
    while pid > 1 and (stat := _stat(pid)):
        line.add(pid)
        pid = stat[2]
    return line


def collect():
    found, own = {}, _own_line()
    for pid in _pids():
        stat = _stat(pid)
        if stat is None or pid in own or pid == KERNEL_THREADS and stat[0] == "kthreadd":
            continue
        comm, state, parent, start = stat
        if parent == KERNEL_THREADS and not _read(f"/proc/{pid}/cmdline"):
            continue
        command = _read(f"/proc/{pid}/cmdline").replace("\0", " ").strip()[:120]
        found[f"{pid}@{start} {comm} {'zombie' if state == 'Z' else ''}"] = f"child of {parent}: {command}"
    return found


def network_namespaces():
    """By inode, with one holder each: by a process, or only by a descriptor of one."""
    found, own = {}, _own_line()
    for pid in _pids():
        if pid in own:
            continue
        comm = _read(f"/proc/{pid}/comm").strip()
        try:
            target = os.readlink(f"/proc/{pid}/ns/net")
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        found.setdefault(target, f"held by process {pid} {comm}")
        for number in descriptors:
            if target := _network_namespace(f"/proc/{pid}/fd/{number}"):
                found.setdefault(target, f"held by descriptor {number} of process {pid} {comm}")
    return found


def _network_namespace(descriptor):
    """By type and not by name: one that was opened through a mounted file has that file's name."""
    try:
        status = os.stat(descriptor)
        if status.st_dev != os.stat("/proc/self/ns/net").st_dev:
            return None
        opened = os.open(descriptor, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return f"net:[{status.st_ino}]" if fcntl.ioctl(opened, NS_GET_NSTYPE) == CLONE_NEWNET else None
    finally:
        os.close(opened)


def descriptors(daemons):
    """Per daemon and kind of file: how many are open. Numbers of sockets and pipes differ, their count must not."""
    found = {}
    for pid in _pids():
        stat = _stat(pid)
        if stat is None or stat[0] not in daemons:
            continue
        counts = collections.Counter()
        try:
            numbers = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue
        for number in numbers:
            try:
                counts[re.sub(r"\d+", "N", os.readlink(f"/proc/{pid}/fd/{number}"))] += 1
            except OSError:
                continue
        for target, count in counts.items():
            for which in range(1, count + 1):
                found[f"{stat[0]} {pid}@{stat[3]} {target} #{which}"] = ""
    return found
