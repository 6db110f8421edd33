"""Chains and rules, by iptables' view and by nftables' own."""

import json
import re

from .command import output

BUILT_IN = re.compile(r"^:(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) ACCEPT")
IPTABLES_TABLES = {"nat", "filter", "mangle", "raw", "security"}


def iptables():
    found = {}
    for family, program in (("ip", "iptables-save"), ("ip6", "ip6tables-save")):
        table = ""
        for line in output(program, optional=family == "ip6").splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif line.startswith((":", "-A")) and not BUILT_IN.match(line):
                _count(found, f"{family} {table} {re.sub(r' ?.[0-9]+:[0-9]+.$', '', line)}")
    return found


def nftables():
    """Empty when nftables has no tables, or the kernel has no nftables."""
    text = output("nft", "--json", "list", "ruleset", optional=True)
    found = {}
    for item in json.loads(text or '{"nftables":[]}')["nftables"]:
        for kind in ("table", "chain", "rule", "set", "map"):
            if kind in item and not _built_in(kind, item[kind]):
                _count(found, _describe(kind, item[kind]))
    return found


def _built_in(kind, item):
    """What iptables-nft makes of itself as soon as it is asked anything."""
    table = item["name"] if kind == "table" else item["table"]
    return item["family"] in ("ip", "ip6") and table in IPTABLES_TABLES and (
        kind == "table" or kind == "chain" and "hook" in item)


def _describe(kind, item):
    table = f"{item['family']} {item.get('table', item.get('name'))}"
    if kind == "table":
        return f"{table} table"
    if kind == "rule":
        expression = [part for part in item["expr"] if "counter" not in part]
        return f"{table} rule {item['chain']} {json.dumps(expression, sort_keys=True)}"
    return f"{table} {kind} {item['name']}"


def _count(found, name):
    number, key = 1, name
    while key in found:
        number += 1
        key = f"{name} #{number}"
    found[key] = ""
