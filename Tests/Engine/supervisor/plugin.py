"""A CNI plugin that writes down how it was called, and does what a test tells it to."""

import json
import os

SCRIPT = """#!/bin/sh
here=$(dirname "$0")
input=$(cat)
n=$(ls "$here/calls" | wc -l)
printf '{"verb":"%s","netns":"%s","id":"%s","ifname":"%s","args":"%s","notify":"%s","input":%s}' \\
    "$CNI_COMMAND" "$CNI_NETNS" "$CNI_CONTAINERID" "$CNI_IFNAME" "$CNI_ARGS" "$NOTIFY_SOCKET" "$input" > "$here/call.$$"
mv "$here/call.$$" "$here/calls/$(printf %03d $n)"
[ ! -e "$here/$CNI_COMMAND" ] || . "$here/$CNI_COMMAND"
[ "$CNI_COMMAND" = DEL ] || printf '{"cniVersion":"1.0.0","ips":[{"address":"10.9.8.7/24"}]}'
"""


class Plugin:
    def __init__(self, directory, name="recorder"):
        self.name = name
        self.directory = directory
        os.makedirs(f"{directory}/calls")
        path = f"{directory}/{name}"
        with open(path, "w") as file:
            file.write(SCRIPT)
        os.chmod(path, 0o755)

    def does(self, verb, shell):
        """What it does, after it has written down the call; empty: no more than that."""
        with open(f"{self.directory}/{verb}", "w") as file:
            file.write(shell + "\n")

    @property
    def calls(self):
        found = []
        for name in sorted(os.listdir(f"{self.directory}/calls")):
            with open(f"{self.directory}/calls/{name}") as file:
                found.append(json.load(file))
        return found

    def network(self, confs, *capabilities):
        """A network of this plugin, as the only one in a directory of configurations. The second declares the capabilities."""
        with open(f"{confs}/00-recorder.conflist", "w") as file:
            plugins = [{"type": self.name, "first": True}, {"type": self.name, "capabilities": dict.fromkeys(["portMappings", *capabilities], True)}]
            json.dump({"cniVersion": "1.0.0", "name": "recorded", "plugins": plugins}, file)
        return {"mode": "cni", "name": "recorded", "binDirs": [self.directory]}
