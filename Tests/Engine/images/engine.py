"""The image commands of the engine, each test with a data directory of its own. Runs as root inside a test host."""

import hashlib
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
HOST = os.path.join(ROOT, "Tests", "Host")
BUILT = os.environ.get("RKTLET_BIN", os.path.join(ROOT, ".build", "release"))
GANTRY = os.environ.get("GANTRY", os.path.join(BUILT, "gantry"))


def make_layout(variant, path):
    subprocess.run([os.path.join(HOST, "make-image"), "layout", variant, str(path)], check=True, capture_output=True)
    return path


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        """The error object of the last line of standard error."""
        return json.loads(self.err.strip().splitlines()[-1])["error"]


class Engine:
    def __init__(self, directory, run_directory):
        self.directory, self.run_directory = str(directory), str(run_directory)

    def command(self, *arguments):
        return [GANTRY, f"--dir={self.directory}", f"--run-dir={self.run_directory}", *arguments]

    def run(self, *arguments, check=True, timeout=60, **options):
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=timeout, check=False, **options)
        assert not check or done.returncode == 0, done.stderr
        return Result(done)

    def events(self, since=None):
        """What `gantry events` prints: a snapshot, or what happened after a position."""
        options = [] if since is None else ["--since=-"]
        out = self.run("events", "--follow=false", *options, input=None if since is None else json.dumps(since)).out
        return [json.loads(line) for line in out.splitlines()]

    @staticmethod
    def position(lines):
        """Behind the last of these lines."""
        position = {}
        for line in lines:
            position.update(line.get("at", {}))
        return {name: value for name, value in position.items() if value is not None}

    def start(self, *arguments):
        return subprocess.Popen(self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fetch(self, source, *options, **keywords):
        return self.run("image", "fetch", "--format=json", "--tls-verify=false", *options, source, **keywords)

    def refused(self, source, *options, **keywords):
        """A fetch that must fail, and leave nothing: its error."""
        before = self.tree()
        result = self.fetch(source, *options, check=False, **keywords)
        assert result.code == 254, (result.code, result.err)
        assert self.tree() == before
        return result.error

    def images(self):
        return self.run("image", "list", "--format=json").json

    def tree(self):
        """Everything below images/, but for what is only made once."""
        root = os.path.join(self.directory, "images")
        found = {os.path.relpath(os.path.join(at, name), root) for at, dirs, files in os.walk(root) for name in dirs + files}
        return found - {"lock", "blobs", "blobs/sha256", "layers", "tmp", "leases", "images.json", "layers.json", "usage.json"}

    def layers(self, image):
        """The directories of an image's layers, base first."""
        with open(os.path.join(self.directory, "images", "layers.json"), encoding="utf-8") as stream:
            numbers = {chain: layer["number"] for chain, layer in json.load(stream)["layers"].items()}
        return [os.path.join(self.directory, "images", "layers", str(numbers[chain])) for chain in chain_ids(image["layers"])]


def chain_ids(diff_ids):
    """What the store knows layers by (OCI image specification, "Layer ChainID")."""
    chain = []
    for diff_id in diff_ids:
        chain.append("sha256:" + hashlib.sha256(f"{chain[-1]} {diff_id}".encode()).hexdigest() if chain else diff_id)
    return chain
