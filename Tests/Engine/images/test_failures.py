"""Registries that refuse, hang or lie, kills, a full disk: a clear error, and nothing is left behind."""

import concurrent.futures
import contextlib
import fcntl
import http.server
import json
import os
import signal
import subprocess
import threading
import time

import pytest
from waiting import until


@pytest.mark.parametrize("mode, code", [
    ("refuse", "unauthorized"), ("forbid", "unauthorized"), ("error", "unavailable"), ("missing", "not-found"),
    ("truncate", "unavailable"), ("lie", "invalid"), ("endless", "invalid")])
def test_a_registry_that_does_not_deliver(engine, bad_registry, mode, code):
    source = bad_registry(mode)
    error = engine.refused(source)
    assert error["code"] == code, error
    assert source.removeprefix("docker://") in error["message"]


def test_a_registry_that_puts_off(engine, bad_registry):
    """skopeo tries again for a while, which the idle timeout bounds."""
    assert engine.refused(bad_registry("throttle"), "--idle-timeout=2s")["code"] in ("unavailable", "deadline")


def test_a_manifest_of_rubbish(engine, bad_registry):
    assert engine.refused(bad_registry("garbage"))["code"] in ("invalid", "unavailable")


def test_nobody_listens(engine):
    error = engine.refused("docker://127.0.0.1:1/busybox")
    assert error["code"] == "unavailable" and "127.0.0.1:1/busybox:latest" in error["message"]


def test_a_tag_that_is_not_there(engine, push, registry):
    push("busybox")
    error = engine.refused(f"docker://{registry}/busybox:nope")
    assert error["code"] == "not-found" and f"{registry}/busybox:nope" in error["message"]


@pytest.mark.parametrize("mode", ["hang", "hang-blob"])
def test_a_registry_that_goes_silent(engine, bad_registry, mode):
    source = bad_registry(mode, "large") if mode == "hang-blob" else bad_registry(mode)
    began = time.monotonic()
    error = engine.refused(source, "--idle-timeout=1s")
    assert error["code"] == "deadline" and time.monotonic() - began < 30


@pytest.mark.parametrize("variant", ["lying-layer", "lying-config", "lying-diff-id"])
@pytest.mark.parametrize("kind", ["registry", "layout"])
def test_content_that_is_not_what_its_digest_says(engine, bad_registry, layout, variant, kind):
    source = bad_registry("honest", variant) if kind == "registry" else layout(variant)
    assert engine.refused(source)["code"] == "invalid"


@pytest.fixture
def liar(registry_class, disk):
    """A registry that answers any manifest, also one asked for by digest, with another one."""
    from engine import make_layout
    layout = make_layout("busybox", os.path.join(disk, "liar"))

    class Liar(registry_class):
        def manifest(self, reference, body):
            super().manifest("whatever", body)
    Liar.mode, Liar.layout = "honest", layout
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_manifest_that_is_not_the_one_asked_for(engine, liar):
    error = engine.refused(f"docker://{liar}/busybox@sha256:{'0' * 64}")
    assert error["code"] in ("invalid", "unavailable")


@pytest.fixture
def guarded(registry_class, disk):
    """A registry that wants user and password."""
    from engine import make_layout
    layout = make_layout("busybox", os.path.join(disk, "guarded"))
    wanted = "Basic bWU6aHVudGVyMjI="  # me:hunter22

    class Guarded(registry_class):
        def answer(self, body):
            if self.headers.get("Authorization") == wanted:
                return super().answer(body)
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.send_header("Content-Length", "0")
            self.end_headers()
    Guarded.mode, Guarded.layout = "honest", layout
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_credentials_come_from_a_file_and_go_nowhere(engine, guarded, disk):
    def auth_file(secret):
        path = os.path.join(disk, "auth.json")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump({"auths": {guarded: {"auth": secret}}}, stream)
        return f"--authfile={path}"
    assert engine.refused(f"docker://{guarded}/busybox")["code"] == "unauthorized"
    wrong = "bWU6d3JvbmctcGFzcw=="  # me:wrong-pass
    error = engine.refused(f"docker://{guarded}/busybox", auth_file(wrong))
    assert error["code"] == "unauthorized" and "wrong-pass" not in error["message"] and wrong not in error["message"]
    assert engine.fetch(f"docker://{guarded}/busybox", auth_file("bWU6aHVudGVyMjI=")).json["id"]
    assert engine.refused(f"docker://{guarded}/other", "--authfile=/nowhere/auth.json")["code"] == "not-found"


def test_two_fetches_at_once_do_the_work_once(engine, push):
    source = push("large")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: engine.fetch(source, "--progress"), range(4)))
    assert len({result.json["id"] for result in results}) == 1
    assert sum('"unpacking"' in result.err for result in results) == 1
    assert os.listdir(os.path.join(engine.directory, "images", "tmp")) == []


def test_a_registry_that_goes_silent_holds_up_no_other_with_the_same_image(engine, bad_registry):
    silent, honest = bad_registry("hang-blob"), bad_registry("honest")
    process = engine.start("image", "fetch", "--tls-verify=false", "--progress", "--idle-timeout=600s", silent)
    reach(process, "downloading")
    try:
        began = time.monotonic()
        image = engine.fetch(honest).json
        assert time.monotonic() - began < 60 and process.poll() is None
    finally:
        process.terminate()
        process.communicate()
    assert [found["id"] for found in engine.images()] == [image["id"]]


def test_different_images_with_a_common_layer_at_once(engine, push):
    sources = [push(variant) for variant in ("busybox", "whiteouts", "hardlinks", "xattrs", "modes", "configured")]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        images = [result.json for result in pool.map(engine.fetch, sources)]
    assert len({image["layers"][0] for image in images}) == 1 and len(engine.images()) == len(images)
    on_disk = len(os.listdir(os.path.join(engine.directory, "images", "layers")))
    assert on_disk == len({layer for image in images for layer in image["layers"]})


def reach(process, phase):
    """Waits until a fetch with --progress is at that phase."""
    for line in process.stderr:
        if f'"{phase}"' in line:
            return
    raise AssertionError(f"never came to {phase}")


@contextlib.contextmanager
def locked(engine):
    """Nobody changes the store meanwhile: a fetch that has begun does not come to its end."""
    engine.run("image", "gc")  # makes the lock
    with open(os.path.join(engine.directory, "images", "lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@pytest.mark.parametrize("phase", ["resolving", "downloading", "unpacking"])
def test_kill_nine(engine, push, phase):
    source = push("large")
    with locked(engine):
        process = engine.start("image", "fetch", "--tls-verify=false", "--progress", source)
        reach(process, phase)
        process.kill()
        process.wait()
    assert engine.images() == []
    # The next one sweeps what is left, and works.
    engine.fetch(push("busybox"))
    wait_for_no_children(engine)
    engine.run("image", "gc")
    assert os.listdir(os.path.join(engine.directory, "images", "tmp")) == []
    assert engine.fetch(source).json["id"] and len(engine.images()) == 2


def test_kill_nine_takes_its_children_along(engine, bad_registry):
    """Nobody is left who could wait for a registry that has gone silent."""
    process = engine.start("image", "fetch", "--tls-verify=false", "--progress", bad_registry("hang-blob", "large"))
    reach(process, "downloading")
    # It is told before skopeo is started.
    until(lambda: subprocess.run(["pgrep", "-x", "skopeo"], capture_output=True, check=False).returncode == 0,
          what="the start of skopeo")
    process.kill()
    process.wait()
    wait_for_no_children(engine)


def test_kill_nine_leaves_one_file_aside_at_most(engine, push):
    engine.fetch(push("busybox"))
    root = os.path.join(engine.directory, "images")
    for name in (".layers.json.new", ".images.json.1234"):
        with open(os.path.join(root, name), "w", encoding="utf-8"):
            pass
    engine.run("image", "gc")
    assert not [name for name in os.listdir(root) if name.startswith(".")]


def test_a_policy_that_rejects(engine, push, disk):
    os.makedirs(os.path.join(disk, ".config", "containers"))
    with open(os.path.join(disk, ".config", "containers", "policy.json"), "w", encoding="utf-8") as stream:
        json.dump({"default": [{"type": "reject"}]}, stream)
    error = engine.refused(push("busybox"), env=os.environ | {"HOME": disk})
    assert error["code"] == "signature-invalid", error


def test_a_blob_of_little_that_holds_very_much(engine, layout, small_disk):
    engine.directory = os.path.join(small_disk(100), "data")
    error = engine.refused(layout("bomb"))
    assert error["code"] == "exhausted", error


def test_a_pod_that_cannot_be_read_stops_nothing(engine, push):
    first = engine.fetch(push("busybox")).json
    run = os.path.join(engine.directory, "pods/run")
    app = os.path.join(run, "11111111-2222-3333-4444-555555555555/apps/a")
    os.makedirs(app)
    for path, text in ((os.path.join(app, "app.json"), "{"), (os.path.join(run, "stray"), "x")):
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    engine.run("image", "rm", first["id"])
    assert engine.images() == []
    second = engine.fetch(push("configured")).json
    assert "app.json" in engine.run("image", "gc").err
    assert engine.images() == [second]
    os.unlink(os.path.join(app, "app.json"))
    assert f"removed image {first['id']}" in engine.run("gc").out.splitlines()


def test_a_locked_store_hears_a_signal(engine, push):
    source = push("busybox")
    with locked(engine):
        process = engine.start("image", "fetch", "--tls-verify=false", "--progress", source)
        reach(process, "unpacking")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 254
    assert engine.images() == []


def wait_for_no_children(engine):
    """The kernel kills skopeo together with its parent. What is about to become it has its parent's words, or its path."""
    def left():
        lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if "skopeo" in line or engine.directory in line]
    until(lambda: not left(), what="the end of skopeo")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_undoes_at_once(engine, bad_registry, number):
    before = engine.tree()
    process = engine.start("image", "fetch", "--format=json", "--tls-verify=false", "--progress", bad_registry("hang-blob", "large"))
    reach(process, "downloading")
    process.send_signal(number)
    assert process.wait(timeout=30) == 254
    assert json.loads(process.stderr.read().strip().splitlines()[-1])["error"]["code"] == "unavailable"
    assert engine.tree() == before


@pytest.fixture
def small_disk(disk):
    """Mounts a file system of so many MiB; its directory."""
    mounted = []

    def mount(size):
        path = os.path.join(disk, "small")
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", path], check=True)
        mounted.append(path)
        return path
    yield mount
    for path in mounted:
        subprocess.run(["umount", path], check=True)


@pytest.mark.parametrize("size", [20, 60])
def test_a_full_disk(engine, push, small_disk, size):
    """Too small for the download, and too small for what comes out of it."""
    engine.directory = os.path.join(small_disk(size), "data")
    error = engine.refused(push("large"))
    assert error["code"] == "exhausted"
    assert engine.fetch(push("busybox")).json["id"]


def test_a_store_that_is_damaged_says_so(engine, push):
    engine.fetch(push("busybox"))
    with open(os.path.join(engine.directory, "images", "images.json"), "w", encoding="utf-8") as stream:
        stream.write("{")
    result = engine.run("image", "list", "--format=json", check=False)
    assert result.code == 254 and "images.json" in result.error["message"]
