"""A file system in memory whose writes, or whatever else, wait while it is told to (FUSE, include/uapi/linux/fuse.h of the kernel)."""

import contextlib
import ctypes
import errno
import os
import stat
import struct
import subprocess
import threading

LOOKUP, FORGET, GETATTR, SETATTR, UNLINK, OPEN, READ, WRITE, RELEASE, FSYNC, FLUSH, INIT, CREATE, INTERRUPT, DESTROY, BATCH_FORGET = (
    1, 2, 3, 4, 10, 14, 15, 16, 18, 20, 25, 26, 35, 36, 38, 42)
SILENT = (FORGET, INTERRUPT, DESTROY, BATCH_FORGET)
DIRECT = 1  # no page cache: each write comes here


class SlowDisk:
    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.gate = threading.Event()
        self.gate.set()
        self.held = {WRITE}  # what waits
        self.files = {}  # by name: the node's number
        self.contents = {}  # by number

    def content(self, name):
        return bytes(self.contents[self.files[name]])

    def serve(self):
        while True:
            try:
                message = os.read(self.descriptor, 1 << 18)
            except OSError:
                return  # unmounted
            _, opcode, unique, node = struct.unpack_from("<IIQQ", message)
            if opcode in SILENT:
                continue
            if opcode in self.held:
                self.gate.wait()
            try:
                body, error = self.answer(opcode, node, message[40:]), 0
            except OSError as failure:
                body, error = b"", -failure.errno
            with contextlib.suppress(OSError):
                os.write(self.descriptor, struct.pack("<IiQ", 16 + len(body), error, unique) + body)

    def answer(self, opcode, node, body):
        if opcode == INIT:
            return struct.pack("<IIIIHHIIHHII6I", 7, 31, 65536, 0, 16, 12, 65536, 1, 16, 0, 0, 0, *[0] * 6)
        if opcode in (GETATTR, SETATTR):
            if opcode == SETATTR and struct.unpack_from("<I", body)[0] & 8:
                del self.contents[node][struct.unpack_from("<Q", body, 16)[0]:]
            return struct.pack("<QII", 0, 0, 0) + self.attributes(node)
        if opcode == LOOKUP:
            return self.entry(self.files.get(body.split(b"\0")[0].decode()))
        if opcode == CREATE:
            name = body[16:].split(b"\0")[0].decode()
            number = self.files.setdefault(name, len(self.files) + 2)
            self.contents.setdefault(number, bytearray())
            return self.entry(number) + struct.pack("<QII", number, DIRECT, 0)
        if opcode == UNLINK:
            del self.files[body.split(b"\0")[0].decode()]
            return b""
        if opcode == OPEN:
            return struct.pack("<QII", node, DIRECT, 0)
        if opcode == WRITE:
            _, offset, size = struct.unpack_from("<QQI", body)
            self.contents[node][offset : offset + size] = body[40 : 40 + size]
            return struct.pack("<II", size, 0)
        if opcode in (RELEASE, FLUSH, FSYNC):
            return b""
        raise OSError(errno.ENOSYS, "")

    def entry(self, number):
        if number is None:
            raise OSError(errno.ENOENT, "")
        return struct.pack("<QQQQII", number, 0, 0, 0, 0, 0) + self.attributes(number)

    def attributes(self, number):
        is_root = number == 1
        size = 0 if is_root else len(self.contents[number])
        mode = stat.S_IFDIR | 0o755 if is_root else stat.S_IFREG | 0o644
        return struct.pack("<6Q10I", number, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


@contextlib.contextmanager
def mounted(place):
    os.makedirs(place)
    descriptor = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={descriptor},rootmode=40000,user_id=0,group_id=0"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"slow", place.encode(), b"fuse", 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), "mount FUSE")
    disk = SlowDisk(descriptor)
    server = threading.Thread(target=disk.serve, daemon=True)
    server.start()
    try:
        yield disk
    finally:
        disk.gate.set()
        subprocess.run(["umount", "-l", place], check=True)
        server.join(30)
        os.close(descriptor)
