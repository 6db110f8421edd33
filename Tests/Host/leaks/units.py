"""systemd units: every loaded one that does something or has failed, and the transient ones in any state."""

import json
import os

from .command import output

TYPES = "service,scope,slice,socket,timer,path,target"
TRANSIENT = "/run/systemd/transient"


def _transient():
    names = os.listdir(TRANSIENT) if os.path.isdir(TRANSIENT) else []
    return {name for name in names if not name.endswith(".d")}


def _listed():
    return json.loads(output("systemctl", "list-units", "--all", f"--type={TYPES}", "--output=json", "--no-pager"))


def ended():
    """The transient units that are being stopped, or have ended and are about to be forgotten."""
    before = {name for name in _transient() if name.rpartition(".")[2] in TYPES.split(",")}
    alive = {unit["unit"] for unit in _listed() if unit["active"] not in ("deactivating", "inactive")}
    return sorted((before - alive) & _transient())


def collect():
    found = {f"{name} transient": "" for name in _transient()}
    for unit in _listed():
        name, active = unit["unit"], unit["active"]
        if unit["load"] == "not-found" or active == "inactive":
            continue
        # "activating" is on its way; failed is a state of its own to be told about
        found[f"{name} failed" if active == "failed" else name] = f"{active}, {unit['sub']}"
    return found
