"""Files of the shape that crictl's documentation shows for `crictl runp` and `crictl create`: each posts as it is, and what it asks for is there."""

import json

import pytest
import yaml
from cri_client import PB
from gateway import Gateway
from node import eventually, log_text

POD = {"metadata": {"name": "web-sandbox", "namespace": "default", "attempt": 1, "uid": "b6s2m0x8q1r4t7u9w3y5"}}
SPELLINGS = {
    # The least that crictl takes: the JSON of its documentation, and the YAML beside it, which has a part of the status in it.
    "json": lambda directory: json.dumps({**POD, "log_directory": directory, "linux": {}}),
    "without logs": lambda directory: json.dumps({**POD, "linux": {}}),
    "yaml": lambda directory: (
        "metadata:\n  attempt: 1\n  name: web-sandbox\n  namespace: default\n  uid: b6s2m0x8q1r4t7u9w3y5\n"
        f"log_directory: {directory}\nlinux:\n  namespaces:\n    options: {{}}\n"),
    "camel": lambda directory: json.dumps({**POD, "logDirectory": directory, "linux": {}}),
    "numbers of enums": lambda directory: json.dumps({
        **POD, "log_directory": directory, "hostname": "web", "dns_config": {"servers": ["10.0.0.10"], "searches": ["a.example"], "options": []},
        "port_mappings": [{"protocol": 0, "container_port": 80, "host_port": 18080}], "labels": {"app": "web"}, "annotations": {"owner": "me"},
        "linux": {"security_context": {"namespace_options": {"network": 0, "pid": 1, "ipc": 0}, "run_as_user": {"value": 0}, "privileged": False}}}),
    "names of enums": lambda directory: json.dumps({
        **POD, "logDirectory": directory, "portMappings": [{"protocol": "TCP", "containerPort": 80, "hostPort": 18080, "hostIp": ""}],
        "linux": {"cgroupParent": "", "securityContext": {"namespaceOptions": {"network": "POD", "pid": "CONTAINER", "ipc": "POD", "targetId": ""}}}}),
}
CONTAINERS = {
    "json": lambda image: json.dumps({
        "metadata": {"name": "busybox"}, "image": {"image": image}, "command": ["top"], "log_path": "busybox/0.log", "linux": {}}),
    "yaml": lambda image: f"metadata:\n  name: busybox\nimage:\n  image: {image}\ncommand:\n  - top\nlog_path: busybox.0.log\n",
    "snake": lambda image: json.dumps({
        "metadata": {"name": "busybox", "attempt": 0}, "image": {"image": image, "user_specified_image": "busybox"}, "command": ["top"], "args": [],
        "working_dir": "/", "envs": [{"key": "GREETING", "value": "hello"}], "labels": {}, "annotations": {}, "log_path": "busybox.0.log",
        "stdin": False, "stdin_once": False, "tty": False, "stop_signal": "SIGTERM", "mounts": [
            {"container_path": "/data", "host_path": "/tmp", "readonly": True, "selinux_relabel": False, "propagation": 0}],
        "linux": {"resources": {"cpu_shares": 512, "memory_limit_in_bytes": 67108864}, "security_context": {
            "capabilities": {"add_capabilities": ["NET_RAW"]}, "namespace_options": {"pid": 1}, "run_as_user": {"value": 1000}}}}),
    "camel": lambda image: json.dumps({
        "metadata": {"name": "busybox"}, "image": {"image": image}, "command": ["top"], "envs": [{"key": "GREETING", "value": "hello"}],
        "logPath": "busybox.0.log", "stdinOnce": False, "stopSignal": "SIGNAL_SIGTERM", "linux": {
            "resources": {"cpuShares": "512", "memoryLimitInBytes": "67108864"}, "securityContext": {
                "capabilities": {"addCapabilities": ["NET_RAW"]}, "namespaceOptions": {"pid": "CONTAINER"}, "runAsUser": {"value": "1000"}}}}),
}


def kind(text):
    return {"Content-Type": "application/json" if text.startswith("{") else "application/yaml"}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_samples_of_pods(client, node, tmp_path, spelling):
    text = SPELLINGS[spelling](str(tmp_path))
    asked = yaml.safe_load(text)
    pod = Gateway().post("/v1/pods", text, headers=kind(text))["podSandboxId"]
    try:
        status = client.pod(pod)
        assert (status.metadata.name, status.metadata.uid, status.metadata.attempt) == ("web-sandbox", asked["metadata"]["uid"], 1)
        assert dict(status.labels) == asked.get("labels", {}) and dict(status.annotations) == asked.get("annotations", {})
    finally:
        client.delete_pod(pod)


@pytest.mark.parametrize("spelling", CONTAINERS)
def test_samples_of_containers(client, node, tmp_path, busybox, spelling):
    text = CONTAINERS[spelling](busybox)
    asked = yaml.safe_load(text)
    gateway = Gateway()
    pod = gateway.post("/v1/pods", SPELLINGS["json"](str(tmp_path)), headers={"Content-Type": "application/json"})["podSandboxId"]
    # With the pod's config beside it, as `crictl create` sends both, or alone.
    body = {"config": asked, "sandbox_config": POD} if spelling == "snake" else text
    container = gateway.post(f"/v1/pods/{pod}/containers", body, headers=kind(text))["containerId"]
    assert gateway.post(f"/v1/containers/{container}/start") == {}
    status = client.container(container)
    assert status.metadata.name == "busybox" and status.state == PB.CONTAINER_RUNNING
    assert status.log_path.endswith(asked.get("log_path") or asked["logPath"])
    if "envs" in asked:
        said = client.call("ExecSync", container_id=container, cmd=["sh", "-c", "echo $GREETING"]).stdout
        assert said == b"hello\n"
        shown = gateway.get(f"/v1/containers/{container}?show=env")["info"]["envs"]
        assert json.loads(shown) == asked["envs"]
    eventually(lambda: b"Mem" in log_text(status.log_path), "what top prints")
    client.delete_pod(pod)
