"""As much of an API server as kubectl needs for exec, attach, cp and port-forward: it finds the pod and hands the connection on, as a kubelet does;
and for drain: it has one node, and deletes from the runtime what is evicted, as the kubelet there would.

The client's own headers go on to the streaming server, Host and Origin among them. `frames` keeps what clients said after the upgrade: real input for the
codecs. `upgrades` has what they asked for.
"""

import json
import socket
import socketserver
import threading
import urllib.parse

RESOURCES = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
    {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "shortNames": ["po"],
     "verbs": ["get", "list"]},
    {"name": "pods/exec", "singularName": "", "namespaced": True, "kind": "PodExecOptions", "verbs": ["create", "get"]},
    {"name": "pods/attach", "singularName": "", "namespaced": True, "kind": "PodAttachOptions", "verbs": ["create", "get"]},
    {"name": "pods/portforward", "singularName": "", "namespaced": True, "kind": "PodPortForwardOptions",
     "verbs": ["create", "get"]},
    {"name": "pods/eviction", "singularName": "", "namespaced": True, "group": "policy", "version": "v1", "kind": "Eviction", "verbs": ["create"]},
    {"name": "nodes", "singularName": "node", "namespaced": False, "kind": "Node", "shortNames": ["no"], "verbs": ["get", "list", "patch"]}]}
GROUPS = [{"name": name, "versions": [{"groupVersion": f"{name}/v1", "version": "v1"}], "preferredVersion": {"groupVersion": f"{name}/v1", "version": "v1"}}
          for name in ("apps", "policy")]
DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": GROUPS},
    "/apis/apps/v1": {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "apps/v1", "resources": [
        {"name": "daemonsets", "singularName": "daemonset", "namespaced": True, "kind": "DaemonSet", "verbs": ["get", "list"]}]},
    "/apis/policy/v1": {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "policy/v1", "resources": []},
    "/api/v1": RESOURCES,
    "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
}


NODE = "worker"


class KubeAPI:
    """Serves until it is closed. `add` tells it of a pod."""

    def __init__(self, client):
        self.client, self.pods, self.frames, self.upgrades = client, {}, [], []
        self.owners, self.cordoned = {}, False
        api = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                api._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def add(self, name, pod, containers, stdin=False, tty=False, owner=None):
        """`containers`: their ids by name; the first is the pod's default. `owner`: the kind of what made it, for drain."""
        self.pods[name] = (pod, containers, stdin, tty)
        self.owners[name] = owner

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # One connection

    def _serve(self, peer):
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                piece = peer.recv(65536)
                if not piece:
                    return
                buffer += piece
            head, buffer = buffer.split(b"\r\n\r\n", 1)
            first, *fields = head.decode().split("\r\n")
            method, target, _ = first.split(" ")
            parts = urllib.parse.urlsplit(target)
            upgrade = next((field.split(": ")[1] for field in fields if field.lower().startswith("upgrade: ")), None)
            if upgrade:
                self.upgrades.append(upgrade)
                self._hand_on(peer, method, parts, fields, buffer)
                return
            length = next((int(field.split(": ")[1]) for field in fields if field.lower().startswith("content-length: ")), 0)
            while len(buffer) < length:
                buffer += peer.recv(65536)
            sent, buffer = buffer[:length], buffer[length:]
            status, answer = self._change(method, parts.path, sent) or self._answer(parts.path)
            body = json.dumps(answer).encode()
            peer.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def _change(self, method, path, sent):
        """What a drain changes; None for what is only read."""
        if method == "PATCH" and path == f"/api/v1/nodes/{NODE}":
            self.cordoned = json.loads(sent)["spec"]["unschedulable"]
            return "200 OK", self._node()
        if method == "POST" and path.endswith("/eviction"):
            name = path.split("/")[-2]
            pod = self.pods.pop(name)[0]
            self.client.delete_pod(pod)
            return "201 Created", {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        return None

    def _node(self):
        return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": NODE}, "spec": {"unschedulable": self.cordoned}}

    def _pod(self, name, namespace):
        _, containers, stdin, tty = self.pods[name]
        owners = [{"apiVersion": "apps/v1", "kind": self.owners[name], "name": "owner", "uid": "owner-1", "controller": True}] if self.owners[name] else []
        return {
            "kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "ownerReferences": owners},
            "spec": {"nodeName": NODE, "volumes": [{"name": "scratch", "emptyDir": {}}],
                     "containers": [{"name": key, "image": "busybox", "stdin": stdin, "tty": tty} for key in containers]},
            "status": {"phase": "Running", "containerStatuses": [
                {"name": key, "ready": True, "state": {"running": {}}} for key in containers]}}

    def _answer(self, path):
        if path in DISCOVERY:
            return "200 OK", DISCOVERY[path]
        name = path.rpartition("/")[2]
        if path == f"/api/v1/nodes/{NODE}":
            return "200 OK", self._node()
        if path == "/api/v1/pods":
            return "200 OK", {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [self._pod(one, "default") for one in self.pods]}
        if path.startswith("/apis/apps/v1/namespaces/") and "/daemonsets/" in path:
            return "200 OK", {"kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": {"name": name, "namespace": "default"}}
        if path.startswith("/api/v1/namespaces/") and name in self.pods:
            return "200 OK", self._pod(name, path.split("/")[4])
        return "404 Not Found", {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404, "reason": "NotFound",
                                 "message": f"{path} is not here"}

    def _url(self, parts):
        *_, name, verb = parts.path.split("/")
        pod, containers, _, _ = self.pods[name]
        query = urllib.parse.parse_qs(parts.query)

        def flag(key):
            return query.get(key, ["false"])[0] in ("1", "true")

        if verb == "portforward":
            return self.client.call("PortForward", pod_sandbox_id=pod, port=[int(port) for port in query.get("ports", [])]).url
        container = containers[query.get("container", [next(iter(containers))])[0]]
        streams = {"stdin": flag("stdin"), "stdout": flag("stdout"), "stderr": flag("stderr") and not flag("tty"), "tty": flag("tty")}
        if verb == "attach":
            return self.client.call("Attach", container_id=container, **streams).url
        return self.client.call("Exec", container_id=container, cmd=query["command"], **streams).url

    def _hand_on(self, peer, method, parts, fields, buffer):
        url = urllib.parse.urlsplit(self._url(parts))
        server = socket.create_connection((url.hostname, url.port))
        server.sendall(("\r\n".join([f"{method} {url.path} HTTP/1.1", *fields]) + "\r\n\r\n").encode() + buffer)
        said = bytearray(buffer)
        self.frames.append(said)
        other = threading.Thread(target=self._copy, args=(server, peer), daemon=True)
        other.start()
        self._copy(peer, server, said)
        other.join()
        server.close()

    @staticmethod
    def _copy(source, target, record=None):
        try:
            while piece := source.recv(1 << 18):
                if record is not None and len(record) < 65536:
                    record += piece
                target.sendall(piece)
        except OSError:
            pass
        for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass
