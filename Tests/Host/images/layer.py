"""One layer: a tar archive as the OCI image specification describes it, the same bytes on every run."""

import gzip
import hashlib
import io
import tarfile


class Layer:
    def __init__(self):
        self._buffer = io.BytesIO()
        # A name of bytes may be given as Python has it from the file system, with surrogates.
        self._tar = tarfile.open(
            fileobj=self._buffer, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="surrogateescape")

    def directory(self, path, mode=0o755, uid=0, gid=0):
        return self._add(path, tarfile.DIRTYPE, mode, uid, gid)

    def file(self, path, data=b"", mode=0o644, uid=0, gid=0, xattrs=None):
        content = data.encode() if isinstance(data, str) else data
        return self._add(path, tarfile.REGTYPE, mode, uid, gid, content=content, xattrs=xattrs)

    def symlink(self, path, target):
        return self._add(path, tarfile.SYMTYPE, 0o777, link=target)

    def hardlink(self, path, target):
        return self._add(path, tarfile.LNKTYPE, 0o644, link=target)

    def fifo(self, path):
        return self._add(path, tarfile.FIFOTYPE, 0o644)

    def device(self, path, major, minor, mode=0o666):
        return self._add(path, tarfile.CHRTYPE, mode, device=(major, minor))

    def whiteout(self, path):
        """Takes away what a lower layer has at `path`."""
        head, _, name = path.rpartition("/")
        return self.file(f"{head}/.wh.{name}" if head else f".wh.{name}", mode=0o600)

    def opaque(self, path):
        """Takes away all that lower layers have in the directory `path`."""
        return self.file(f"{path}/.wh..wh..opq", mode=0o600)

    def tar(self):
        self._tar.close()
        return self._buffer.getvalue()

    def _add(self, path, kind, mode, uid=0, gid=0, content=b"", link="", device=(0, 0), xattrs=None):
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.uid, entry.gid = kind, mode, uid, gid
        entry.linkname, entry.size = link, len(content)
        entry.devmajor, entry.devminor = device
        entry.pax_headers = {f"SCHILY.xattr.{name}": value for name, value in (xattrs or {}).items()}
        self._tar.addfile(entry, io.BytesIO(content))
        return self


def compressed(tar):
    return gzip.compress(tar, compresslevel=1, mtime=0)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
