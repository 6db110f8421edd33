"""The JSON gateway beside the CRI's socket: the same answers, for people; and bad company, which must change and hold up nothing."""

import base64
import contextlib
import json
import os
import re
import socket
import stat
import statistics
import subprocess
import sys
import time

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from gateway import SOCKET, Gateway, as_json, same
from google.protobuf import json_format
from node import BIN, ROOT, eventually, log_text, run

STATUS = {  # of gRPC's codes, as docs/gateway.md has them
    grpc.StatusCode.INVALID_ARGUMENT: 400, grpc.StatusCode.NOT_FOUND: 404, grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.FAILED_PRECONDITION: 409, grpc.StatusCode.DEADLINE_EXCEEDED: 504, grpc.StatusCode.UNAVAILABLE: 503,
}
UNKNOWN = "9" * 64


@pytest.fixture
def gateway(node):
    return Gateway()


def by_id(items):
    return sorted(items, key=lambda item: item["id"])


def test_what_was_used_is_kept_without_anybody_asking(gateway, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "while :; do :; done")
    pod.run(busybox, "true", name="short")
    # A point each ten seconds.
    [one] = eventually(
        lambda: [one for one in gateway.get(f"/v1/stats/history?podSandboxId={pod.id}")["series"] if len(one["points"]) > 1], "two points")
    first, second = one["points"][:2]
    assert one["id"] == container and "usageNanoCores" not in first and int(first["workingSetBytes"]) > 0
    assert 8e9 < int(second["timestamp"]) - int(first["timestamp"]) < 15e9 and 1e7 < int(second["usageNanoCores"]) < 1.5e9
    pod.client.stop(container)
    assert gateway.get("/v1/stats/history")["series"] == []


def test_a_pods_stats_have_its_network(client, gateway, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    ours = gateway.get(f"/v1/pods/{pod.id}/stats")["stats"]
    theirs = as_json(client.call("PodSandboxStats", pod_sandbox_id=pod.id))["stats"]
    for key in ("attributes", "linux"):
        assert ours[key].keys() <= theirs[key].keys(), key
    same(ours["attributes"], theirs["attributes"])
    linux = ours["linux"]
    assert linux.keys() >= {"cpu", "memory", "network", "process", "containers"}
    assert linux["network"].keys() >= {"timestamp", "defaultInterface", "interfaces"} and linux["network"]["defaultInterface"]["name"] == "eth0"
    assert int(linux["process"]["processCount"]["value"]) > 1 and [each["attributes"]["id"] for each in linux["containers"]] == [container]


def test_the_socket_is_roots(gateway):
    assert stat.S_IMODE(os.stat(SOCKET).st_mode) == 0o600


def test_same_answers_about_the_runtime(client, gateway):
    same(gateway.get("/v1/version"), as_json(client.call("Version")))
    same(gateway.get("/v1/config"), as_json(client.call("RuntimeConfig")))
    same(gateway.get("/v1/status?verbose=true"), as_json(client.call("Status", verbose=True)))
    ranges = {"runtimeConfig": {"networkConfig": {"podCidr": "10.1.0.0/24"}}}
    assert gateway.ask("PUT", "/v1/config", ranges) == (200, {})
    theirs, ours = as_json(client.call("ImageFsInfo")), gateway.get("/v1/imagefs")
    for answer in (theirs, ours):
        for usage in answer["imageFilesystems"] + answer["containerFilesystems"]:
            del usage["timestamp"]
    same(ours, theirs)


def full_pod(name):
    """A pod config with everything in it that a node of the tests can do."""
    config = pod_config(name, labels={"app": name}, annotations={"note": "ä\n\"x\""})
    config.dns_config.servers.append("10.0.0.10")
    config.dns_config.options.append("ndots:5")
    config.port_mappings.add(container_port=80, host_port=18080)
    config.linux.sysctls["net.ipv4.ip_unprivileged_port_start"] = "0"
    config.linux.resources.memory_limit_in_bytes = 1 << 28
    return config


def same_pod(ours, theirs):
    """But for the time at which each was read."""
    assert 0 < int(ours.pop("timestamp")) < int(theirs.pop("timestamp"))
    same(ours, theirs)


def test_same_answers_about_pods(client, gateway, names):
    """One made by each; what is told of both, and what becomes of both, is the same."""
    first, second = full_pod(names()), full_pod(names())
    second.port_mappings[0].host_port = 18081
    made = client.run_pod(first)
    # A retry of the kubelet, by way of the gateway: the same config is the same pod.
    assert gateway.post("/v1/pods", json_format.MessageToDict(first))["podSandboxId"] == made
    request = {"config": json_format.MessageToDict(second, preserving_proto_field_name=True), "runtime_handler": ""}
    other = gateway.post("/v1/pods", request)["podSandboxId"]
    assert client.run_pod(second) == other
    for pod in (made, other):
        same_pod(gateway.get(f"/v1/pods/{pod}?verbose=true"), as_json(client.call("PodSandboxStatus", pod_sandbox_id=pod, verbose=True)))
    theirs = as_json(client.call("ListPodSandbox"))
    same(by_id(gateway.get("/v1/pods")["items"]), by_id(theirs["items"]))
    for query, fields in [
        ("state=SANDBOX_READY", {"state": {"state": "SANDBOX_READY"}}),
        (f"labelSelector=app={second.metadata.name}", {"label_selector": {"app": second.metadata.name}}),
    ]:
        request = json_format.ParseDict({"filter": fields}, PB.ListPodSandboxRequest())
        same(by_id(gateway.get(f"/v1/pods?{query}")["items"]), by_id(as_json(client.runtime.ListPodSandbox(request))["items"]))
    assert gateway.post(f"/v1/pods/{made}/stop") == {}
    client.call("StopPodSandbox", pod_sandbox_id=other)
    for pod in (made, other):
        same_pod(gateway.get(f"/v1/pods/{pod}"), as_json(client.call("PodSandboxStatus", pod_sandbox_id=pod)))
    for pod in (made, other, UNKNOWN):
        assert gateway.ask("DELETE", f"/v1/pods/{pod}") == (200, {})
    assert client.pods() == []


def as_go_writes(config):
    """A container config as the CRI's Go API and crictl write it: the values of the environment are plain text."""
    message = json_format.MessageToDict(config)
    for variable in message.get("envs", []):
        variable["value"] = base64.b64decode(variable["value"]).decode()
    return message


def full_container(name, image):
    config = container_config(name, image, "sh", "-c", "echo out; echo err >&2; sleep 1000", labels={"a": "b"})
    config.envs.add(key="GREETING", value=b"hello\nworld")
    config.mounts.add(container_path="/data", host_path="/tmp", readonly=True)
    config.working_dir = "/tmp"
    config.stop_signal = PB.SIGNAL_SIGRTMINPLUS3
    config.linux.resources.memory_limit_in_bytes = 1 << 26
    config.linux.resources.oom_score_adj = 100
    config.linux.security_context.run_as_user.value = 1000
    config.linux.security_context.supplemental_groups.extend([2000, 3000])
    config.linux.security_context.capabilities.drop_capabilities.append("ALL")
    config.linux.security_context.namespace_options.pid = PB.CONTAINER
    return config


def test_same_answers_about_containers(client, gateway, pod, busybox):
    config = full_container("first", busybox)
    first = client.create(pod.id, config, pod.config)
    as_dict = as_go_writes(config)
    assert gateway.post(f"/v1/pods/{pod.id}/containers", as_dict)["containerId"] == first
    as_dict["metadata"]["name"] = "second"
    as_dict["logPath"] = "second/0.log"
    second = gateway.post(f"/v1/pods/{pod.id[:12]}/containers", {"config": as_dict, "podSandboxId": pod.id})["containerId"]

    def compare():
        for container in (first, second):
            same(
                gateway.get(f"/v1/containers/{container}?verbose=true"),
                as_json(client.call("ContainerStatus", container_id=container, verbose=True)))
        same(by_id(gateway.get("/v1/containers")["containers"]), by_id(as_json(client.call("ListContainers"))["containers"]))

    compare()
    client.start(first)
    assert gateway.post(f"/v1/containers/{second}/start") == {}
    compare()
    theirs = client.call("ExecSync", container_id=first, cmd=["sh", "-c", "id; echo $GREETING; exit 3"])
    ours = gateway.post(f"/v1/containers/{second}/exec", {"cmd": ["sh", "-c", "id; echo $GREETING; exit 3"]})
    same(ours, as_json(theirs))
    assert b"uid=1000" in base64.b64decode(ours["stdout"]) and ours["exitCode"] == 3
    assert len(gateway.get(f"/v1/containers?state=running&podSandboxId={pod.id}")["containers"]) == 2
    client.stop(first, grace=0)
    assert gateway.post(f"/v1/containers/{second}/stop", {"timeout": "0"}) == {}
    compare()
    assert gateway.get(f"/v1/containers/{second}")["status"]["exitCode"] == 137
    for container in (first, second, UNKNOWN):
        assert gateway.ask("DELETE", f"/v1/containers/{container}") == (200, {})
    assert gateway.get("/v1/containers")["containers"] == []


def test_same_answers_about_images(client, gateway, image):
    reference = image("configured")
    found = client.image(reference)
    same(gateway.get(f"/v1/images/{found.id}?verbose=true"), as_json(client.call("ImageStatus", image=PB.ImageSpec(image=reference), verbose=True)))
    same(gateway.get("/v1/images/" + reference.replace("/", "%2F")), as_json(client.call("ImageStatus", image=PB.ImageSpec(image=reference))))
    same(by_id(gateway.get("/v1/images")["images"]), by_id(as_json(client.call("ListImages"))["images"]))
    assert gateway.get(f"/v1/images/{found.id[7:19]}")["image"]["id"] == found.id
    assert gateway.ask("DELETE", f"/v1/images/{found.id[:20]}") == (200, {})
    assert client.image(reference) is None
    assert gateway.post("/v1/images", {"image": {"image": reference}})["imageRef"] == found.id
    answer = gateway.open("POST", "/v1/images", {"image": {"image": reference}}, {"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in answer]
    assert lines[-1] == {"status": "pulled", "imageRef": found.id}


def camel(path):
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), path)


def test_same_errors(client, gateway, pod, busybox):
    """The code and the words of an error are the same; only a field's path is spelled as JSON has it."""
    bad_pod, bad_container = pod_config("x"), container_config("c", busybox, "sleep", "1")
    bad_pod.port_mappings.add(container_port=70000)
    bad_container.mounts.add(container_path="relative", host_path="/tmp")
    cases = [
        ("PodSandboxStatus", {"pod_sandbox_id": UNKNOWN}, "GET", f"/v1/pods/{UNKNOWN}", None),
        ("ContainerStatus", {"container_id": UNKNOWN}, "GET", f"/v1/containers/{UNKNOWN}", None),
        ("StartContainer", {"container_id": UNKNOWN}, "POST", f"/v1/containers/{UNKNOWN}/start", None),
        ("ExecSync", {"container_id": UNKNOWN, "cmd": ["ls"]}, "POST", f"/v1/containers/{UNKNOWN}/exec", {"cmd": ["ls"]}),
        ("RunPodSandbox", {"config": bad_pod}, "POST", "/v1/pods", json_format.MessageToDict(bad_pod)),
        ("CreateContainer", {"pod_sandbox_id": pod.id, "config": bad_container}, "POST", f"/v1/pods/{pod.id}/containers",
         json_format.MessageToDict(bad_container)),
        ("RunPodSandbox", {"config": pod.config, "runtime_handler": "none"}, "POST", "/v1/pods?runtimeHandler=none",
         json_format.MessageToDict(pod.config)),
    ]
    for method, fields, verb, target, body in cases:
        with pytest.raises(grpc.RpcError) as error:
            client.call(method, **fields)
        status, problem = gateway.ask(verb, target, body)
        assert status == STATUS[error.value.code()], (method, problem)
        path, _, words = problem["detail"].partition(":")
        their_path, _, their_words = error.value.details().partition(":")
        # What a use-case says spells fields as the proto does, for both.
        assert (camel(path), words) == (camel(their_path), their_words), (method, problem)


def test_logs_tail_since_and_follow(client, gateway, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); sleep 0.05; done", log_path="c/0.log")
    path = pod.log(container)
    eventually(lambda: b"\n5\n" in log_text(path), "lines in the log")
    tail = gateway.get(f"/v1/containers/{container}/logs?tail=3").split()
    assert len(tail) == 3 and int(tail[2]) == int(tail[0]) + 2
    stamped = gateway.get(f"/v1/containers/{container}/logs?tail=1&timestamps=true")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z \d+\n", stamped)
    assert gateway.get(f"/v1/containers/{container}/logs?since={stamped.split()[0]}").split()[0] == stamped.split()[1]
    answer = gateway.open("GET", f"/v1/containers/{container}/logs?follow=true")
    seen = [int(answer.readline()) for _ in range(5)]
    before = seen[-1]
    while seen[-1] < before + 40:
        seen.append(int(answer.readline()))
    client.stop(container, grace=0)
    # It ends by itself: the container has exited.
    seen += [int(line) for line in answer.read().split()]
    assert seen == list(range(len(seen)))


def test_a_follower_goes_over_rotations(client, gateway, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "i=0; while :; do echo $i; i=$((i+1)); usleep 500; done", log_path="c/0.log")
    path = pod.log(container)
    eventually(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "lines in the log")
    answer = gateway.open("GET", f"/v1/containers/{container}/logs?follow=true")
    seen = [int(answer.readline())]
    for number in range(10):
        os.rename(path, f"{path}.{number}")
        client.runtime.ReopenContainerLog(PB.ReopenContainerLogRequest(container_id=container), timeout=60)
        until = int(log_text(f"{path}.{number}").split()[-1]) + 50
        # It is past the new file's beginning.
        while seen[-1] < until:
            seen.append(int(answer.readline()))
    client.stop(container, grace=0)
    seen += [int(line) for line in answer.read().split()]
    assert seen == list(range(len(seen)))


def test_events_reach_a_subscriber_within_50_ms(client, gateway, pod, busybox):
    events = gateway.events()
    assert next(events)[0] == "open"
    late = []
    for attempt in range(10):
        container = pod.create(busybox, "true", attempt=attempt)
        # What the pod's own start made known may still be on its way.
        own = (event for event in events if event[1]["containerId"] == container)
        kind, data = next(own)
        assert kind == "CONTAINER_CREATED_EVENT"
        same(data["podSandboxStatus"], as_json(client.pod(pod.id)))
        # The answer to the call is not waited for: an event may come before it.
        call = client.runtime.StartContainer.future(PB.StartContainerRequest(container_id=container), timeout=60)
        for expected in ("STARTED", "STOPPED"):
            kind, data = next(own)
            late.append(time.time() - int(data["createdAt"]) / 1e9)
            assert kind == f"CONTAINER_{expected}_EVENT"
        call.result()
    # From the moment the engine wrote of, so the engine's share is in it. The median: a busy machine halts anything for a while.
    assert statistics.median(late) < 0.2, late


def test_an_idle_and_a_vanished_subscriber_hold_nobody_up(gateway, pod, busybox):
    stuck = [gateway.open("GET", "/v1/events") for _ in range(20)]
    for answer in stuck[:10]:
        answer.close()
    started = time.monotonic()
    container = pod.run(busybox, "true")
    eventually(lambda: gateway.get(f"/v1/containers/{container}")["status"]["state"] == "CONTAINER_EXITED", "its exit")
    assert time.monotonic() - started < 10
    for answer in stuck:
        answer.close()
    eventually(lambda: "rktlet_gateway_event_subscribers 0\n" in gateway.get("/metrics"), "no subscriber is left")


def test_ambiguous_beginnings_are_409(gateway, make_pod):
    pods = [make_pod().id for _ in range(17)]
    first = next(a for a in "0123456789abcdef" if sum(pod[0] == a for pod in pods) > 1)
    status, problem = gateway.ask("GET", f"/v1/pods/{first}")
    assert status == 409 and problem["code"] == "ambiguous"
    assert [one["id"] for one in problem["candidates"]] == sorted(pod for pod in pods if pod[0] == first)


def test_a_client_that_leaves_undoes_its_pod(client, gateway, names):
    body = json.dumps(json_format.MessageToDict(pod_config(names())))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        connection.sendall(
            f"POST /v1/pods HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        eventually(lambda: "pending" in run("systemctl", "list-units", "--all", "rktlet-pod-*").stdout or "activating" in run(
            "systemctl", "list-units", "--all", "rktlet-pod-*").stdout or client.pods(), "the pod is on its way")
    eventually(lambda: not run("systemctl", "list-units", "--all", "--no-legend", "rktlet-pod-*").stdout.strip() or client.pods(), "undone, or done before")


def raw(data, timeout=60):
    """What comes back for bytes that are no proper request."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(SOCKET)
        answer = b""
        # A server that has had enough closes before it has read everything: after its answer, if any, that is an error here.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


def test_bad_company(client, gateway):
    assert b" 400 " in raw(b"GARBAGE\r\n\r\n").split(b"\r\n")[0] + b" "
    head = b"GET /v1/version HTTP/1.1\r\nHost: x\r\n"
    assert raw(head + b"X: " + b"y" * 100_000 + b"\r\n\r\n").split(b"\r\n")[0].split(b" ")[1] in (b"400", b"431")
    started = time.monotonic()
    # Slow-loris: the head never ends.
    assert raw(head) == b""
    assert 20 < time.monotonic() - started < 45
    assert gateway.get("/v1/version")["runtimeName"] == "rktlet"
    assert client.pods() == []


def test_a_body_that_never_comes_is_given_up(gateway):
    answer = raw(b"POST /v1/pods HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", timeout=90)
    assert b" 408 " in answer.split(b"\r\n")[0] + b" "


def test_a_body_that_nobody_reads_is_not_waited_for(gateway):
    """The answer comes at once, and says that the connection ends; it does, though the client would go on for gigabytes."""
    head = b"POST /v1/containers/%s/start HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000000\r\n\r\n" % (b"f" * 64)
    started = time.monotonic()
    answer = raw(head + b"x")
    assert b" 404 " in answer.split(b"\r\n")[0] and b"connection: close" in answer.lower()
    assert time.monotonic() - started < 15
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(SOCKET)
        connection.sendall(head)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while True:
                connection.sendall(b"y" * 65536)


def test_the_names_of_others_are_refused_on_the_socket_too(gateway):
    """A tunnel brings browsers there, and with them names that a stranger's DNS answers for."""
    ask = "GET /v1/version HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
    for host, status in [("evil.example:8282", b"421"), ("10.0.0.1", b"421"), ("localhost:8282", b"200"), ("node", b"200")]:
        assert raw(ask.format(host).encode()).split(b" ")[1] == status, host


def test_ps_and_top(node, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", name="sleeper")
    lines = run(os.path.join(BIN, "rktlet"), "ps").stdout.splitlines()
    assert lines[0].split() == ["POD", "NAMESPACE", "CONTAINER", "STATE", "RESTARTS", "AGE", "ID", "IMAGE"]
    row = next(line.split() for line in lines if container[:12] in line)
    assert row[0] == pod.config.metadata.name and row[2:5] == ["sleeper", "running", "0"]
    assert run(os.path.join(BIN, "rktlet"), "ps", "-q").stdout.split() == [container]
    top = run(os.path.join(BIN, "rktlet"), "top", "--once").stdout
    assert "1 pods, 1 running containers" in top
    assert re.search(rf"^\d+m +[\d.]+ (B|KiB|MiB) +0 +\d+s +\S+/{pod.config.metadata.name} +sleeper +{container[:12]}$", top, re.M), top
    failed = run(os.path.join(BIN, "rktlet"), "ps", "--gateway=unix:///run/nothing.sock", check=False)
    assert failed.returncode == 1 and "is the daemon running" in failed.stderr


@pytest.mark.restarts_daemon
def test_top_outlives_the_daemon(node, pod, busybox, tmp_path):
    """It says that it waits, and since when; and shows what there is when the daemon is back."""
    container = pod.run(busybox, "sleep", "1000", name="sleeper")[:12]
    shown = tmp_path / "shown"
    with open(shown, "wb") as stream:
        # `run` leaves out the tests' own variables, too.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RKTLET_")}
        top = subprocess.Popen(
            [os.path.join(BIN, "rktlet"), "top", "--interval=1"], stdout=stream, stderr=subprocess.STDOUT, env=environment)

    def pages():
        return shown.read_text().split("\x1b[H")[1:]
    try:
        eventually(lambda: any(container in page for page in pages()), "the first page")
        node.kill()
        eventually(lambda: "Waiting for the daemon" in pages()[-1], "it waits")
        assert container in pages()[-1] and "is the daemon running" in pages()[-1]
        eventually(lambda: re.search(r"for [1-9]\d* s so far", pages()[-1]), "it says how long")
        late = run(os.path.join(BIN, "rktlet"), "top", check=False, timeout=30)
        assert late.returncode == 1 and "is the daemon running" in late.stderr, "who never had an answer does not wait"
        assert top.poll() is None, shown.read_text()
        node.start()
        eventually(lambda: "1 running containers" in pages()[-1] and "Waiting" not in pages()[-1], "it goes on")
        assert top.poll() is None
    finally:
        top.kill()
        top.wait()


def examples(name):
    with open(os.path.join(ROOT, name)) as stream:
        return re.findall(r"```sh\n(.*?)```", stream.read(), re.S)


def test_the_examples_of_the_documentation(node, busybox, tmp_path):
    """Every one of docs/gateway.md, in one shell, as somebody would type them; each must succeed."""
    script = "\n".join(examples("docs/gateway.md"))
    assert script.count("$G") > 20
    lines = ["set -eu", f"cd {tmp_path}", f"IMAGE={busybox}", "U=http://localhost/v1", f"G='curl -sS --fail-with-body --unix-socket {SOCKET}'"]
    result = run("bash", "-x", "-c", "\n".join(lines) + "\n" + script, check=False, timeout=120)
    assert result.returncode == 0, result.stderr[-3000:] + result.stdout[-1000:]
    assert base64.b64encode(b"hello\n").decode() in result.stdout
    with open(os.path.join(ROOT, "README.md")) as stream:
        curls = re.findall(r"^curl [^#\n]*", stream.read(), re.M)
    for command in curls + ["curl --unix-socket /run/rktlet/gateway.sock http://localhost/v1/version"]:
        run("bash", "-c", command + " --fail-with-body")


@pytest.mark.restarts_daemon
@pytest.mark.timeout(960)
@pytest.mark.parametrize("phases", ["examples,coverage,fuzzing", pytest.param("stateful", marks=pytest.mark.long)])
def test_the_whole_document_against_the_daemon(running_node, busybox, tmp_path, phases):
    """schemathesis asks for everything that openapi/rktlet.yaml describes, rightly and wrongly, over TCP with the token.

    Its calls that build on one another's answers go another way each time: they are for the long run.
    It removes images, too, so the books of the other tests are not for this one: its own are that pods and images can be put right.
    """
    node = running_node
    token_file = str(tmp_path / "token")
    node.stop()
    node.arguments = ["--gateway=tcp://127.0.0.1:8282", f"--gateway-token-file={token_file}"]
    try:
        node.start()
        with open(token_file) as stream:
            token = stream.read().strip()
        assert stat.S_IMODE(os.stat(token_file).st_mode) == 0o600 and len(token) == 64
        check_access(token)
        tool = os.path.join(os.path.dirname(sys.executable), "schemathesis")
        result = run(
            tool, f"--config-file={ROOT}/Tests/Integration/schemathesis.toml", "run", os.path.join(ROOT, "openapi/rktlet.yaml"),
            "--url=http://127.0.0.1:8282", f"--phases={phases}", f"--header=Authorization: Bearer {token}", "--no-color", check=False, timeout=900)
        assert result.returncode == 0, result.stdout[-30000:] + result.stderr[-2000:]
    finally:
        for pod in node.client.pods():
            node.client.delete_pod(pod.id)
        assert node.client.pods() == [] and node.client.containers() == []
        node.client.pull(busybox)
        node.stop()
        node.arguments = []
        node.start()


def check_access(token):
    def status(*arguments):
        return run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *arguments).stdout

    url = "http://127.0.0.1:8282/v1"
    assert status(f"{url}/pods") == "401"
    assert status("-H", f"Authorization: Bearer {token}", f"{url}/pods") == "200"
    assert status("-X", "POST", f"{url}/pods/{UNKNOWN}/stop") == "401"
    assert status("-X", "POST", "-H", f"Authorization: Bearer {token}", f"{url}/pods/{UNKNOWN}/stop") == "200"
    assert status("-H", f"Authorization: Bearer {token}", "-H", "Host: node.example", f"{url}/pods") == "421"
    assert status("-H", f"Authorization: Bearer {token}", "-H", "Origin: http://evil.example", f"{url}/pods") == "403"


@pytest.mark.restarts_daemon
def test_the_sockets_of_others(node, tmp_path):
    """A dead daemon's socket is replaced; a living one's is not, nor is a file; addresses of the world are refused."""
    node.restart()
    assert Gateway().get("/v1/version")["runtimeName"] == "rktlet"

    def refused(value):
        result = run(
            os.path.join(BIN, "rktlet"), "serve", f"--listen=unix://{tmp_path}/other.sock", f"--engine={node.engine}", f"--gateway={value}",
            check=False)
        assert result.returncode != 0
        return result.stderr
    assert "another rktlet runs" in refused(f"unix://{SOCKET}")
    assert "not on loopback" in refused("tcp://0.0.0.0:8282")
    assert "must be" in refused("http://localhost")
    node.stop()
    (tmp_path / "file").write_text("")
    assert "file of another kind" in refused(f"unix://{tmp_path}/file")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{tmp_path}/live")
    listener.listen()
    assert "another process listens" in refused(f"unix://{tmp_path}/live")
    listener.close()
    node.start()
    assert Gateway().get("/v1/version")["runtimeName"] == "rktlet"
