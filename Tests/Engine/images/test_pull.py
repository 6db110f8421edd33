"""Pulling: what a fetch starts, what it has on disk when it is done, whose signature policy holds, and images as others push them."""

import gzip
import hashlib
import http.server
import json
import os
import re
import subprocess
import threading

import pytest
from engine import GANTRY, make_layout


# MARK: What it costs


@pytest.fixture
def counted(disk):
    """An environment in which each start of skopeo leaves a line, and a function that answers the lines."""
    program, log = os.path.join(disk, "skopeo"), os.path.join(disk, "skopeo.log")
    with open(program, "w", encoding="utf-8") as stream:
        stream.write(f'#!/bin/sh\necho "$*" >> {log}\nexec /usr/bin/skopeo "$@"\n')
    os.chmod(program, 0o755)

    def starts():
        if not os.path.exists(log):
            return []
        with open(log, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        os.unlink(log)
        return lines
    return {**os.environ, "GANTRY_SKOPEO": program}, starts


@pytest.mark.parametrize("variant", ["busybox", "platforms", "layers127"])
def test_skopeo_is_started_twice_at_most(engine, push, counted, variant):
    environment, starts = counted
    source = push(variant)
    engine.fetch(source, env=environment)
    assert len(starts()) == 2
    # A name that is known, and whose image is there: asked for what it means, and nothing else.
    engine.fetch(source, "--pull-policy=update", env=environment)
    assert len(starts()) == 1


def test_each_pull_has_its_own_place_on_the_disk(engine, push, disk):
    """What is unpacked soon after a removal is not laid where ext4 has to pass by all that was removed."""
    engine.fetch(push("busybox"))
    temporary = f"{engine.directory}/images/tmp"
    kind = subprocess.run(["stat", "--file-system", "--format=%T", temporary], capture_output=True, text=True, check=True)
    flags = subprocess.run(["lsattr", "-d", temporary], capture_output=True, text=True, check=False)
    # Where the file system knows of such a thing at all.
    expected = kind.stdout.strip() == "ext2/ext3"
    assert ("T" in flags.stdout.split(" ")[0]) == expected, (kind.stdout, flags.stdout, flags.stderr)


def traced(engine, disk, source, *options):
    """The system calls of a fetch, with descriptors as paths."""
    log = os.path.join(disk, "calls")
    calls = "execve,fsync,fdatasync,sync,syncfs,rename,renameat,renameat2"
    subprocess.run(
        ["strace", "-f", "-y", "-s", "300", "-o", log, "-e", f"trace={calls}",
         *engine.command("image", "fetch", "--tls-verify=false", *options, source)], check=True, capture_output=True)
    with open(log, encoding="utf-8") as stream:
        return stream.read().splitlines()


def test_gantry_is_started_once_and_no_file_system_is_synced(engine, push, disk):
    lines = traced(engine, disk, push("whiteouts"))
    assert sum(f'execve("{GANTRY}"' in line or 'execve("/proc/self/exe"' in line for line in lines) == 1
    assert not [line for line in lines if re.search(r"\b(syncfs|sync)\(", line)]


def test_everything_of_an_image_is_on_disk_before_it_is_known(engine, push, disk):
    """What an end of the power would show: each file and directory of each layer was written to disk, then the directories that they were
    moved into and the index's own files, and only then the image has a name."""
    lines = traced(engine, disk, push("implied"))
    images = os.path.join(engine.directory, "images")
    renames = [number for number, line in enumerate(lines) if re.search(r'rename\w*\(.*"images\.json"', line)]
    assert len(renames) == 1
    named = renames[0]
    moves = {}
    for line in lines[:named]:
        found = re.search(r'rename\w*\(\d+<([^>]+)>, "([^"]+)", \d+<([^>]+)>, "([^"]+)"', line)
        if found:
            moves[os.path.join(found[3], found[4])] = os.path.join(found[1], found[2])
    synced = set()
    for line in lines[:named]:
        found = re.search(r"f(?:data)?sync\(\d+<([^>]+)>", line)
        if found:
            synced.add(found[1])

    def was_synced(path):
        # Under the name it had then.
        for moved, before in moves.items():
            if path == moved or path.startswith(moved + "/"):
                return before + path[len(moved):] in synced or path in synced
        return path in synced
    record, = engine.images()
    wanted = [os.path.join(images, name) for name in ("layers", "blobs/sha256", "layers.json")]
    wanted += [os.path.join(images, "blobs", "sha256", name) for name in os.listdir(os.path.join(images, "blobs", "sha256"))]
    inodes = set()
    for layer in engine.layers(record):
        for at, directories, files in os.walk(layer):
            wanted.append(at)
            for name in files:
                path = os.path.join(at, name)
                status = os.lstat(path)
                # Of a file of several names one is enough.
                if os.path.isfile(path) and not os.path.islink(path) and status.st_nlink == 1 and status.st_ino not in inodes:
                    wanted.append(path)
    assert len(wanted) > 20
    assert [path for path in wanted if not was_synced(path)] == []
    assert os.path.join(images, ".images.json.new") in synced
    # And then the name itself.
    assert any(re.search(rf"fsync\(\d+<{re.escape(images)}>\)", line) for line in lines[named:])


# MARK: The signature policy


@pytest.fixture
def policy(disk):
    """policy({…}) → an environment in which this is the signature policy."""
    def write(document):
        directory = os.path.join(disk, ".config", "containers")
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "policy.json"), "w", encoding="utf-8") as stream:
            json.dump(document, stream)
        return os.environ | {"HOME": disk}
    return write


ANYTHING, REJECT = [{"type": "insecureAcceptAnything"}], [{"type": "reject"}]


@pytest.mark.parametrize("variant", ["busybox", "platforms"])
def test_a_policy_that_rejects_holds_for_what_is_there_already(engine, push, policy, variant):
    source, other = push(variant), push(variant, "another-name")
    engine.fetch(source)
    environment = policy({"default": REJECT})
    for name in (source, other):
        assert engine.refused(name, "--pull-policy=update", env=environment)["code"] == "signature-invalid"
    assert len(engine.images()) == 1


@pytest.mark.parametrize("variant", ["busybox", "platforms", "same-layer-twice", "no-layers"])
def test_a_policy_that_accepts_by_scope(engine, push, policy, registry, variant):
    environment = policy({"default": REJECT, "transports": {"docker": {f"{registry}/{variant}": ANYTHING}}})
    image = engine.fetch(push(variant), env=environment).json
    assert engine.fetch(push(variant), "--pull-policy=update", env=environment).json == image
    error = engine.refused(push("configured"), env=environment)
    assert error["code"] == "signature-invalid", error


def test_a_policy_of_local_images(engine, layout, policy, disk):
    environment = policy({"default": REJECT, "transports": {"oci": {os.path.join(disk, "busybox"): ANYTHING}}})
    assert engine.fetch(layout("busybox"), env=environment).json["id"]
    assert engine.refused(layout("configured"), env=environment)["code"] == "signature-invalid"


def test_a_policy_that_cannot_be_read_lets_nothing_through(engine, push, policy, disk):
    environment = policy({})
    error = engine.refused(push("busybox"), env=environment)
    # Of this host, not of the registry.
    assert error["code"] == "internal" and "policy.json" in error["message"], error
    with open(os.path.join(disk, ".config", "containers", "policy.json"), "w", encoding="utf-8") as stream:
        stream.write('{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}')
    error = engine.refused(push("busybox"), env=environment)
    assert error["code"] == "internal" and "Duplicate key" in error["message"], error


@pytest.fixture
def signed(disk, registry):
    """signed(source, name) → pushes an image of the registry under another name, signed; with the key's path."""
    home = os.path.join(disk, "gnupg")
    os.mkdir(home, 0o700)
    environment = os.environ | {"GNUPGHOME": home, "HOME": disk}
    subprocess.run(
        ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "test@example.org", "rsa2048", "sign", "never"],
        env=environment, check=True, capture_output=True)
    key = os.path.join(disk, "key.asc")
    subprocess.run(["gpg", "--batch", "--export", "--output", key, "test@example.org"], env=environment, check=True)
    directory = os.path.join(disk, ".config", "containers", "registries.d")
    os.makedirs(directory)
    with open(os.path.join(directory, "test.yaml"), "w", encoding="utf-8") as stream:
        store = f"file://{disk}/signatures"
        stream.write(f"default-docker:\n  lookaside: {store}\n  lookaside-staging: {store}\n")

    def sign(source, name):
        subprocess.run(
            ["skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false",
             "--sign-by", "test@example.org", source, f"docker://{registry}/{name}"], env=environment, check=True, capture_output=True)
    yield sign, key
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment, check=False)


@pytest.mark.parametrize("variant", ["busybox", "platforms"])
def test_a_policy_that_wants_a_signature(engine, push, policy, registry, signed, variant):
    sign, key = signed
    environment = policy({"default": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": key}]})
    source = push(variant)
    assert engine.refused(source, env=environment)["code"] == "signature-invalid"
    sign(source, f"signed-{variant}:1")
    image = engine.fetch(f"docker://{registry}/signed-{variant}:1", env=environment).json
    assert image["repo_tags"] == [f"{registry}/signed-{variant}:1"]
    # The signature says under which name: another tag of the same image is not what was signed.
    subprocess.run(
        ["skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false",
         source, f"docker://{registry}/signed-{variant}:2"], check=True, capture_output=True)
    error = engine.refused(f"docker://{registry}/signed-{variant}:2", env=environment)
    assert error["code"] == "signature-invalid", error


# MARK: Images that others push


def platform_of(engine, image):
    with open(os.path.join(engine.layers(image)[-1], "platform"), encoding="utf-8") as stream:
        return stream.read().strip()


@pytest.mark.parametrize("variant", ["index-of-indexes", "index-without-platforms"])
@pytest.mark.parametrize("kind", ["registry", "layout"])
def test_lists_as_others_write_them(engine, bad_registry, layout, variant, kind):
    source = bad_registry("honest", variant) if kind == "registry" else layout(variant)
    for platform in ("amd64", "arm64"):
        image = engine.fetch(source, f"--platform=linux/{platform}").json
        assert platform_of(engine, image) == platform
    again = engine.fetch(source, "--pull-policy=update", "--progress", "--platform=linux/arm64")
    assert platform_of(engine, again.json) == "arm64"
    error = engine.refused(source, "--platform=linux/riscv64")
    assert error["code"] == "unsupported" and "linux/amd64, linux/arm64" in error["message"], error


@pytest.mark.parametrize("rule", [ANYTHING, REJECT])
def test_a_list_that_skopeo_does_not_judge_is_not_the_registrys_fault(engine, bad_registry, policy, rule):
    source = bad_registry("honest", "index-of-indexes")
    environment = policy({"default": REJECT, "transports": {"docker": {"": rule}}})
    error = engine.refused(source, env=environment)
    assert error["code"] == "unsupported" and "manifest list" in error["message"], error


def test_indexes_without_end_are_refused(engine, bad_registry):
    error = engine.refused(bad_registry("honest", "index-too-deep"))
    assert error["code"] == "invalid" and "4 indexes in one another" in error["message"], error


OCI, DOCKER = "application/vnd.oci.image.", "application/vnd.docker."
MANIFESTS = {
    "oci": (OCI + "manifest.v1+json", OCI + "config.v1+json"),
    "docker": (DOCKER + "distribution.manifest.v2+json", DOCKER + "container.image.v1+json"),
}
LAYERS = {
    "oci": {"plain": OCI + "layer.v1.tar", "gzip": OCI + "layer.v1.tar+gzip", "zstd": OCI + "layer.v1.tar+zstd"},
    "docker": {"plain": DOCKER + "image.rootfs.diff.tar", "gzip": DOCKER + "image.rootfs.diff.tar.gzip",
               "zstd": DOCKER + "image.rootfs.diff.tar.zstd"},
}


@pytest.fixture
def served(registry_class, disk):
    """served(manifest's kind, layers' media type, compression) → an image of two such layers in a registry."""
    servers = []

    def serve(kind, media, compression):
        path = make_layout("whiteouts", os.path.join(disk, f"served-{len(servers)}"))
        blobs = os.path.join(path, "blobs", "sha256")

        def read(digest):
            with open(os.path.join(blobs, digest.removeprefix("sha256:")), "rb") as stream:
                return stream.read()

        def put(data, media):
            digest = hashlib.sha256(data).hexdigest()
            with open(os.path.join(blobs, digest), "wb") as stream:
                stream.write(data)
            return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)}
        with open(os.path.join(path, "index.json"), encoding="utf-8") as stream:
            index = json.load(stream)
        manifest = json.loads(read(index["manifests"][0]["digest"]))
        for layer in manifest["layers"]:
            data = gzip.decompress(read(layer["digest"]))
            if compression == "gzip":
                data = gzip.compress(data)
            elif compression == "zstd":
                data = subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout
            layer.update(put(data, media))
        manifest["mediaType"], manifest["config"]["mediaType"] = MANIFESTS[kind]
        index["manifests"][0].update(put(json.dumps(manifest).encode(), manifest["mediaType"]))
        with open(os.path.join(path, "index.json"), "w", encoding="utf-8") as stream:
            json.dump(index, stream)

        class Served(registry_class):
            mode, layout = "honest", path
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Served)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"docker://127.0.0.1:{server.server_address[1]}/others:1"
    yield serve
    for server in servers:
        server.shutdown()


@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("kind", MANIFESTS)
def test_layers_are_what_they_are_in_any_manifest(engine, served, kind, layers, compression):
    image = engine.fetch(served(kind, LAYERS[layers][compression], compression)).json
    with open(os.path.join(engine.layers(image)[-1], "back"), encoding="utf-8") as stream:
        assert stream.read() == "new\n"
    assert len(image["layers"]) == 4


@pytest.mark.parametrize("compression", ["plain", "gzip", "zstd"])
@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("kind", MANIFESTS)
def test_what_skopeo_does_not_judge_is_not_the_registrys_fault(engine, served, policy, kind, layers, compression):
    """With a policy that skopeo is asked for: it may refuse a manifest that it does not understand, and says so of the manifest."""
    environment = policy({"default": REJECT, "transports": {"docker": {"": ANYTHING}}})
    result = engine.fetch(served(kind, LAYERS[layers][compression], compression), check=False, env=environment)
    if result.code != 0:
        assert result.error["code"] in ("unsupported", "invalid"), result.error


@pytest.mark.parametrize("media", [
    "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.wasm.content.layer.v1+wasm", "text/plain"])
@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_layer_that_is_none_is_refused_by_its_media_type(engine, served, kind, media):
    error = engine.refused(served(kind, media, "gzip"))
    assert error["code"] == "unsupported" and media in error["message"], error
