"""Waiting for what offers no event to wait for."""

import os
import time


def until(condition, seconds=30, what="it"):
    """Within a bound that only a hang comes to."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.005)


def has_ended(pid):
    """Whether the process is gone, or a zombie without threads: its parent was told, and its files and locks are let go of.

    The first thread is a zombie as soon as it has ended, while others of the process may still have its files.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2][0] in "ZX" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True
