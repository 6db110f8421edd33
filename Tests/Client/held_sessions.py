"""Opens sessions and holds them until it is killed: held_sessions.py KIND=URL...; says `ready` when all of them are heard.

KIND is `exec`, `terminal` or `attach`, whose output is waited for, or `forward:PORT`, of which an answer is."""

import signal
import sys

from spdy_client import SPDY, SPDYCommand


def opened(kind, url):
    if kind.startswith("forward:"):
        session = SPDY(url, "portforward.k8s.io")
        session.open(streamType="error", port=kind[8:], requestID="1")
        data = session.open(streamType="data", port=kind[8:], requestID="1")
        session.send(data, b"hello")
        session.until(lambda: session.data[data] == b"hello")
        return session
    session = SPDYCommand(url, stdin=kind != "attach", tty=kind == "terminal")
    session.until(lambda: session.data[session.stdout])
    return session


HELD = [opened(*word.split("=", 1)) for word in sys.argv[1:]]
print("ready", flush=True)
while True:
    signal.pause()
