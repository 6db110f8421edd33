"""Each of the 43 RPCs on the daemon as it is installed, under three clients: one that behaves, one that leaves, and one that never reads.

The daemon's process must be the same one afterwards: its unit starts another when it dies, and nobody who only calls would notice.
"""

import os
import socket
import sys

import grpc
import pytest
from conftest import installation
from cri_client import PB, Runtime, container_config, pod_config
from node import ROOT, SOCKET, eventually, identity, run

SERVICES = PB.DESCRIPTOR.services_by_name
METHODS = {method.name: method for name in ("RuntimeService", "ImageService") for method in SERVICES[name].methods}
NOT_SERVED = {"CheckpointPod", "RestorePod"}
# Of a pod whose runtime has none: the default handler's crun.
REFUSED = {"CheckpointContainer"}


class Subject:
    """The installed daemon with a pod and a container in it, and what to ask each RPC for."""

    def __init__(self, image):
        self.client, self.image = Runtime("rktlet", SOCKET), image
        self.client.wait_ready()
        self.config = pod_config("every-rpc")
        self.pod = self.client.run_pod(self.config)
        self.container = self.make("subject")
        self.client.start(self.container)
        self.process = identity()

    def make(self, name):
        return self.client.create(self.pod, container_config(name, self.image, "sleep", "1000"), self.config)

    def request(self, method, label):
        """A request that is answered with OK where the RPC is served; whatever it makes has `label` in its name."""
        fields = {
            "RunPodSandbox": lambda: {"config": pod_config(label)},
            "StopPodSandbox": lambda: {"pod_sandbox_id": self.client.run_pod(pod_config(label))},
            "RemovePodSandbox": lambda: {"pod_sandbox_id": self.client.run_pod(pod_config(label))},
            "PodSandboxStatus": lambda: {"pod_sandbox_id": self.pod},
            "CreateContainer": lambda: {
                "pod_sandbox_id": self.pod, "config": container_config(label, self.image, "sleep", "1000"), "sandbox_config": self.config},
            "StartContainer": lambda: {"container_id": self.make(label)},
            "StopContainer": lambda: {"container_id": self.make(label)},
            "RemoveContainer": lambda: {"container_id": self.make(label)},
            "ContainerStatus": lambda: {"container_id": self.container},
            "ReopenContainerLog": lambda: {"container_id": self.container},
            "UpdateContainerResources": lambda: {
                "container_id": self.container, "linux": PB.LinuxContainerResources(cpu_shares=512)},
            "CheckpointContainer": lambda: {"container_id": self.container, "location": "/var/tmp/checkpoint.tar"},
            "UpdatePodSandboxResources": lambda: {
                "pod_sandbox_id": self.pod, "resources": PB.LinuxContainerResources(cpu_shares=512)},
            "ContainerStats": lambda: {"container_id": self.container},
            "PodSandboxStats": lambda: {"pod_sandbox_id": self.pod},
            "Exec": lambda: {"container_id": self.container, "cmd": ["true"], "stdout": True},
            "Attach": lambda: {"container_id": self.container, "stdout": True},
            "PortForward": lambda: {"pod_sandbox_id": self.pod, "port": [80]},
            "ExecSync": lambda: {"container_id": self.container, "cmd": ["echo", "hello"]},
            "ImageStatus": lambda: {"image": PB.ImageSpec(image=self.image)},
            "PullImage": lambda: {"image": PB.ImageSpec(image=self.image)},
            "RemoveImage": lambda: {"image": PB.ImageSpec(image="localhost/there-is-none:1")},
        }.get(method, dict)()
        return getattr(PB, METHODS[method].input_type.name)(**fields)

    def stub(self, method):
        return getattr(self.client.runtime, method, None) or getattr(self.client.images, method)

    def is_well(self):
        """It serves, streams too, and is the process that was started."""
        self.client.wait_ready()
        assert self.pod in [pod.id for batch in self.client.runtime.StreamPodSandboxes(PB.StreamPodSandboxesRequest(), timeout=60)
                            for pod in batch.pod_sandboxes]
        assert identity() == self.process, f"the daemon has died:\n{journal()}"


def journal():
    return run("journalctl", "--no-pager", "-q", "-o", "cat", "-n", "60", "-u", "rktlet.service", check=False).stdout


@pytest.fixture(scope="module")
def subject(running_node, busybox):
    running_node.stop()
    with installation():
        run("systemctl", "start", "rktlet.service")
        made = Subject(busybox)
        yield made
        made.is_well()
        for pod in made.client.pods():
            made.client.delete_pod(pod.id)
        made.client.close()
    running_node.start()


@pytest.fixture
def label(request):
    return "every-" + request.node.name.removeprefix("test_").replace("[", "-").rstrip("]").replace("_", "-").lower()[:50]


@pytest.fixture(scope="module")
def frames():
    """HTTP/2 by hand."""
    sys.path.append(os.path.join(ROOT, "Tests", "Interop", "grpc"))
    import frames
    return frames


def test_there_are_43():
    assert len(METHODS) == 43 and NOT_SERVED < set(METHODS)
    assert sum(method.server_streaming for method in METHODS.values()) == 7


@pytest.mark.parametrize("method", METHODS)
def test_a_client_that_behaves(subject, label, method):
    request = subject.request(method, label)
    try:
        answer = subject.stub(method)(request, timeout=120)
        if method == "GetContainerEvents":
            # It has no end of its own.
            subject.client.start(subject.make(label))
            assert next(answer).pod_sandbox_status.id == subject.pod
            answer.cancel()
        elif METHODS[method].server_streaming:
            list(answer)
        code = grpc.StatusCode.OK
    except grpc.RpcError as error:
        code = error.code()
    expected = grpc.StatusCode.UNIMPLEMENTED if method in NOT_SERVED else grpc.StatusCode.FAILED_PRECONDITION if method in REFUSED else grpc.StatusCode.OK
    assert code == expected
    subject.is_well()


@pytest.mark.parametrize("method", METHODS)
def test_a_client_that_leaves(subject, frames, label, method):
    """Twice: it cancels the call, and it closes its connection without having read anything."""
    request = subject.request(method, label + "-1")
    call = subject.stub(method)
    answer = call(request) if METHODS[method].server_streaming else call.future(request)
    answer.cancel()
    with frames.RawClient(SOCKET) as raw:
        raw.send(raw_call(frames, method, subject.request(method, label + "-2")))
    subject.is_well()


@pytest.mark.parametrize("method", METHODS)
def test_a_client_that_never_reads(subject, frames, label, method):
    """Its windows are shut from the start, and it takes nothing from the socket; the answer's head is seen to lie there."""
    request = subject.request(method, label)
    with frames.RawClient(SOCKET, greet=False) as raw:
        raw.send(frames.PREFACE + frames.settings(window=0) + frames.frame(frames.SETTINGS, frames.ACK))
        raw.send(raw_call(frames, method, request))
        eventually(lambda: frames.HEADERS in kinds(raw.socket), "the answer has begun", timeout=120)
        subject.is_well()
    subject.is_well()


def raw_call(frames, method, request):
    head = frames.request(1, f"/{METHODS[method].containing_service.full_name}/{method}")
    return head + frames.data(1, frames.message(request.SerializeToString()))


def kinds(connection):
    """The types of the frames that wait in a socket; they go on waiting."""
    try:
        octets, found = connection.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT), []
    except BlockingIOError:
        return []
    while len(octets) >= 9:
        found.append(octets[3])
        octets = octets[9 + int.from_bytes(octets[:3], "big"):]
    return found
