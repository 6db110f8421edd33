"""The commands of scripts/cri."""

import os
import sys

import grpc
from google.protobuf import json_format

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "Tests", "Client"))

from cri_client import PB, Runtime, container_config, pod_config  # noqa: E402

SOCKET = "/run/rktlet/rktlet.sock"


def name_of(prefix, value):
    return PB.DESCRIPTOR.enum_types_by_name[prefix].values_by_number[value].name


def call(runtime, method, text="{}"):
    if not hasattr(PB, method + "Request"):
        sys.exit(f"cri: no call {method} (cri help)")
    request = json_format.Parse(text, getattr(PB, method + "Request")())
    stub = getattr(runtime.runtime, method, None) or getattr(runtime.images, method)
    answer = stub(request, timeout=240)
    for message in [answer] if hasattr(answer, "DESCRIPTOR") else answer:
        print(json_format.MessageToJson(message, preserving_proto_field_name=True))


def config_of(runtime, pod):
    """The pod's own configuration again, as far as its status tells it."""
    metadata = runtime.pod(pod).metadata
    return pod_config(metadata.name, namespace=metadata.namespace, attempt=metadata.attempt)


def run(runtime, pod, image, *command):
    number = len(runtime.containers(pod_sandbox_id=pod))
    container = runtime.create(pod, container_config(f"c{number}", image, *command), config_of(runtime, pod))
    runtime.start(container)
    print(container)


def pods(runtime):
    for pod in runtime.pods():
        status = runtime.pod(pod.id)
        print(f"{pod.id[:13]}  {name_of('PodSandboxState', pod.state):18}  {status.network.ip:15}  {pod.metadata.name}")


def containers(runtime):
    for one in runtime.containers():
        print(f"{one.id[:13]}  {name_of('ContainerState', one.state):18}  {one.image.image:32}  {one.metadata.name}")


def images(runtime):
    for image in runtime.call("ListImages").images:
        print(f"{image.id[7:20]}  {image.size:>10}  {' '.join(image.repo_tags)}")


def execute(runtime, container, *command):
    code, out, err = runtime.exec(container, *command)
    sys.stdout.buffer.write(out)
    sys.stdout.flush()
    sys.stderr.buffer.write(err)
    sys.exit(code)


def log(runtime, container):
    with open(runtime.container(container).log_path, encoding="utf-8", errors="replace") as stream:
        sys.stdout.write(stream.read())


COMMANDS = {
    "run-pod": lambda runtime, name: print(runtime.run_pod(pod_config(name, namespace="default"))),
    "run": run, "pods": pods, "containers": containers, "images": images, "exec": execute, "log": log,
    "rm-pod": lambda runtime, pod: runtime.delete_pod(pod),
}


def main(arguments):
    socket = SOCKET
    if arguments[0].startswith("--socket="):
        socket = arguments.pop(0).partition("=")[2].removeprefix("unix://")
    if not arguments:
        sys.exit("cri: no call (cri help)")
    runtime = Runtime("runtime", socket)
    try:
        if arguments[0] in COMMANDS:
            COMMANDS[arguments[0]](runtime, *arguments[1:])
        else:
            call(runtime, *arguments)
    except TypeError as error:
        sys.exit(f"cri: {arguments[0]}: wrong number of arguments (cri help): {error}")
    except grpc.RpcError as error:
        sys.exit(f"cri: {arguments[0]}: {error.code().name}: {error.details()}")
    finally:
        runtime.close()


if __name__ == "__main__":
    main(sys.argv[1:])
