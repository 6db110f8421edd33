"""Network links, addresses and routes of the host's network namespace."""

import json

from .command import output


def collect():
    found = {}
    for link in json.loads(output("ip", "-details", "-json", "link", "show") or "[]"):
        kind = link.get("linkinfo", {}).get("info_kind", link.get("link_type", "?"))
        master = f"port of {link['master']}" if "master" in link else ""
        found[f"{link['ifname']} {kind}"] = master
    return found
