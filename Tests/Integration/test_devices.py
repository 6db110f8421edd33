"""Devices by the Container Device Interface: files as vendors' tools write them."""

import json
import os

import grpc
import pytest
from cri_client import PB
from states import code_of

# The form of `nvidia-ctk cdi generate`, with devices that each host has.
GENERATED = """---
cdiVersion: 0.5.0
containerEdits:
  deviceNodes:
  - path: /dev/full
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  hooks:
  - args:
    - touch
    - MARKER
    env:
    - NVIDIA_CTK_DEBUG=false
    hookName: createContainer
    path: /usr/bin/touch
  mounts:
  - containerPath: /usr/lib/vendor/busybox
    hostPath: /bin/busybox
    options:
    - ro
    - nosuid
    - nodev
    - bind
devices:
- containerEdits:
    deviceNodes:
    - path: /dev/gpu0
      hostPath: /dev/zero
      fileMode: 438
      permissions: rw
  name: "0"
- containerEdits:
    deviceNodes:
    - path: /dev/gpu1
      hostPath: /dev/zero
    additionalGids: [4321]
  name: "1"
kind: nvidia.com/gpu
"""


@pytest.fixture
def files():
    """files(path, text): a file that is gone afterwards, with its directory where that was not there."""
    made = []

    def write(path, text):
        directory = os.path.dirname(path)
        if not os.path.isdir(directory):
            os.makedirs(directory)
            made.append(directory)
        with open(path, "w") as stream:
            stream.write(text)
        made.append(path)
    yield write
    for path in reversed(made):
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)


def cdi(*names):
    return [PB.CDIDevice(name=name) for name in names]


def test_what_a_vendors_tool_has_written_is_there(client, pod, busybox, files, tmp_path):
    marker = tmp_path / "marker"
    files("/etc/cdi/nvidia.yaml", GENERATED.replace("MARKER", str(marker)))
    files("/var/run/cdi/other.json", json.dumps({
        "cdiVersion": "0.6.0", "kind": "vendor.com/net",
        "devices": [{"name": "a", "containerEdits": {"env": ["NET=a"], "deviceNodes": [{"path": "/dev/null2", "type": "c", "major": 1, "minor": 3}]}}]}))
    container = pod.run(busybox, "sleep", "1000", CDI_devices=cdi("nvidia.com/gpu=0", "nvidia.com/gpu=1", "vendor.com/net=a"))
    assert marker.exists(), "the hook has run"
    script = ("head -c 3 /dev/gpu0 | wc -c; head -c 4 /dev/gpu1 | wc -c; echo x > /dev/null2 && echo written; echo x > /dev/full || echo full;"
              " /usr/lib/vendor/busybox echo tool; echo $NVIDIA_VISIBLE_DEVICES $NET; id -G; stat -c %a /dev/gpu0")
    code, out, err = client.exec(container, "sh", "-c", script)
    assert code == 0, err
    lines = out.decode().splitlines()
    assert lines[:6] == ["3", "4", "written", "full", "tool", "void a"] and "4321" in lines[6].split() and lines[7] == "666"
    other = pod.run(busybox, "sleep", "1000", name="other")
    assert client.exec(other, "ls", "/dev/gpu0")[0] == 1


def test_a_later_directory_goes_before(client, pod, busybox, files):
    for path, word in (("/etc/cdi/v.json", "old"), ("/var/run/cdi/v.yaml", "new")):
        document = {"cdiVersion": "0.6.0", "kind": "v.com/x", "devices": [{"name": "a", "containerEdits": {"env": [f"WORD={word}"]}}]}
        files(path, json.dumps(document))
    container = pod.run(busybox, "sleep", "1000", CDI_devices=cdi("v.com/x=a"))
    assert client.exec(container, "sh", "-c", "echo $WORD")[1] == b"new\n"


def test_devices_that_cannot_be_had_are_refused_by_name(client, pod, busybox, files):
    files("/etc/cdi/broken.yaml", "kind: [\n")
    files("/etc/cdi/v.yaml", "cdiVersion: 0.6.0\nkind: v.com/x\ndevices:\n- {name: a, containerEdits: {intelRdt: {closID: x}}}\n"
          "- {name: b, containerEdits: {deviceNodes: [{path: /dev/no-such}]}}\n- {name: c, containerEdits: {env: [C=1]}}\n")
    for name, parts in (("v.com/x=z", ("v.com/x=z", "/etc/cdi/broken.yaml")), ("v.com/x=a", ("intelRdt",)), ("v.com/x=b", ("/dev/no-such",)),
                        ("gpu", ("config.CDI_devices[0].name",))):
        code, details = code_of(lambda: pod.create(busybox, "sleep", "1000", CDI_devices=cdi(name)))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and all(part in details for part in parts), details
    assert client.containers() == []
    # Another vendor's broken file keeps nobody's device away.
    container = pod.run(busybox, "sleep", "1000", CDI_devices=cdi("v.com/x=c"))
    assert client.exec(container, "sh", "-c", "echo $C")[1] == b"1\n"
