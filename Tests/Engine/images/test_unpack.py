"""What is in the layers, seen through overlayfs as a container sees it."""

import os
import stat

import pytest


def content(*path):
    with open(os.path.join(*path), encoding="utf-8") as stream:
        return stream.read()


@pytest.fixture
def show(engine, layout, mounted):
    return lambda variant: mounted(engine.fetch(layout(variant)).json)


def test_whiteouts_and_opaque_directories(show):
    root = show("whiteouts")
    assert sorted(os.listdir(f"{root}/dir")) == ["b", "c"]
    assert os.listdir(f"{root}/gone") == []
    assert os.listdir(f"{root}/opaque") == ["new"]
    assert not os.path.lexists(f"{root}/tree") and not os.path.lexists(f"{root}/link")
    assert content(root, "back") == "new\n"


def test_a_whiteout_spares_its_own_layer(show):
    root = show("whiteout-same-layer")
    assert content(root, "d/after") == "new\n" and content(root, "d/before") == "new\n"
    assert os.listdir(f"{root}/o") == ["kept"]


def test_kinds_that_change(show):
    root = show("replaced-types")
    assert os.listdir(f"{root}/file") == ["inside"] and os.listdir(f"{root}/link") == ["inside"]
    assert content(root, "directory") == "file\n"


def test_hard_links(show):
    root = show("hardlinks")
    assert len({os.stat(f"{root}/{name}").st_ino for name in ("one", "two", "sub/three")}) == 1


def test_extended_attributes(engine, layout):
    top = engine.layers(engine.fetch(layout("xattrs")).json)[-1]
    assert os.getxattr(f"{top}/bin/capable", "security.capability")[:5] == b"\x01\x00\x00\x02\x00"
    assert os.getxattr(f"{top}/note", "user.note") == b"written"


def test_modes_owners_and_special_files(show):
    root = show("modes")
    modes = {name: stat.S_IMODE(os.lstat(f"{root}/{name}").st_mode) for name in os.listdir(root) + ["bin/suid", "bin/sgid"]}
    assert (modes["bin/suid"], modes["bin/sgid"]) == (0o4755, 0o2755)
    assert (modes["sticky"], modes["shared"], modes["owned"]) == (0o1777, 0o2775, 0o640)
    assert (os.stat(f"{root}/owned").st_uid, os.stat(f"{root}/owned").st_gid) == (1000, 1000)
    assert stat.S_ISFIFO(os.lstat(f"{root}/fifo").st_mode)
    assert os.lstat(f"{root}/null").st_rdev == os.makedev(1, 3)
    assert content(root, "n\u00e4me \u2603") == "odd\n"
    assert content(root, "n" * 200, "m" * 100) == "deep\n"


def test_a_directory_that_a_layer_only_has_something_in(show):
    root = show("implied")
    assert stat.S_IMODE(os.stat(f"{root}/tmp").st_mode) == 0o1777
    assert (os.stat(f"{root}/srv/app").st_uid, stat.S_IMODE(os.stat(f"{root}/srv/app").st_mode)) == (1000, 0o750)
    assert stat.S_IMODE(os.stat(f"{root}/fresh").st_mode) == 0o755
    assert sorted(os.listdir(f"{root}/tmp")) == ["lower", "upper"]
    assert os.listdir(f"{root}/gone") == ["new"] and stat.S_IMODE(os.stat(f"{root}/gone").st_mode) == 0o755


def test_the_same_layer_on_another_base(engine, layout, mounted):
    first = mounted(engine.fetch(layout("implied")).json)
    second = mounted(engine.fetch(layout("implied-elsewhere")).json)
    assert [stat.S_IMODE(os.stat(f"{root}/tmp").st_mode) for root in (first, second)] == [0o1777, 0o700]


def test_names_are_bytes(show):
    root = os.fsencode(show("names"))
    names = [b"e\xcc\x81", b"\xc3\xa9", b"\xe9", b"\xff\xfe"]
    assert set(os.listdir(root + b"/names")) == set(names) | {b"link"}
    for name in names:
        with open(root + b"/names/" + name, "rb") as stream:
            assert stream.read() == name
    assert os.readlink(root + b"/names/link") == b"\xe9"


def test_127_layers(show):
    root = show("layers127")
    assert content(root, "top") == "126\n"
    assert sorted(map(int, os.listdir(f"{root}/layers"))) == list(range(1, 127))


def test_a_layer_twice(show):
    assert content(show("same-layer-twice"), "again") == "again\n"


@pytest.mark.parametrize("variant", ["uncompressed", "no-layers", "bare"])
def test_unusual_images(engine, layout, variant):
    assert engine.fetch(layout(variant)).json["size"] > 0


HOSTILE = ["hostile-absolute", "hostile-symlink", "hostile-symlink-below", "hostile-passwd-link"]


@pytest.mark.parametrize("variant", HOSTILE)
def test_names_and_links_to_the_outside_stay_inside(engine, layout, variant):
    image = engine.fetch(layout(variant)).json
    for layer in engine.layers(image):
        assert os.path.realpath(layer).startswith(engine.directory)


@pytest.mark.parametrize("variant", [
    "hostile-dotdot", "hostile-hardlink", "hostile-hardlink-absolute", "hostile-hardlink-symlink", "hostile-whiteout", "not-a-tar"])
def test_layers_that_are_refused(engine, layout, variant):
    error = engine.refused(layout(variant))
    assert error["code"] == "invalid" and "layer sha256:" in error["message"]
