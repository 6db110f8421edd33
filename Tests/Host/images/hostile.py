"""Images that want out of their directory, or are not what they say they are.

What the layers name outside is always called rktlet-escape: a test looks for that on the host.
"""

from .busybox import base
from .layer import Layer, digest
from .variants import SHELL, _one, variant

UP = "../" * 12


@variant
def hostile_dotdot(layout):
    """Names with .. in front and in the middle."""
    layer = Layer().file(UP + "tmp/rktlet-escape", "x").directory("a").file("a/" + UP + "tmp/rktlet-escape", "x")
    return _one(layout, [base(), layer.tar()])


@variant
def hostile_absolute(layout):
    """An absolute name: belongs below the image's own root."""
    return _one(layout, [base(), Layer().file("/tmp/rktlet-escape", "x").tar()])


@variant
def hostile_symlink(layout):
    """A link to a directory outside, and then a file through it; absolute, and relative."""
    layer = Layer().symlink("abs", "/tmp").file("abs/rktlet-escape", "x")
    layer.symlink("rel", UP + "tmp").file("rel/rktlet-escape", "x")
    return _one(layout, [base(), layer.tar()])


@variant
def hostile_symlink_below(layout):
    """The same with the link in a lower layer."""
    return _one(layout, [
        base(), Layer().symlink("abs", "/tmp").symlink("rel", UP + "tmp").tar(),
        Layer().file("abs/rktlet-escape", "x").file("rel/rktlet-escape", "x").tar()])


@variant
def hostile_hardlink(layout):
    """A hard link to a file of the host."""
    return _one(layout, [base(), Layer().hardlink("rktlet-escape", UP + "etc/shadow").tar()])


@variant
def hostile_hardlink_absolute(layout):
    """A hard link to an absolute name that the image does not have."""
    return _one(layout, [base(), Layer().hardlink("rktlet-escape", "/etc/machine-id").tar()])


@variant
def hostile_hardlink_symlink(layout):
    """A hard link through a link to the outside, then written to."""
    layer = Layer().symlink("out", "/etc").hardlink("rktlet-escape", "out/hostname").file("rktlet-escape", "x")
    return _one(layout, [base(), layer.tar()])


@variant
def hostile_whiteout(layout):
    """Whiteouts of . and .., and of a name outside."""
    layer = Layer().file(".wh..", mode=0o600).file(".wh...", mode=0o600).file(UP + "tmp/.wh.rktlet-escape", mode=0o600)
    return _one(layout, [base(), layer.tar()])


@variant
def hostile_passwd_link(layout):
    """/etc/passwd is a link to the host's."""
    layer = Layer().symlink("etc/passwd", UP + "etc/passwd").symlink("etc/group", "/etc/group")
    return _one(layout, [base(accounts=False), layer.tar()], SHELL | {"User": "daemon"})


@variant
def not_a_tar(layout):
    """A layer of rubbish under its right digest."""
    return _one(layout, [base(), b"this is no archive\n" * 100])


@variant
def lying_layer(layout):
    """A layer's bytes are not those of its digest. No honest registry takes it: use the layout."""
    manifests, as_list = _one(layout, [base(), Layer().file("x").tar()])
    layout.corrupt(layout.manifest(manifests[0])["layers"][1]["digest"])
    return manifests, as_list


@variant
def lying_config(layout):
    """The configuration's bytes are not those of its digest. Use the layout."""
    manifests, as_list = _one(layout, [base()])
    layout.corrupt(layout.manifest(manifests[0])["config"]["digest"])
    return manifests, as_list


@variant
def lying_diff_id(layout):
    """The blob is right, but unpacked it is not what the configuration says."""
    return _one(layout, [base()], diff_ids=[digest(b"another layer")])
