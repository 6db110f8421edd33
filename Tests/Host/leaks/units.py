"""systemd units: every loaded one that does something or has failed, and the transient ones in any state."""

import json
import os

from .command import output

TYPES = "service,scope,slice,socket,timer,path,target"
TRANSIENT = "/run/systemd/transient"


def collect():
    transient = set(os.listdir(TRANSIENT)) if os.path.isdir(TRANSIENT) else set()
    found = {f"{name} transient": "" for name in transient if not name.endswith(".d")}
    listing = output("systemctl", "list-units", "--all", f"--type={TYPES}", "--output=json", "--no-pager")
    for unit in json.loads(listing):
        name, active = unit["unit"], unit["active"]
        if unit["load"] == "not-found" or active == "inactive":
            continue
        # "activating" is on its way; failed is a state of its own to be told about
        found[f"{name} failed" if active == "failed" else name] = f"{active}, {unit['sub']}"
    return found
