"""A store of images that is as full as its bounds let it be: what it costs the daemon to know of it."""

import hashlib
import json
import os
import re
import time

import pytest
from cri_client import PB
from node import Node, eventually

STORE = "/var/lib/rktlet/images/images.json"
IMAGES = 10_000


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def record(number):
    """As an earlier engine wrote it: with more labels and annotations than a full store takes now."""
    name = f"registry.example/app{number}"
    return {
        "manifest": digest(f"manifest {number}"), "layers": [digest(f"layer {number}")], "size": 1234567, "user": "1000",
        "labels": {f"label{index:02}": f"value {number % 1000:03}" for index in range(64)},
        "annotations": {f"n{index}": str(number % 10) for index in range(50)}, "import_time": 1_700_000_000_000_000_000 + number,
        "tags": [f"{name}:v1"], "digests": [f"{name}@{digest(f'manifest {number}')}"], "wanted": [f"{name}:v1"], "removed": False,
        "omitted": [], "platform": "linux/amd64",
    }


def memory(pid):
    """Private and shared memory that the process has now, and had at most, in KiB."""
    with open(f"/proc/{pid}/status") as stream:
        text = stream.read()
    return tuple(int(re.search(rf"{field}:\s+(\d+)", text).group(1)) for field in ("VmRSS", "VmHWM"))


@pytest.fixture
def full_store(no_daemon):
    with open(STORE) as stream:
        before = stream.read()
    # With those that are there: what no image has is collected with the next removal.
    images = json.loads(before)["images"]
    images.update({digest(f"configuration {number}"): record(number) for number in range(IMAGES - len(images))})
    with open(STORE, "w") as stream:
        json.dump({"format": 1, "images": images}, stream, separators=(",", ":"))
    node = Node().start()
    yield node
    node.stop()
    with open(STORE, "w") as stream:
        stream.write(before)


def seconds(pid):
    """Processor time of the process, and of its children that have ended."""
    with open(f"/proc/{pid}/stat") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return own / os.sysconf("SC_CLK_TCK"), children / os.sysconf("SC_CLK_TCK")


def test_a_full_store_costs_the_daemon_little(full_store):
    client, pid = full_store.client, full_store.pid()
    images = client.call("ListImages").images
    assert len(images) == IMAGES and len({image.id for image in images}) == IMAGES
    # Read once, by a daemon that has just started, and sent: all of what was spent so far.
    spent = {"start": seconds(pid)}
    assert client.image("registry.example/app9900:v1").id == digest("configuration 9900")
    calls = {
        "list": lambda: client.call("ListImages"), "status": lambda: client.image("registry.example/app9900:v1"),
        "absent": lambda: client.image("registry.example/none:v1"), "file system": lambda: client.call("ImageFsInfo"),
        "stream": lambda: sum(len(batch.images) for batch in client.images.StreamImages(PB.StreamImagesRequest())),
        "removal": lambda: client.remove_image("registry.example/app77:v1"),
    }
    for name, call in calls.items():
        before = seconds(pid)
        call()
        spent[name] = tuple(after - earlier for after, earlier in zip(seconds(pid), before))
    assert client.image("registry.example/app77:v1") is None
    now, most = memory(pid)
    print({name: tuple(round(value, 2) for value in each) for name, each in spent.items()}, f"resident {now} KiB, at most {most} KiB")
    assert most < 120 * 1024
    own = {name: each[0] for name, each in spent.items()}
    assert own.pop("start") < 1.5 and max(own.values()) < 0.5
    assert max(each[1] for name, each in spent.items() if name != "start") < 2
