"""Images that are small where they lie: what is too much is refused by name, soon, in little memory, and leaves nothing."""

import json
import os
import signal
import subprocess

import pytest
from waiting import until

# Variant, what the message says, seconds of processor time and megabytes that are at most taken. skopeo's own are among them; the
# bounds are several times what was seen on a loaded machine.
REFUSED = [
    ("bomb-directory-names", "256 directories in a name", 10, 120),
    ("bomb-behind-the-end", "16777216 bytes behind its end and in whiteouts", 10, 120),
    ("bomb-whiteout", "16777216 bytes behind its end and in whiteouts", 10, 120),
    ("bomb-attributes", "1048576 bytes in an extended header", 10, 120),
    ("bomb-headers", "bytes of extended headers", 10, 120),
    ("bomb-links", "directories and links on the ways", 20, 120),
    ("bomb-sparse", "17592186044416 bytes in one file", 10, 120),
    ("bomb-sparse-one", "17592186044416 bytes in one file", 10, 120),
    ("bomb-nested", "compressed more than once", 10, 120),
    ("bomb-volumes", "100000 values and keys", 10, 160),
    ("bomb-config", "4194304 bytes of configuration", 10, 120),
    ("bomb-objects", "100000 values and keys", 10, 160),
    ("bomb-environment", "1048576 bytes of environment variables", 10, 120),
]


def measured(engine, source):
    """The fetch's exit code and standard error; its processor time, children's too, and its peak of memory in megabytes."""
    process = subprocess.Popen(
        engine.command("image", "fetch", "--format=json", "--tls-verify=false", source),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    err = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, err, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


@pytest.mark.parametrize("variant,says,seconds,megabytes", REFUSED)
def test_too_much_is_refused(engine, layout, variant, says, seconds, megabytes):
    source = layout(variant)
    engine.images()
    before = engine.tree()
    code, err, used, peak = measured(engine, source)
    error = json.loads(err.strip().splitlines()[-1])["error"]
    assert code == 254 and error["code"] == "invalid", err
    assert source in error["message"] and says in error["message"]
    assert used < seconds and peak < megabytes, (used, peak)
    assert engine.tree() == before


def test_a_configuration_that_is_too_large_is_the_images_fault_in_a_registry_too(engine, bad_registry):
    error = engine.refused(bad_registry("honest", "bomb-config"))
    assert error["code"] == "invalid" and "4194304 bytes of configuration" in error["message"]


@pytest.mark.parametrize("variant,omitted", [
    ("bomb-annotations", ["annotations"]), ("bomb-annotations-many", ["annotations"]), ("bomb-labels", ["labels"])])
def test_annotations_beyond_the_bound_are_left_out_and_that_is_told(engine, layout, variant, omitted):
    result = engine.fetch(layout(variant))
    assert f"more {omitted[0]} than are kept" in result.err
    record, = engine.images()
    assert record == result.json and record["omitted"] == omitted and record[omitted[0]] == {}
    assert os.path.getsize(os.path.join(engine.directory, "images", "images.json")) < 4096
    engine.run("image", "rm", record["id"])
    assert engine.images() == []


def test_annotations_and_labels_as_images_have_them_are_kept(engine, layout):
    record = engine.fetch(layout("annotated")).json
    assert record["annotations"] == {"org.opencontainers.image.title": "annotated"} and record["omitted"] == []
    assert record["labels"] == {"org.example.name": "labelled"}


def test_a_hole_takes_nothing(engine, layout):
    record = engine.fetch(layout("sparse-large")).json
    top = engine.layers(record)[-1]
    assert os.stat(f"{top}/hole").st_size == 2**43
    blocks = sum(os.lstat(os.path.join(at, name)).st_blocks * 512 for path in engine.layers(record)
                 for at, directories, files in os.walk(path) for name in directories + files)
    assert blocks <= record["size"] < blocks + 100_000
    assert engine.run("image", "usage", "--format=json").json["images"]["used_bytes"] < record["size"] + 1_000_000


# Forty thousand files and directories, which are removed again.
@pytest.mark.timeout(600)
def test_a_large_image_is_taken_whole(engine, layout):
    top = engine.layers(engine.fetch(layout("real-large"), timeout=300).json)[-1]
    assert os.stat(f"{top}/first").st_nlink == 5001
    assert sum(len(files) for _, _, files in os.walk(f"{top}/usr")) == 20_000


def test_a_fetch_that_is_interrupted_ends_soon_and_leaves_nothing(engine, layout):
    source = layout("bomb-deflate")
    engine.images()
    before = engine.tree()
    fetch = engine.start("image", "fetch", source)
    scratch = os.path.join(engine.directory, "images", "tmp")

    def written():
        return max((os.stat(os.path.join(at, name)).st_size for at, _, files in os.walk(scratch) for name in files
                    if os.path.basename(at).startswith("layer-") and name == "x"), default=0)

    until(lambda: written() > 64 << 20 or fetch.poll() is not None, seconds=120, what="writing")
    fetch.send_signal(signal.SIGINT)
    _, err = fetch.communicate(timeout=30)
    assert fetch.returncode != 0 and "interrupted" in err, err
    assert engine.tree() == before
