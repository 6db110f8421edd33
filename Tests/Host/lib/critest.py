"""The node of Tests/Host/critest: critest.py PROGRAM [ARGUMENT]..., inside a test host."""

import os
import subprocess
import sys
import tempfile

HOST = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
sys.path[:0] = [HOST, os.path.join(HOST, "..", "Integration")]

from images.busybox import PATH, base  # noqa: E402
from images.layer import Layer  # noqa: E402
from images.layout import Layout  # noqa: E402
from node import Node, run  # noqa: E402

REGISTRY = "127.0.0.1:5000"
# An image that the suite names in its code; its web server listens on another port than the usual one.
HOST_NETWORK_SERVER = "k8s-staging-cri-tools/hostnet-nginx-amd64:latest"
SERVERS = {"web:1": 80, HOST_NETWORK_SERVER: 12003}


def push_server(name, port, directory):
    """An image whose command serves a page on the port."""
    layout = Layout(f"{directory}/{port}")
    page = Layer().directory("www").file("www/index.html", b"<html>here</html>").tar()
    image = layout.image([base(), page], {"Env": [PATH], "Cmd": ["/bin/busybox", "httpd", "-f", "-p", str(port), "-h", "/www"]})
    layout.finish([image], False)
    run("skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{directory}/{port}:latest", f"docker://{REGISTRY}/{name}")


def main(program, *arguments):
    node = Node(arguments=os.environ.get("DAEMON_ARGUMENTS", "").split())
    with tempfile.TemporaryDirectory() as directory:
        run(f"{HOST}/registry", "start", REGISTRY, timeout=120)
        try:
            for name, port in SERVERS.items():
                push_server(name, port, directory)
            with open("/etc/containers/registries.conf.d/98-critest.conf", "w") as stream:
                stream.write(f'[[registry]]\nprefix = "gcr.io/k8s-staging-cri-tools"\nlocation = "{REGISTRY}/k8s-staging-cri-tools"\ninsecure = true\n')
            with open(f"{directory}/images.yaml", "w") as stream:
                stream.write(f"defaultTestContainerImage: {REGISTRY}/busybox:1\nwebServerTestImage: {REGISTRY}/web:1\n")
            node.start()
            socket = "unix:///run/rktlet/rktlet.sock"
            code = subprocess.run([
                program, f"-runtime-endpoint={socket}", f"-image-endpoint={socket}", f"-test-images-file={directory}/images.yaml", "-ginkgo.no-color",
                *arguments]).returncode
            if code != 0:
                print(node.journal(lines=200))
            return code
        finally:
            node.stop()
            run(f"{HOST}/registry", "stop", check=False)


sys.exit(main(*sys.argv[1:]))
