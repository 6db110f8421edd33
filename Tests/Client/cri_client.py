"""A client of the CRI over grpcio, for tests and benchmarks: the stubs are made from our own .proto when it is loaded.

It adds no behaviour: one method per call, keyword arguments become message fields, errors are grpc.RpcError.
"""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile

import grpc

PROTO_ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "Transport", "CRI", "Proto"))
OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 32 << 20)]


def load_stubs():
    """(messages, services): compiles the .proto into a directory of this process's own and imports the result."""
    out = tempfile.mkdtemp(prefix="cri-stubs-")
    try:
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO_ROOT}", f"--python_out={out}",
             f"--grpc_python_out={out}", "runtime/v1/api.proto"], check=True)
        sys.path.insert(0, out)
        return importlib.import_module("runtime.v1.api_pb2"), importlib.import_module("runtime.v1.api_pb2_grpc")
    finally:
        if out in sys.path:
            sys.path.remove(out)
        shutil.rmtree(out, ignore_errors=True)


PB, STUBS = load_stubs()


class Runtime:
    """One runtime on one socket."""

    def __init__(self, name, socket):
        self.name, self.socket = name, socket
        self.channel = grpc.insecure_channel(f"unix://{socket}", options=OPTIONS)
        self.runtime = STUBS.RuntimeServiceStub(self.channel)
        self.images = STUBS.ImageServiceStub(self.channel)

    def close(self):
        self.channel.close()

    def wait_ready(self, timeout=30):
        return self.runtime.Version(PB.VersionRequest(), timeout=timeout, wait_for_ready=True)

    def call(self, method, timeout=120, **fields):
        """call("ContainerStatus", container_id=…): the request message is found by the method's name."""
        stub = getattr(self.runtime, method, None) or getattr(self.images, method)
        return stub(getattr(PB, method + "Request")(**fields), timeout=timeout)

    # Images

    def pull(self, reference, auth=None, timeout=120):
        return self.call("PullImage", timeout, image=PB.ImageSpec(image=reference), auth=auth).image_ref

    def image(self, reference):
        """The image, or None."""
        response = self.call("ImageStatus", image=PB.ImageSpec(image=reference))
        return response.image if response.HasField("image") else None

    def remove_image(self, reference):
        self.call("RemoveImage", image=PB.ImageSpec(image=reference))

    # Pods

    def run_pod(self, config, timeout=240, handler=""):
        return self.call("RunPodSandbox", timeout, config=config, runtime_handler=handler).pod_sandbox_id

    def pod(self, pod):
        return self.call("PodSandboxStatus", pod_sandbox_id=pod).status

    def pods(self, **filter_fields):
        return self.call("ListPodSandbox", filter=PB.PodSandboxFilter(**filter_fields)).items

    def stop_pod(self, pod, timeout=120):
        self.call("StopPodSandbox", timeout, pod_sandbox_id=pod)

    def remove_pod(self, pod, timeout=120):
        self.call("RemovePodSandbox", timeout, pod_sandbox_id=pod)

    def delete_pod(self, pod):
        self.stop_pod(pod)
        self.remove_pod(pod)

    # Containers

    def create(self, pod, config, pod_config, timeout=120):
        request = dict(pod_sandbox_id=pod, config=config, sandbox_config=pod_config)
        return self.call("CreateContainer", timeout, **request).container_id

    def start(self, container):
        self.call("StartContainer", container_id=container)

    def stop(self, container, grace=0, timeout=120):
        request = PB.StopContainerRequest(container_id=container, timeout=grace)
        self.runtime.StopContainer(request, timeout=timeout)

    def remove(self, container):
        self.call("RemoveContainer", container_id=container)

    def container(self, container):
        return self.call("ContainerStatus", container_id=container).status

    def containers(self, **filter_fields):
        return self.call("ListContainers", filter=PB.ContainerFilter(**filter_fields)).containers

    def exec(self, container, *command, seconds=0, timeout=120):
        """(exit code, stdout, stderr) of ExecSync."""
        response = self.runtime.ExecSync(
            PB.ExecSyncRequest(container_id=container, cmd=command, timeout=seconds), timeout=timeout)
        return response.exit_code, response.stdout, response.stderr


def pod_config(name, namespace="test", attempt=0, logs="/var/log/pods", network="POD", pid="CONTAINER", **fields):
    """A pod as the kubelet would ask for it; `fields` go into the message as they are."""
    options = PB.NamespaceOption(network=PB.NamespaceMode.Value(network), pid=PB.NamespaceMode.Value(pid))
    linux = fields.pop("linux", None) or PB.LinuxPodSandboxConfig()
    if not linux.security_context.HasField("namespace_options"):
        linux.security_context.namespace_options.CopyFrom(options)
    fields.setdefault("hostname", "" if network == "NODE" else name[:63])
    return PB.PodSandboxConfig(
        metadata=PB.PodSandboxMetadata(name=name, uid=f"uid-{name}", namespace=namespace, attempt=attempt),
        log_directory=os.path.join(logs, f"{namespace}_{name}_uid-{name}"), linux=linux, **fields)


def container_config(name, image, *command, attempt=0, pid="CONTAINER", security=None, resources=None, **fields):
    """A container as the kubelet would ask for it; `fields` go into the message as they are."""
    security = security or PB.LinuxContainerSecurityContext()
    if not security.HasField("namespace_options"):
        security.namespace_options.CopyFrom(PB.NamespaceOption(pid=PB.NamespaceMode.Value(pid)))
    fields.setdefault("log_path", f"{name}/{attempt}.log")
    return PB.ContainerConfig(
        metadata=PB.ContainerMetadata(name=name, attempt=attempt), image=PB.ImageSpec(image=image), command=command,
        linux=PB.LinuxContainerConfig(security_context=security, resources=resources), **fields)
