#!/usr/bin/env python3
"""host_image.py DIR: an OCI image layout of nine layers, filled with this machine's own libraries: some 180 MiB in a thousand files of every
size, as compressible as real images are."""

import hashlib
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Tests", "Host"))

from images.layer import Layer  # noqa: E402
from images.layout import Layout  # noqa: E402

SOURCES = ["/usr/lib/x86_64-linux-gnu", "/usr/share/perl"]
LAYERS, LAYER_BYTES = 9, 20 << 20


def files():
    """Regular files, in an order that mixes large and small."""
    found = []
    for source in SOURCES:
        for directory, _, names in os.walk(source):
            paths = [os.path.join(directory, name) for name in names]
            found += [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]
    return sorted(found, key=lambda path: hashlib.sha256(path.encode()).digest())


def main(target):
    rest, tars = iter(files()), []
    for _ in range(LAYERS):
        layer, size = Layer(), 0
        while size < LAYER_BYTES and (path := next(rest, None)):
            with open(path, "rb") as stream:
                content = stream.read()
            layer.file(path[1:], content, mode=0o755)
            size += len(content)
        tars.append(layer.tar())
    layout = Layout(target)
    layout.finish([layout.image(tars, {"Cmd": ["/none"]})], False)


if __name__ == "__main__":
    main(sys.argv[1])
