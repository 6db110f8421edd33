"""Processes by the name of their program, and the memory they take."""

import os


def pids_of(names):
    """Pids of the processes whose first argument's last part is one of the names."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                program = stream.read().split(b"\0")[0].decode(errors="replace")
        except OSError:
            continue
        if os.path.basename(program) in names:
            found.append(int(pid))
    return found


def memory_of(pids):
    """{"Rss", "Pss", "Private"} in kB, summed up over these processes, from smaps_rollup."""
    total = {"Rss": 0, "Pss": 0, "Private": 0}
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as rollup:
            fields = dict(line.split(":", 1) for line in rollup if line.rstrip().endswith("kB"))
        kilobytes = {key: int(value.split()[0]) for key, value in fields.items()}
        total["Rss"] += kilobytes["Rss"]
        total["Pss"] += kilobytes["Pss"]
        total["Private"] += kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return total
