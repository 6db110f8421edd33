#!/usr/bin/env python3
"""fake_gateway.py PORT PODS [TOKEN]: the page of the gateway with a node that is made up, for looking at it with many pods.

With a token, all but the page and /readyz asks for it, as on TCP; PUT /fake/token with {"token": "…"} changes it.

DELETE /v1/pods/ID removes a pod, as the gateway does. PUT /fake/PATH with {"status": 503, "body": {…}} says what GET /PATH
answers from then on, {"hang": true} that it answers nothing (and, with /v1/events, says nothing more to who listens),
and DELETE /fake/PATH that it answers as before.
"""

import http.server
import json
import os
import queue
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PAGE = os.path.join(ROOT, "Sources", "Transport", "Gateway", "Page", "index.html")
NAMES = ["web", "database", "queue", "ingress-controller", "metrics-agent", "batch-import-of-last-night"]
IMAGE = "registry.example.org/team/{}:1.{}"
# How the containers of a pod that is down have ended, and the init container of any: exit code, reason, message.
ENDS = [
    (137, "OOMKilled", ""),
    (128, "StartError", "the command cannot be executed: /opt/sidecar: no such file or directory"),
    (0, "Completed", ""),
]


def node(count):
    """(pods, containers, images) as the gateway would list them verbosely."""
    pods, containers = [], []
    now = time.time_ns()
    for number in range(count):
        name, id = NAMES[number % 6], f"{number:03x}" + "a" * 61
        down = number % 17 == 5
        made, started = str(now - number * 97_000_000_000), str(now - number * 96_000_000_000)
        pods.append({
            "status": {
                "id": id, "createdAt": made, "state": "SANDBOX_NOTREADY" if down else "SANDBOX_READY",
                "metadata": {
                    "name": f"{name}-{number}", "uid": str(number), "namespace": ["default", "kube-system"][number % 5 == 0],
                    "attempt": int(number % 7 == 3)},
                "network": {"ip": f"10.88.{number // 250}.{number % 250 + 2}", "additionalIps": []},
                "linux": {"namespaces": {"options": {"network": "POD", "pid": "POD", "ipc": "POD"}}},
                "labels": {"app": name}, "annotations": {}, "runtimeHandler": ""},
            "info": {"info": json.dumps({
                "unit": f"rktlet-pod-{id[:12]}.service", "cgroup": f"/rktlet.slice/rktlet-pods.slice/rktlet-pod-{id[:12]}.service",
                "pid": 1000 + number, "networkNamespace": "/run/rktlet/ns/net", "networkAttached": not down,
                "message": "its supervisor was killed (SIGKILL); stop and remove the pod" if down else ""})}})
        for place in range(1 + number % 3):
            exited = down or place == 2
            code, reason, message = ENDS[place] if exited else (0, "", "")
            containers.append({
                "podSandboxId": id, "info": {"info": json.dumps({"pid": 0 if exited else 2000 + number, "cgroup": "/x"})},
                "status": {
                    "id": f"{place}{number:03x}" + "c" * 60, "createdAt": made, "startedAt": started,
                    "metadata": {"name": ["main", "sidecar", "init"][place], "attempt": 4 if number % 11 == 2 else 0},
                    "state": "CONTAINER_EXITED" if exited else "CONTAINER_RUNNING",
                    "exitCode": code, "reason": reason, "message": message, "image": {"image": IMAGE.format(name, number % 4)}}})
    images = [
        {"id": f"sha256:{i:02x}" + "b" * 62, "repoTags": [IMAGE.format(name, i)], "repoDigests": [],
         "size": str(30_000_000 * (i + 1))}
        for i, name in enumerate(NAMES)]
    return pods, containers, images


def event(kind, id, pod, containers):
    """A server-sent event about the pod or container with the id."""
    data = {"containerId": id, "createdAt": str(time.time_ns()), "podSandboxStatus": pod, "containersStatuses": containers}
    return f"event: CONTAINER_{kind}_EVENT\ndata: {json.dumps(data)}\n\n".encode()


def call(number, method, object="", name="", took=3_000_000, code="ok", error="", steps=(), routine=False):
    """A server-sent event about a call; the steps are pairs of a name and nanoseconds."""
    data = {
        "number": str(number), "transport": "http" if "/" in method else "grpc", "method": method, "object": object, "name": name,
        "startedAt": str(time.time_ns() - 1_000_000_000), "durationNanos": str(took), "running": False, "code": code,
        "failed": bool(error), "error": error, "traceparent": "", "routine": routine,
        "steps": [{"name": n, "startNanos": "0", "durationNanos": str(t), "code": "ok"} for n, t in steps], "stepsLeftOut": 0}
    return data


CALLS = [
    call(1, "PullImage", "registry.example.org/team/web:1.0", took=41_000_000_000, steps=[("image pull", 40_990_000_000)]),
    call(2, "RunPodSandbox", "a" * 64, "default/web-0", 231_000_000, steps=[("systemd launch", 229_000_000)]),
    call(3, "CreateContainer", "c" * 64, "main", 86_000_000, steps=[("engine addContainer", 84_000_000)]),
    call(4, "ListContainers", took=140_000, routine=True),
    call(5, "StartContainer", "c" * 64, took=17_000_000, code="internalError", steps=[("engine startContainer", 16_800_000)],
         error="container cccccccccccc: the command cannot be executed: /opt/sidecar: no such file or directory"),
    call(6, "DELETE /v1/pods/{pod}", "b" * 64, took=950_000, code="404", error="there is no pod bbbbbbbbbbbb <script>alert(1)</script>"),
]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    readings = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.asked.append(self.path)
        token = self.server.token
        if token and path not in ("/", "/readyz", "/fake/asked") and self.headers["Authorization"] != f"Bearer {token}":
            return self.answer("application/problem+json", b'{"status": 401, "detail": "on TCP this needs the token"}', 401)
        if path == "/fake/asked":
            return self.answer("application/json", json.dumps(self.server.asked).encode())
        pods, containers, images = self.server.node
        told = self.server.told.get(path)
        if told and told.get("hang"):
            # Until the browser gives up, or this process ends.
            return self.rfile.read(1)
        if told:
            kind = "application/json" if path == "/readyz" or told["status"] < 400 else "application/problem+json"
            return self.answer(kind, json.dumps(told["body"]).encode(), told["status"])
        if path == "/":
            with open(PAGE, "rb") as stream:
                return self.answer("text/html; charset=utf-8", stream.read())
        if path == "/v1/events":
            return self.events()
        if path == "/v1/calls/events":
            return self.calls()
        if path.endswith("/logs"):
            return self.answer("text/plain", b"one line\n" * 100)
        if path == "/v1/stats/history":
            now = int(time.time())
            series = [
                {"id": c["status"]["id"], "points": [
                    {"timestamp": str((now - 10 * back) * 10**9), "usageNanoCores": str((index * 7919 + back * 104729 * (index % 9 + 1)) % 250_000_000),
                     "workingSetBytes": str((20 + index * 31 % 200 + back % 5 * 3) * 1_000_000)} for back in range(20, 0, -1)]}
                for index, c in enumerate(containers) if c["status"]["state"] == "CONTAINER_RUNNING"]
            return self.answer("application/json", json.dumps({"series": series}).encode())
        if path == "/v1/stats":
            Handler.readings += 1
            turn = Handler.readings
            stats = [
                {"attributes": {"id": c["status"]["id"]},
                 "cpu": {"usageNanoCores": {"value": str((index * 7919 + turn * 104729 * (index % 9 + 1)) % 250_000_000)}},
                 "memory": {"workingSetBytes": {"value": str((20 + index * 31 % 200 + turn % 5 * 3) * 1_000_000)}}}
                for index, c in enumerate(containers) if c["status"]["state"] == "CONTAINER_RUNNING"]
            return self.answer("application/json", json.dumps({"stats": stats}).encode())
        value = {
            "/v1/pods": {"items": pods}, "/v1/containers": {"containers": containers}, "/v1/images": {"images": images},
            "/readyz": {"ready": True, "reasons": []}, "/v1/version": {"runtimeName": "rktlet"}}.get(path)
        if value is None:
            return self.answer("text/plain", b"", 404)
        return self.answer("application/json", json.dumps(value).encode())

    def do_PUT(self):
        value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/fake/token":
            self.server.token = value["token"]
        else:
            self.server.told[self.path.removeprefix("/fake")] = value
        self.answer("text/plain", b"")

    def do_DELETE(self):
        if self.path.startswith("/fake/"):
            self.server.told.pop(self.path.removeprefix("/fake"), None)
        else:
            self.server.remove_pod(self.path.removeprefix("/v1/pods/"))
        self.answer("text/plain", b"")

    def answer(self, kind, body, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def calls(self):
        """What is asked for of the calls, then one a second."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        wanted = self.path.partition("?")[2].split("&")

        def tell(data):
            slow = int(data["durationNanos"]) >= 1_000_000_000
            if ("all=true" in wanted or not data["routine"]) and ("failed=true" not in wanted or data["failed"]) and (
                    "slow=1s" not in wanted or slow):
                self.wfile.write(f"id: 1-{data['number']}\nevent: call\ndata: {json.dumps(data)}\n\n".encode())
                self.wfile.flush()
        for data in CALLS:
            tell(data)
        number = len(CALLS)
        while True:
            number += 1
            time.sleep(1)
            tell(call(number, "StopContainer", f"{number:064x}", took=12_000_000))

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        news = queue.Queue()
        self.server.listeners.append(news)
        pods, containers, _ = self.server.node
        for number, container in enumerate(containers[:40]):
            pod = next(p["status"] for p in pods if p["status"]["id"] == container["podSandboxId"])
            kind = ["CREATED", "STARTED", "STOPPED"][number % 3]
            self.wfile.write(event(kind, container["status"]["id"], pod, [container["status"]]))
        token = self.server.token
        while token == self.server.token:
            self.wfile.flush()
            if self.server.told.get("/v1/events"):
                # For good: a connection that has died does not come to life again.
                return self.rfile.read(1)
            try:
                self.wfile.write(news.get(timeout=1))
            except queue.Empty:
                self.wfile.write(b": here\n\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, count, token=""):
        super().__init__(("127.0.0.1", port), Handler)
        self.node = node(count)
        self.token, self.asked = token, []
        # What a path answers instead of what it would; and a queue of events for each who listens.
        self.told, self.listeners = {}, []

    def remove_pod(self, id):
        pods, containers, images = self.node
        gone = next(p["status"] for p in pods if p["status"]["id"] == id)
        self.node = (
            [p for p in pods if p["status"]["id"] != id], [c for c in containers if c["podSandboxId"] != id], images)
        for news in self.listeners:
            news.put(event("DELETED", id, gone, []))

    def handle_error(self, request, client_address):
        """A browser leaves when it likes."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    server = Server(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4])
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
