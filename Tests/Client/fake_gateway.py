#!/usr/bin/env python3
"""fake_gateway.py PORT PODS: the page of the gateway with a node that is made up, for looking at it with many pods."""

import http.server
import json
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PAGE = os.path.join(ROOT, "Sources", "Transport", "Gateway", "Page", "index.html")
NAMES = ["web", "database", "queue", "ingress-controller", "metrics-agent", "batch-import-of-last-night"]
IMAGE = "registry.example.org/team/{}:1.{}"


def node(count):
    """(pods, containers, images) as the gateway would list them verbosely."""
    pods, containers = [], []
    now = time.time_ns()
    for number in range(count):
        name, id = NAMES[number % 6], f"{number:03x}" + "a" * 61
        down = number % 17 == 5
        pods.append({
            "status": {
                "id": id, "metadata": {"name": f"{name}-{number}", "uid": str(number), "namespace": ["default", "kube-system"][number % 5 == 0], "attempt": int(number % 7 == 3)},
                "state": "SANDBOX_NOTREADY" if down else "SANDBOX_READY", "createdAt": str(now - number * 97_000_000_000),
                "network": {"ip": f"10.88.{number // 250}.{number % 250 + 2}", "additionalIps": []},
                "linux": {"namespaces": {"options": {"network": "POD", "pid": "POD", "ipc": "POD"}}}, "labels": {"app": name}, "annotations": {}, "runtimeHandler": ""},
            "info": {"info": json.dumps({
                "unit": f"rktlet-pod-{id}.service", "cgroup": f"/rktlet.slice/rktlet-pods.slice/rktlet-pod-{id}.service", "pid": 1000 + number, "networkNamespace": "/run/rktlet/ns/net",
                "networkAttached": not down, "message": "its supervisor was killed (SIGKILL); stop and remove the pod" if down else ""})}})
        for place in range(1 + number % 3):
            exited = down or place == 2
            containers.append({
                "podSandboxId": id, "info": {"info": json.dumps({"pid": 0 if exited else 2000 + number, "cgroup": "/x"})},
                "status": {
                    "id": f"{place}{number:03x}" + "c" * 60, "metadata": {"name": ["main", "sidecar", "init"][place], "attempt": 4 if number % 11 == 2 else 0},
                    "state": "CONTAINER_EXITED" if exited else "CONTAINER_RUNNING", "createdAt": str(now - number * 97_000_000_000), "startedAt": str(now - number * 96_000_000_000),
                    "exitCode": 137 if down else 0, "reason": "OOMKilled" if down else "Completed" if exited else "", "image": {"image": IMAGE.format(name, number % 4)}}})
    images = [{"id": f"sha256:{i:02x}" + "b" * 62, "repoTags": [IMAGE.format(name, i)], "repoDigests": [], "size": str(30_000_000 * (i + 1))} for i, name in enumerate(NAMES)]
    return pods, containers, images


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    readings = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        pods, containers, images = self.server.node
        if path == "/":
            with open(PAGE, "rb") as stream:
                return self.answer("text/html; charset=utf-8", stream.read())
        if path == "/v1/events":
            return self.events()
        if path.endswith("/logs"):
            return self.answer("text/plain", b"one line\n" * 100)
        if path == "/v1/stats":
            Handler.readings += 1
            stats = [{"attributes": {"id": c["status"]["id"]}, "cpu": {"usageNanoCores": {"value": str((index * 7919 + Handler.readings * 104729 * (index % 9 + 1)) % 250_000_000)}},
                      "memory": {"workingSetBytes": {"value": str(20_000_000 + (index * 31 % 200) * 1_000_000 + Handler.readings % 5 * 3_000_000)}}}
                     for index, c in enumerate(containers) if c["status"]["state"] == "CONTAINER_RUNNING"]
            return self.answer("application/json", json.dumps({"stats": stats}).encode())
        value = {"/v1/pods": {"items": pods}, "/v1/containers": {"containers": containers}, "/v1/images": {"images": images}, "/readyz": {"ready": True, "reasons": []}}.get(path)
        if value is None:
            return self.answer("text/plain", b"", 404)
        return self.answer("application/json", json.dumps(value).encode())

    def answer(self, kind, body, status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        pods, containers, _ = self.server.node
        for number, container in enumerate(containers[:40]):
            pod = next(p["status"] for p in pods if p["status"]["id"] == container["podSandboxId"])
            kind = ["CREATED", "STARTED", "STOPPED"][number % 3]
            data = {"containerId": container["status"]["id"], "createdAt": str(time.time_ns()), "podSandboxStatus": pod, "containersStatuses": [container["status"]]}
            self.wfile.write(f"event: CONTAINER_{kind}_EVENT\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()
        while True:
            time.sleep(5)
            self.wfile.write(b": here\n\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A browser leaves when it likes."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
    server.node = node(int(sys.argv[2]))
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
