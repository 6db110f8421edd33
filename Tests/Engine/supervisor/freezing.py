"""Freezes cgroups, as an administrator or a container may."""

import contextlib
import os


@contextlib.contextmanager
def frozen(cgroup, below):
    """Freezes a cgroup below a container's, of its first process, or its own."""
    root = "/sys/fs/cgroup/freezer" if os.path.exists(f"/sys/fs/cgroup/freezer{cgroup}") else "/sys/fs/cgroup"
    file, still, moving = ("freezer.state", "FROZEN", "THAWED") if root.endswith("freezer") else ("cgroup.freeze", "1", "0")
    place = f"{root}{cgroup}{below}"
    os.makedirs(place, exist_ok=True)
    if below:
        with open(f"{root}{cgroup}/cgroup.procs") as procs:
            pid = procs.readline()
        with open(f"{place}/cgroup.procs", "w") as procs:
            procs.write(pid)
    with open(f"{place}/{file}", "w") as state:
        state.write(still)
    try:
        yield
    finally:
        if os.path.exists(place):
            with open(f"{place}/{file}", "w") as state:
                state.write(moving)


def still(cgroup):
    """Whether a cgroup is frozen."""
    for file, word in [(f"/sys/fs/cgroup/freezer{cgroup}/freezer.state", "FROZEN"), (f"/sys/fs/cgroup{cgroup}/cgroup.freeze", "1")]:
        if os.path.exists(file):
            with open(file) as state:
                return state.read().strip() == word
    return False
