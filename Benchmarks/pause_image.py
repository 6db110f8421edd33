#!/usr/bin/env python3
"""pause_image.py PROGRAM DIR: an OCI image layout whose one file is the program /pause."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Tests", "Host"))

from images.layer import Layer  # noqa: E402
from images.layout import Layout  # noqa: E402

with open(sys.argv[1], "rb") as program:
    layer = Layer().file("pause", program.read(), mode=0o755)
layout = Layout(sys.argv[2])
layout.finish([layout.image([layer.tar()], {"Entrypoint": ["/pause"]})], False)
