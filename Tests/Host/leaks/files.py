"""Files below the directories of the engine, of CNI and of temporary files: names and types, not contents."""

import os
import stat


def collect(directories, depth):
    found = {}
    for directory in directories:
        try:
            device = os.lstat(directory).st_dev
        except OSError:
            continue
        found[directory] = ""
        _walk(directory, device, depth, found)
    return found


def _walk(directory, device, depth, found):
    """Not into another file system: what is mounted is the mounts' business, and its files another's."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        name = entry.path.encode("utf-8", "backslashreplace").decode("ascii", "backslashreplace")
        found[name] = "" if stat.S_ISREG(status.st_mode) else stat.filemode(status.st_mode)
        if stat.S_ISDIR(status.st_mode) and depth > 1 and status.st_dev == device:
            _walk(entry.path, device, depth - 1, found)
