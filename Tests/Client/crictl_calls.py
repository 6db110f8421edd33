"""What crictl asks of a runtime for the commands that the handbook has: Debian has no package of it. Only these; others are refused.

  crictl_calls.py info | rmi --prune | rmp -fa
"""

import sys

from cri_client import Runtime
from google.protobuf import json_format

SOCKET = "/run/rktlet/rktlet.sock"


def info(runtime):
    print(json_format.MessageToJson(runtime.call("Status", verbose=True)))


def prune(runtime):
    """Every image that no container uses, and that is not pinned."""
    used = {reference for one in runtime.containers() for reference in (one.image_ref, one.image_id, one.image.image)}
    for image in runtime.call("ListImages").images:
        names = {image.id, *image.repo_tags, *image.repo_digests}
        if not image.pinned and not names & used:
            runtime.remove_image(image.id)
            print(f"Deleted: {image.id}")


def remove_all_pods(runtime):
    for pod in runtime.pods():
        runtime.delete_pod(pod.id)
        print(f"Removed sandbox {pod.id}")


COMMANDS = {("info",): info, ("rmi", "--prune"): prune, ("rmp", "-fa"): remove_all_pods}

if __name__ == "__main__":
    runtime = Runtime("crictl", SOCKET)
    COMMANDS[tuple(sys.argv[1:])](runtime)
    runtime.close()
