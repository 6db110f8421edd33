"""The layer under all images: the machine's own static busybox, with a name for each of its applets."""

import subprocess

from .layer import Layer

BUSYBOX = "/bin/busybox"
PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
GROUP = "root:x:0:\nextra:x:2000:app\nmore:x:2001:app\napp:x:1000:\nnogroup:x:65534:\n"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def binary():
    with open(BUSYBOX, "rb") as stream:
        return stream.read()


def base(accounts=True):
    layer = Layer()
    for name in ("bin", "dev", "etc", "home", "proc", "root", "run", "sys", "usr", "usr/bin", "var"):
        layer.directory(name)
    layer.directory("tmp", mode=0o1777)
    layer.directory("home/app", uid=1000, gid=1000)
    layer.file("bin/busybox", binary(), mode=0o755)
    for applet in subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            layer.symlink(f"bin/{applet}", "busybox")
    if accounts:
        layer.file("etc/passwd", PASSWD)
        layer.file("etc/group", GROUP)
    return layer.tar()
