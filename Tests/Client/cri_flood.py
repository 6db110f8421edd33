"""A process that takes what it can of the CRI's socket, and reads nothing: cri_flood.py SOCKET KIND CONNECTIONS STREAMS PATH

KIND `unread`: so many calls on each connection whose responses find no window. KIND `held`: calls whose requests never end. It says `ready` when all of it has
been sent, and ends, with its connections, when its standard input does.
"""

import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Interop", "grpc"))

from frames import ACK, PREFACE, SETTINGS, RawClient, data, frame, message, request, settings  # noqa: E402


def main(path, kind, connections, streams, method):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    held, refused = [], 0
    for _ in range(connections):
        try:
            raw = RawClient(path, greet=False)
            raw.send(PREFACE + settings(window=0) + frame(SETTINGS, ACK))
            for stream in range(1, 2 * streams, 2):
                raw.send(request(stream, method) + (data(stream, message(b"")) if kind == "unread" else b""))
            held.append(raw)
        except OSError:
            # Hung up on: what was sent before counts.
            refused += 1
    print("ready", len(held), refused, flush=True)
    sys.stdin.read()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
