"""Images as volumes, and options of mounts."""

import os
import subprocess

import grpc
import pytest
from cri_client import PB
from node import run
from states import code_of

IMAGE = "/image"


def image_mount(reference, **fields):
    fields.setdefault("readonly", True)
    return PB.Mount(container_path=IMAGE, image=PB.ImageSpec(image=reference), **fields)


def refused(pod, mount, image):
    return code_of(lambda: pod.create(image, "sleep", "1000", mounts=[mount]))


def test_an_image_is_a_read_only_volume_that_nothing_is_executed_from(client, pod, busybox, image):
    data = image("configured")
    # As the kubelet asks for it: by what the pull has answered.
    found = client.image(data)
    container = pod.run(busybox, "sleep", "1000", mounts=[image_mount(found.id)])
    code, out, _ = client.exec(container, "sh", "-c", f"ls {IMAGE}/bin/busybox; grep ' {IMAGE} ' /proc/self/mountinfo")
    assert code == 0 and f"{IMAGE}/bin/busybox".encode() in out
    options = out.decode().splitlines()[-1].split()[5].split(",")
    assert {"ro", "noexec", "nosuid", "nodev"} <= set(options)
    assert client.exec(container, "touch", f"{IMAGE}/x")[0] == 1
    # What the container's own shell answers for a file that cannot be executed.
    assert client.exec(container, "sh", "-c", f"{IMAGE}/bin/busybox true")[0] == 126
    [mount] = client.container(container).mounts
    assert mount.image.image_ref == found.id and mount.image.image == found.id and mount.readonly
    by_name = pod.run(busybox, "sleep", "1000", name="second", mounts=[image_mount(data, image_sub_path="bin")])
    [mount] = client.container(by_name).mounts
    assert (mount.image.image, mount.image.image_ref, mount.image_sub_path) == (data, found.id, "bin")
    assert client.exec(by_name, "ls", f"{IMAGE}/busybox")[0] == 0
    # The image stays as long as it is mounted.
    client.stop(container)
    assert client.exec(by_name, "ls", f"{IMAGE}/busybox")[0] == 0


@pytest.mark.restarts_daemon
def test_the_images_digest_is_known_to_the_next_daemon(node, client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000", mounts=[image_mount(busybox)])
    before = client.container(container).mounts[0].image
    assert before.image_ref == client.image(busybox).id
    node.kill()
    node.start()
    assert node.client.container(container).mounts[0].image == before


def test_image_volumes_that_cannot_be_had_are_refused_by_name(client, pod, busybox):
    code, details = refused(pod, image_mount(busybox, readonly=False), busybox)
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "config.mounts[0].readonly" in details
    code, details = refused(pod, image_mount("localhost/there-is-none:1"), busybox)
    assert code == grpc.StatusCode.NOT_FOUND and "ImageVolumeMountFailed" in details and IMAGE in details
    code, details = refused(pod, image_mount(busybox, image_sub_path="no/such"), busybox)
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "ImageVolumeMountFailed" in details and "no/such" in details
    code, details = refused(pod, image_mount(busybox, image_sub_path="../etc"), busybox)
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "config.mounts[0].image_sub_path" in details
    code, details = refused(pod, image_mount(busybox, host_path="/srv"), busybox)
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "config.mounts[0].host_path" in details
    assert client.containers() == []


@pytest.mark.parametrize("option, given", [
    (["noexec"], {"noexec"}), (["nosuid", "nodev", "noatime"], {"nosuid", "nodev", "noatime"}), (["relatime", "nodiratime"], {"nodiratime"})])
def test_a_mount_has_the_options_that_it_asks_for(client, pod, busybox, tmp_path, option, given):
    assert client.call("Status").features.mount_options
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\nexit 7\n")
    script.chmod(0o755)
    # What the host's mount denies stays denied.
    run("mount", "--bind", str(tmp_path), str(tmp_path))
    run("mount", "-o", "remount,bind,nodev", str(tmp_path))
    try:
        mount = PB.Mount(container_path="/data", host_path=str(tmp_path), mount_options=option)
        container = pod.run(busybox, "sleep", "1000", mounts=[mount])
        code, out, _ = client.exec(container, "sh", "-c", "grep ' /data ' /proc/self/mountinfo")
        options = set(out.decode().split()[5].split(","))
        assert code == 0 and given | {"nodev", "rw"} <= options, options
        assert client.exec(container, "sh", "-c", "touch /data/written; /data/script")[0] == (126 if "noexec" in given else 7)
        assert list(client.container(container).mounts[0].mount_options) == option
        client.remove(container)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert os.path.exists(tmp_path / "written")


@pytest.mark.parametrize("options, part", [
    (["exec"], "mount_options[0]"), (["nodev", "rw"], "mount_options[1]"), (["noexec,nodev"], "none of"), ([""], "mount_options[0]"),
    (["noatime", "relatime"], "contradict"), (["nodev", "nodev"], "twice")])
def test_other_options_are_refused_by_name(client, pod, busybox, options, part):
    code, details = refused(pod, PB.Mount(container_path="/data", host_path="/tmp", mount_options=options), busybox)
    assert code == grpc.StatusCode.INVALID_ARGUMENT and part in details and "config.mounts[0].mount_options" in details
    assert client.containers() == []
