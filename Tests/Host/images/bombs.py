"""Images that are small where they lie and large where they are taken apart: of each quantity that an image controls, more than anybody
has use for. docs/images.md says what is taken.
"""

import gzip
import hashlib
import zlib

from .busybox import base
from .layer import Layer, digest
from .variants import SHELL, _one, variant

BLOCK = 512


class Blob:
    """A layer that is written piece by piece, and never all there: what it is compressed, and the digest of what it is not."""

    def __init__(self):
        self._deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
        self._pieces = []
        self._hash = hashlib.sha256()

    def add(self, data, times=1):
        for _ in range(times):
            self._hash.update(data)
            self._pieces.append(self._deflate.compress(data))
        return self

    def finish(self):
        """The blob and its diff id."""
        return b"".join(self._pieces) + self._deflate.flush(), "sha256:" + self._hash.hexdigest()


def octal(number, digits):
    if number < 8 ** digits:
        return b"%0*o\0" % (digits, number)
    return b"\x80" + number.to_bytes(digits, "big")


def header(name, kind=b"0", size=0, link=b"", prefix=b""):
    block = bytearray(BLOCK)
    block[0:len(name)] = name
    block[100:108], block[108:116], block[116:124] = octal(0o755, 7), octal(0, 7), octal(0, 7)
    block[124:136], block[136:148] = octal(size, 11), octal(1000000, 11)
    block[148:156], block[156:157] = b" " * 8, kind
    block[157:157 + len(link)] = link
    block[257:265] = b"ustar\x0000"
    block[345:345 + len(prefix)] = prefix
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def records(pairs):
    body = bytearray()
    for key, value in pairs:
        rest = len(key) + len(value) + 3
        length = rest + 1
        while len(str(length)) + rest != length:
            length = len(str(length)) + rest
        body += str(length).encode() + b" " + key + b"=" + value + b"\n"
    return bytes(body)


def pax(pairs):
    body = records(pairs)
    return header(b"pax", b"x", len(body)) + padded(body)


END = bytes(2 * BLOCK)


@variant
def bomb_directory_names(layout):
    """Names of a thousand components each."""
    blob = Blob()
    for number in range(400):
        blob.add(pax([(b"path", b"%03d/" % number + b"a/" * 1000)]) + header(b"x", b"5"))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_entries(layout):
    """A million and one entries: empty files."""
    blob = Blob()
    for number in range(1_000_001):
        blob.add(header(b"%d/%d" % (number // 1000, number)))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_links(layout):
    """Names that lead through forty links with two hundred steps each, by turns, so that none is the one before."""
    blob = Blob()
    step = b"a/" * 45
    for which in (b"m", b"n"):
        blob.add(header(which + b"/" + step, b"5"))
        for number in range(38):
            blob.add(header(which + b"%d" % number, b"2", link=(which + b"%d/" % (number - 1) if number else which + b"/") +
                            b"a/../" * 18))
    for number in range(120_000):
        blob.add(header((b"n37/" if number % 2 else b"m37/") + b"f%d" % number))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_behind_the_end(layout):
    """A third of a gigabyte of zeros behind the archive's end."""
    return _one(layout, [base(), Blob().add(END).add(bytes(1 << 20), times=330).finish()])


@variant
def bomb_whiteout(layout):
    """A whiteout with a third of a gigabyte in it."""
    blob = Blob().add(header(b".wh.x", size=330 << 20)).add(bytes(1 << 20), times=330)
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_attributes(layout):
    """Forty thousand extended attributes of one file, in the two ways of writing them."""
    pairs = [(b"LIBARCHIVE.xattr.user.%d" % number, b"eA") for number in range(40_000)]
    return _one(layout, [base(), Blob().add(pax(pairs) + header(b"x") + END).finish()])


@variant
def bomb_headers(layout):
    """An extended header of nearly the largest size in front of each of two hundred entries."""
    blob = Blob()
    for number in range(200):
        blob.add(pax([(b"comment", b"x" * 1_000_000)]) + header(b"f%d" % number))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_sparse(layout):
    """Files of nothing but a hole, whose lengths are more than 64 bits hold together."""
    blob = Blob()
    for number in range(5):
        blob.add(pax([(b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.size", b"%d" % (2 ** 62))]) +
                 header(b"hole%d" % number, size=1) + padded(b"x"))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_sparse_one(layout):
    """One file of 2^63 - 1 bytes."""
    blob = Blob().add(pax([(b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.size", b"%d" % (2 ** 63 - 1))]) +
                      header(b"hole", size=1) + padded(b"x"))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def sparse_large(layout):
    """A file of eight terabytes, in which there is one byte: a file system may hold it, and it takes a block."""
    blob = Blob().add(pax([(b"GNU.sparse.map", b"0,1"), (b"GNU.sparse.size", b"%d" % (2 ** 43))]) +
                      header(b"hole", size=1) + padded(b"x"))
    return _one(layout, [base(), blob.add(END).finish()])


@variant
def bomb_nested(layout):
    """A layer compressed three times over."""
    plain = gzip.compress(Layer().file("x", "x").tar(), mtime=0)
    inner = gzip.compress(plain + gzip.compress(b"", mtime=0) * (8 << 20), mtime=0)
    return _one(layout, [base(), (gzip.compress(inner, mtime=0), "sha256:" + hashlib.sha256(inner).hexdigest())])


@variant
def bomb_deflate(layout):
    """Thirty gigabytes of zeros in one file. Its diff id is another's: nobody should come to know."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = deflate.compress(header(b"x", size=30 << 30)) + deflate.flush(zlib.Z_FULL_FLUSH)
    # What follows a full flush knows nothing of what was before: it may be had as often as one likes.
    piece = deflate.compress(bytes(16 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return _one(layout, [base(), (start + piece * ((30 << 30) // (16 << 20)), digest(b""))])


@variant
def bomb_volumes(layout):
    """A hundred thousand volumes."""
    return _one(layout, [base()], SHELL | {"Volumes": {f"/v/{number}": {} for number in range(100_000)}})


@variant
def bomb_config(layout):
    """A configuration of five megabytes."""
    return _one(layout, [base()], SHELL | {"Labels": {"x": "y" * (5 << 20)}})


@variant
def bomb_objects(layout):
    """A configuration of a million empty objects."""
    return _one(layout, [base()], SHELL | {"X": [{}] * 900_000})


@variant
def bomb_environment(layout):
    """Variables of two megabytes together."""
    return _one(layout, [base()], SHELL | {"Env": [f"V{number}=" + "x" * 1000 for number in range(2000)]})


@variant
def annotated(layout):
    """Annotations and labels as images have them."""
    return _one(layout, [base()], SHELL | {"Labels": {"org.example.name": "labelled"}},
                annotations={"org.opencontainers.image.title": "annotated"})


@variant
def bomb_annotations(layout):
    """Annotations that fill the manifest."""
    return _one(layout, [base()], annotations={"x": "y" * (4_100_000)})


@variant
def bomb_annotations_many(layout):
    """Annotations that fill the manifest, each of them small."""
    return _one(layout, [base()], annotations={f"{number}": "" for number in range(45_000)})


@variant
def bomb_labels(layout):
    """Labels that fill the configuration."""
    return _one(layout, [base()], SHELL | {"Labels": {"x": "y" * (4_000_000)}})


@variant
def real_large(layout):
    """Large, and as real images are: variables of 4 KiB, long names, hard links, many files in many directories, attributes."""
    layer = Layer()
    for number in range(20_000):
        layer.file(f"usr/lib/node_modules/{'p' * 60}{number % 97}/{'q' * 80}/{number}/{'r' * 90}.js", f"{number}\n")
    layer.file("first", b"x" * 100_000, xattrs={"user.note": "yes", "security.capability": "ignored"[:0]})
    for number in range(5_000):
        layer.hardlink(f"links/{number}", "first")
    return _one(layout, [base(), layer.tar()], SHELL | {
        "Env": SHELL["Env"] + [f"LONG{number}=" + "x" * 4096 for number in range(64)],
        "Volumes": {f"/data/{number}": {} for number in range(10)},
        "ExposedPorts": {f"{port}/udp": {} for port in range(16384, 32769)},
    })
