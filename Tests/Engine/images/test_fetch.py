"""Fetching: names, policies, platforms, sources, and what is downloaded at all."""

import json
import os
import re
import subprocess

import pytest
from engine import HOST


def downloads(result):
    """The bytes that a fetch with --progress had to download."""
    lines = [json.loads(line)["progress"] for line in result.err.splitlines() if line.startswith("{")]
    return [line["total_bytes"] for line in lines if line["phase"] == "downloading"]


def test_an_image_and_its_record(engine, push, registry):
    source = push("configured")
    record = engine.fetch(source).json
    assert record["repo_tags"] == [f"{registry}/configured:1"] and record["name"] == f"{registry}/configured:1"
    assert re.fullmatch(re.escape(f"{registry}/configured@sha256:") + "[0-9a-f]{64}", record["repo_digests"][0])
    assert record["user"] == "app" and record["labels"] == {"org.example.name": "configured"}
    assert record["size"] > 0 and record["import_time"] > 10**18 and not record["pinned"]
    assert engine.images() == [record]
    assert engine.run("image", "fetch", source).out.splitlines()[-1] == record["id"]
    config = engine.run("image", "cat-manifest", record["id"]).json
    assert config["config"]["StopSignal"] == "SIGUSR1" and config["rootfs"]["diff_ids"] == record["layers"]


def test_new_does_not_ask_the_registry(engine, bad_registry, disk):
    source = bad_registry("honest")
    first = engine.fetch(source).json
    # What fetches is gone: only a store that is good enough can answer.
    again = engine.fetch(source, env={"GANTRY_SKOPEO": "/bin/false"}).json
    assert again["id"] == first["id"]
    assert engine.fetch(source, "--pull-policy=never", env={"GANTRY_SKOPEO": "/bin/false"}).json["id"] == first["id"]


def test_never_fetches_nothing(engine, push):
    assert engine.refused(push("busybox"), "--pull-policy=never")["code"] == "not-found"


def test_update_notices_a_moved_tag(engine, push, registry):
    old = engine.fetch(push("busybox", "moving")).json
    source = push("configured", "moving")
    assert engine.fetch(source).json["id"] == old["id"]
    new = engine.fetch(source, "--pull-policy=update").json
    assert new["id"] != old["id"]
    tags = {image["id"]: image["repo_tags"] for image in engine.images()}
    assert tags == {new["id"]: [f"{registry}/moving:1"], old["id"]: []}
    assert engine.run("image", "gc").out.strip() == f"removed {old['id']}"


def test_by_digest(engine, push, registry):
    record = engine.fetch(push("busybox")).json
    reference = record["repo_digests"][0]
    assert engine.fetch(f"docker://{reference}", "--pull-policy=never").json["id"] == record["id"]
    engine.run("image", "rm", record["id"])
    for source in (reference, reference.replace("@", ":anything@")):
        again = engine.fetch(f"docker://{source}").json
        assert again["id"] == record["id"] and again["repo_tags"] == [] and again["repo_digests"] == [reference]


def test_layers_that_are_there_are_not_downloaded(engine, push):
    base = engine.fetch(push("busybox"), "--progress")
    more = engine.fetch(push("whiteouts"), "--progress")
    assert 0 < downloads(more)[0] < downloads(base)[0] / 10
    again = engine.fetch(push("whiteouts", "other-name"), "--progress")
    # Where it takes long it is told more than once.
    assert set(downloads(again)) == {0}
    assert len(engine.images()) == 2


def test_nothing_is_asked_twice_for_what_is_whole(engine, push):
    source = push("busybox")
    engine.fetch(source)
    assert downloads(engine.fetch(source, "--pull-policy=update", "--progress")) == []


@pytest.mark.parametrize("platform", [None, "linux/arm64", "linux/arm64/v8", "linux/riscv64"])
def test_platforms_of_a_list(engine, push, platform):
    options = [f"--platform={platform}"] if platform else ["--platform=linux/amd64"]
    image = engine.fetch(push("platforms"), *options).json
    with open(os.path.join(engine.layers(image)[-1], "platform"), encoding="utf-8") as stream:
        assert stream.read().strip() == (platform or "linux/amd64").split("/")[1]


def test_a_platform_that_is_missing(engine, push, layout):
    for source in (push("platforms-without-ours"), layout("platforms-without-ours")):
        error = engine.refused(source, "--platform=linux/amd64")
        assert error["code"] == "unsupported" and "linux/arm64, linux/riscv64" in error["message"]
    error = engine.refused(push("other-platform"), "--platform=linux/amd64")
    assert error["code"] == "unsupported" and "linux/arm64" in error["message"]


def test_a_list_in_a_layout(engine, layout):
    assert engine.fetch(layout("platforms"), "--platform=linux/riscv64").json["layers"]


def test_a_docker_archive(engine, disk):
    path = os.path.join(disk, "archive.tar")
    subprocess.run([os.path.join(HOST, "make-image"), "archive", "configured", path], check=True, capture_output=True)
    image = engine.fetch(f"docker-archive:{path}").json
    assert image["repo_tags"] == ["localhost/configured:latest"] == [image["name"]]
    named = engine.fetch(f"docker-archive:{path}:localhost/configured:latest").json
    assert named["id"] == image["id"] and named["repo_tags"] == ["localhost/configured:latest"]
    assert engine.refused(f"docker-archive:{path}:localhost/nothing:1")["code"] == "not-found"


def test_a_local_image_is_looked_at_each_time(engine, disk):
    made, path = os.path.join(disk, "made.tar"), os.path.join(disk, "archive.tar")
    ids = []
    for variant in ("busybox", "configured"):
        subprocess.run([os.path.join(HOST, "make-image"), "archive", variant, made], check=True, capture_output=True)
        subprocess.run(
            ["skopeo", "--insecure-policy", "copy", f"docker-archive:{made}", f"docker-archive:{path}:localhost/some:1"],
            check=True, capture_output=True)
        ids.append(engine.fetch(f"docker-archive:{path}:localhost/some:1").json["id"])
        os.unlink(made)
        os.unlink(path)
    assert ids[0] != ids[1]


def test_new_means_the_platform_that_is_wanted(engine, push):
    source = push("platforms")
    other = engine.fetch(source, "--platform=linux/riscv64").json
    own = engine.fetch(source, "--platform=linux/amd64").json
    assert own["id"] != other["id"]
    assert engine.fetch(source, "--platform=linux/amd64", env={"GANTRY_SKOPEO": "/bin/false"}).json["id"] == own["id"]
    # Both are known by the list's digest: the machine's own comes first.
    (digest,) = own["repo_digests"]
    assert digest in other["repo_digests"]
    assert engine.run("image", "cat-manifest", digest).json["architecture"] == "amd64"


def test_a_name_of_its_own_keeps_an_image(engine, push):
    old = engine.fetch(push("busybox", "moving-on")).json
    engine.fetch(f"docker://{old['repo_digests'][0]}", env={"GANTRY_SKOPEO": "/bin/false"})
    engine.fetch(push("configured", "moving-on"), "--pull-policy=update")
    assert engine.run("image", "gc").out == "" and len(engine.images()) == 2


def test_a_name_alone_is_of_a_registry(engine, push, registry):
    record = engine.fetch(push("busybox")).json
    assert engine.fetch(f"{registry}/busybox:1").json["id"] == record["id"]


def test_output_that_cannot_be_written(engine, push):
    engine.fetch(push("busybox"))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(engine.command("image", "list"), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 254 and "standard output" in done.stderr


def test_a_removal_goes_on(engine, push):
    image = engine.fetch(push("busybox")).json
    result = engine.run("image", "rm", "--format=json", "NO NAME", image["id"], check=False)
    assert result.code == 254 and result.error["code"] == "invalid" and engine.images() == []


def test_nobody_else_comes_near(engine, push):
    os.makedirs(os.path.join(engine.directory, "images", "layers"), mode=0o755)
    engine.directory += "/"
    engine.fetch(push("busybox"))
    for name in ("", "layers", "tmp", "blobs/sha256"):
        assert os.stat(os.path.join(engine.directory, "images", name)).st_mode & 0o7777 == 0o700


def test_a_docker_schema_2_manifest(engine, registry, push):
    push("busybox")
    subprocess.run(
        ["skopeo", "--insecure-policy", "copy", "--format=v2s2", "--src-tls-verify=false", "--dest-tls-verify=false",
         f"docker://{registry}/busybox:1", f"docker://{registry}/docker-format:1"], check=True, capture_output=True)
    assert engine.fetch(f"docker://{registry}/docker-format:1").json["size"] > 0


@pytest.mark.parametrize("source", [
    "http://busybox", "docker://UPPER", "docker://", "oci:relative", "oci:/nowhere", "docker-archive:/nowhere", "docker://a/b@sha256:12"])
def test_sources_that_make_no_sense(engine, source):
    error = engine.refused(source)
    assert error["code"] in ("invalid", "not-found") and source.split("//")[-1].split(":")[-1] in error["message"]


def test_removal(engine, push, registry):
    one, two = engine.fetch(push("busybox", "one")).json, engine.fetch(push("busybox", "two")).json
    assert one["id"] == two["id"]
    assert engine.images()[0]["repo_tags"] == [f"{registry}/one:1", f"{registry}/two:1"]
    gone = engine.run("image", "rm", f"{registry}/one:1", "nobody/knows")
    assert "nobody/knows" in gone.err and engine.images() == []
    assert engine.tree() == set()


def test_an_image_in_use(engine, push):
    image = engine.fetch(push("busybox")).json
    app = os.path.join(engine.directory, "pods/run/11111111-2222-3333-4444-555555555555/apps/a")
    os.makedirs(app)
    with open(os.path.join(app, "app.json"), "w", encoding="utf-8") as stream:
        json.dump({"format": 1, "image": {"id": image["id"], "layers": engine.layers(image)}}, stream)
    engine.run("image", "rm", image["id"])
    assert engine.images() == [] and os.path.isdir(engine.layers(image)[0])
    assert "image" not in engine.run("gc").out and os.path.isdir(engine.layers(image)[0])
    os.unlink(os.path.join(app, "app.json"))
    assert f"removed image {image['id']}" in engine.run("gc", "--format=json").json["done"]
    assert engine.images() == [] and engine.tree() == set()


def test_usage(engine, push):
    engine.fetch(push("busybox"))
    usage = engine.run("image", "usage", "--format=json").json
    assert usage["images"]["used_bytes"] > 10**6 and usage["images"]["inodes_used"] > 3
    assert usage["images"]["mountpoint"] == os.path.join(engine.directory, "images")
    assert usage["containers"] == {"mountpoint": os.path.join(engine.directory, "pods"), "used_bytes": 0, "inodes_used": 0}


def test_changes_are_events(engine, push):
    engine.fetch(push("busybox"))
    position = engine.position(engine.events())
    engine.run("image", "rm", engine.images()[0]["id"])
    lines = engine.events(position)
    assert [line["type"] for line in lines] == ["images"]
    assert engine.events({**position, **lines[0]["at"]}) == []
