"""The images by name. A variant is a function that fills a Layout and returns (manifests, whether they are a list)."""

import hashlib

from .busybox import PATH, base, binary
from .layer import Layer

VARIANTS = {}
SHELL = {"Env": [PATH], "Cmd": ["sh"]}


def variant(function):
    VARIANTS[function.__name__.replace("_", "-")] = function
    return function


def _one(layout, tars, config=None, **options):
    return [layout.image(tars, config or SHELL, **options)], False


@variant
def busybox(layout):
    """A shell, and the accounts root, app (1000, groups 2000 and 2001) and nobody."""
    return _one(layout, [base()])


@variant
def configured(layout):
    """Every key of an image configuration that a container takes over."""
    return _one(layout, [base(), Layer().directory("work", uid=1000, gid=1000).tar()], {
        "Env": [PATH, "GREETING=hello", "LINES=one\ntwo", "EMPTY="],
        "Entrypoint": ["/bin/echo", "entry"], "Cmd": ["cmd", "two words"],
        "WorkingDir": "/work", "User": "app", "StopSignal": "SIGUSR1",
        "ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"org.example.name": "configured"},
    })


@variant
def user_numeric(layout):
    """The user as numbers, one of them in no account."""
    return _one(layout, [base()], SHELL | {"User": "1000:3000"})


@variant
def user_unknown(layout):
    """A user that the image does not have."""
    return _one(layout, [base()], SHELL | {"User": "stranger"})


def _misnamed(layout, user):
    """Accounts and groups of root's ids whose names are digits and signs, and an image that is run as `user`."""
    names = ("1000", "2000", "4294967295", "4294967296", "+1", "-1")
    passwd = "root:x:0:0::/root:/bin/sh\n" + "".join(f"{name}:x:0:0::/root:/bin/sh\n" for name in (*names, "admin"))
    passwd += "wrapped:x:4294967296:0::/:/bin/sh\nnegative:x:-1:0::/:/bin/sh\napp:x:1500:1600::/:/bin/sh\n"
    group = "".join(f"{name}:x:0:\n" for name in names) + "extra:x:1700:app,1000\n"
    layer = Layer().file("etc/passwd", passwd).file("etc/group", group)
    return _one(layout, [base(), layer.tar()], SHELL | {"User": user})


for _name, _user in {
    "id": "1000", "id-group": "1000:2000", "zeros": "0001500", "root": "0", "admin": "admin", "beyond": "4294967296", "none": "4294967295",
    "plus": "+1", "wrapped": "wrapped", "group-beyond": "app:4294967296", "huge": "18446744073709551616", "name": "app", "group": ":2000",
}.items():
    VARIANTS[f"misnamed-{_name}"] = lambda layout, user=_user: _misnamed(layout, user)


@variant
def bare(layout):
    """No /etc/passwd and no /etc/group."""
    return _one(layout, [base(accounts=False)])


@variant
def workdir_missing(layout):
    """A working directory that no layer has."""
    return _one(layout, [base()], SHELL | {"WorkingDir": "/not/yet/there"})


@variant
def layers127(layout):
    """As many layers as an image may have: /layers/N is in layer N alone, /top says the last one."""
    tars = [base()]
    for number in range(1, 127):
        tars.append(Layer().directory("layers").file(f"layers/{number}", f"{number}\n").file("top", f"{number}\n").tar())
    return _one(layout, tars)


@variant
def same_layer_twice(layout):
    """Two layers of the same content."""
    again = Layer().file("again", "again\n").tar()
    return _one(layout, [base(), again, Layer().whiteout("again").tar(), again])


@variant
def no_layers(layout):
    """An empty root file system."""
    return _one(layout, [])


@variant
def uncompressed(layout):
    """Layers as plain tar."""
    return _one(layout, [base()], SHELL | {"Labels": {"org.example.name": "uncompressed"}}, compress=False)


@variant
def whiteouts(layout):
    """/gone/file, /dir/a and /tree are taken away, /opaque shows only `new`, /back is taken away and comes again."""
    lower = Layer().directory("gone").file("gone/file").directory("dir").file("dir/a").file("dir/b")
    lower.directory("opaque").file("opaque/old").directory("opaque/sub").file("opaque/sub/old")
    lower.directory("tree").directory("tree/deep").file("tree/deep/leaf").file("back", "old\n").symlink("link", "dir")
    upper = Layer().directory("gone").whiteout("gone/file").directory("dir").whiteout("dir/a").file("dir/c")
    upper.directory("opaque").opaque("opaque").file("opaque/new").whiteout("tree").whiteout("back").whiteout("link")
    return _one(layout, [base(), lower.tar(), upper.tar(), Layer().file("back", "new\n").tar()])


@variant
def whiteout_same_layer(layout):
    """A whiteout hides what is below, never what its own layer has (here: after it, and before it)."""
    lower = Layer().directory("d").file("d/after", "old\n").file("d/before", "old\n").directory("o").file("o/old")
    upper = Layer().directory("d").whiteout("d/after").file("d/after", "new\n").file("d/before", "new\n").whiteout("d/before")
    upper.directory("o").file("o/kept", "new\n").opaque("o")
    return _one(layout, [base(), lower.tar(), upper.tar()])


@variant
def replaced_types(layout):
    """A file becomes a directory, a directory a file, a link a directory."""
    lower = Layer().file("file").directory("directory").file("directory/inside").symlink("link", "directory")
    upper = Layer().directory("file").file("file/inside").file("directory", "file\n").directory("link").file("link/inside")
    return _one(layout, [base(), lower.tar(), upper.tar()])


@variant
def hardlinks(layout):
    """/one, /two and /sub/three are one file."""
    layer = Layer().file("one", "same\n").hardlink("two", "one").directory("sub").hardlink("sub/three", "one")
    return _one(layout, [base(), layer.tar()])


@variant
def xattrs(layout):
    """/bin/capable has cap_net_raw+ep, /note the attribute user.note."""
    capability = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    layer = Layer().file("bin/capable", binary(), mode=0o755, xattrs={"security.capability": capability})
    layer.file("note", xattrs={"user.note": "written"})
    return _one(layout, [base(), layer.tar()])


@variant
def modes(layout):
    """Set-user-ID, set-group-ID and sticky bits, owners, a fifo, a device, names that are not ASCII."""
    layer = Layer().file("bin/suid", binary(), mode=0o4755).file("bin/sgid", binary(), mode=0o2755, gid=2000)
    layer.directory("sticky", mode=0o1777).directory("shared", mode=0o2775, gid=2000)
    layer.file("owned", "app\n", mode=0o640, uid=1000, gid=1000).fifo("fifo").device("null", 1, 3)
    layer.file("n\u00e4me \u2603", "odd\n").file("n" * 200 + "/" + "m" * 100, "deep\n")
    return _one(layout, [base(), layer.tar()])


def _upper_of_implied():
    return Layer().file("tmp/upper").file("srv/app/upper").file("fresh/upper").whiteout("gone").file("gone/new").tar()


@variant
def implied(layout):
    """The topmost layer has files in /tmp (1777), /srv/app (0750, app's) and /gone, and says nothing about these directories."""
    lower = Layer().directory("tmp", mode=0o700).file("tmp/lower").directory("srv").directory("srv/app", mode=0o700)
    lower.directory("gone", mode=0o700).file("gone/old")
    middle = Layer().directory("tmp", mode=0o1777).directory("srv").directory("srv/app", mode=0o750, uid=1000, gid=1000)
    return _one(layout, [base(), lower.tar(), middle.tar(), _upper_of_implied()])


@variant
def implied_elsewhere(layout):
    """The topmost layer of `implied`, above a /tmp of 0700."""
    return _one(layout, [base(), Layer().directory("tmp", mode=0o700).tar(), _upper_of_implied()])


@variant
def names(layout):
    """Names that differ in their bytes only: decomposed, composed, Latin-1, no encoding at all; each file holds its own name."""
    layer = Layer().directory("names")
    for name in (b"e\xcc\x81", b"\xc3\xa9", b"\xe9", b"\xff\xfe"):
        layer.file("names/" + name.decode("utf-8", "surrogateescape"), name)
    layer.symlink("names/link", b"\xe9".decode("utf-8", "surrogateescape"))
    return _one(layout, [base(), layer.tar()])


@variant
def bomb(layout):
    """A blob of some 200 KiB with 200 MiB of zeros in it."""
    return _one(layout, [base(), Layer().file("zeros", bytes(200 << 20)).tar()])


@variant
def large(layout):
    """48 MiB that do not compress."""
    data = b"".join(hashlib.sha512(number.to_bytes(4, "big")).digest() for number in range(48 * 1024 * 16))
    return _one(layout, [base(), Layer().file("large", data).tar()])


@variant
def other_platform(layout):
    """One image, for arm64 only."""
    return _one(layout, [base()], architecture="arm64", variant="v8")


@variant
def platforms(layout):
    """A list: amd64, arm64/v8 and riscv64; /platform says which one was taken."""
    return [_for(layout, "amd64"), _for(layout, "arm64", "v8"), _for(layout, "riscv64")], True


def _attestation(layout):
    note = layout.image([Layer().file("note").tar()], {}, architecture="unknown", os_name="unknown")
    return note | {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}


@variant
def index_of_indexes(layout):
    """As builders write it: for each platform an index of its own, of the image and its attestation; /platform says which one was taken."""
    return [layout.index([_for(layout, name), _attestation(layout)]) | {"platform": {"os": "linux", "architecture": name}}
            for name in ("arm64", "amd64")], True


@variant
def index_too_deep(layout):
    """Indexes in one another, more than anybody needs."""
    entry = _for(layout, "amd64")
    for _ in range(6):
        entry = layout.index([entry])
    return [entry], True


@variant
def index_without_platforms(layout):
    """A list whose entries do not say what they are for: an attestation, arm64, amd64."""
    entries = [_attestation(layout), _for(layout, "arm64"), _for(layout, "amd64")]
    return [{key: value for key, value in entry.items() if key != "platform"} for entry in entries], True


@variant
def platforms_without_ours(layout):
    """A list: arm64/v8 and riscv64."""
    return [_for(layout, "arm64", "v8"), _for(layout, "riscv64")], True


def _for(layout, architecture, revision=None):
    tars = [base(), Layer().file("platform", f"{architecture}\n").tar()]
    return layout.image(tars, SHELL, architecture=architecture, variant=revision)
