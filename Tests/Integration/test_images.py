"""Images: references, identity, pulls that go wrong, and what containers see of them."""

import base64
import concurrent.futures
import glob
import os
import re
import threading

import grpc
import pytest
from cri_client import PB
from node import eventually, log_text, run
from states import RUNNING, code_of, exited


def shown(client, pod, reference, script, **fields):
    status = exited(client, pod.run(reference, "sh", "-c", script, **fields))
    assert status.exit_code == 0, log_text(status.log_path)
    return log_text(status.log_path, b"stdout").decode()


def test_an_image_as_it_is_listed(client, busybox):
    listed = {image.id: image for image in client.call("ListImages").images}
    status = client.image(busybox)
    assert listed[status.id] == status
    assert busybox in status.repo_tags and status.size > 0
    assert any(re.fullmatch(re.escape(busybox.rsplit(":", 1)[0]) + "@sha256:[0-9a-f]{64}", d) for d in status.repo_digests)
    assert client.image(status.id) == status and client.image(status.repo_digests[0]) == status
    only = client.call("ListImages", filter=PB.ImageFilter(image=PB.ImageSpec(image=busybox))).images
    assert [image.id for image in only] == [status.id]
    streamed = [i.id for b in client.images.StreamImages(PB.StreamImagesRequest()) for i in b.images]
    assert status.id in streamed


def test_verbose_status_has_the_configuration(client, busybox):
    response = client.call("ImageStatus", image=PB.ImageSpec(image=busybox), verbose=True)
    assert response.info


def test_the_image_file_system(client, busybox):
    response = client.call("ImageFsInfo")
    images, containers = response.image_filesystems[0], response.container_filesystems[0]
    assert images.used_bytes.value > 0 and images.inodes_used.value > 0 and images.timestamp > 0
    assert os.path.isdir(images.fs_id.mountpoint) and os.path.isdir(containers.fs_id.mountpoint)


def test_two_tags_are_one_image_and_go_together(client, image):
    first, second = image("configured", "1"), image("configured", "2")
    status = client.image(first)
    assert status.id == client.image(second).id and {first, second} <= set(status.repo_tags)
    client.remove_image(first)
    assert client.image(first) is None and client.image(second) is None
    client.remove_image(first)


def test_a_user_of_the_image(client, image):
    assert client.image(image("configured")).username == "app"
    assert client.image(image("user-numeric")).uid.value == 1000


def test_pulls_of_one_image_are_one(client, image, registry):
    reference = image("large")
    client.remove_image(reference)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(client.pull, [reference] * 8))
    assert ids == {client.image(reference).id}


def test_command_and_args_against_entrypoint_and_cmd(client, pod, image):
    reference = image("configured")

    def said(attempt, *command, args=()):
        status = exited(client, pod.run(reference, *command, args=args, attempt=attempt))
        return log_text(status.log_path).decode()
    assert said(0) == "entry cmd two words\n"
    assert said(1, args=["own"]) == "entry own\n"
    assert said(2, "/bin/echo", "command") == "command\n"
    assert said(3, "/bin/echo", args=["both"]) == "both\n"
    status = client.container(client.containers()[0].id)
    assert status.user.linux.uid == 1000


def test_environment_directory_user_and_stop_signal_of_the_image(client, pod, image):
    reference = image("configured")
    text = shown(client, pod, reference, 'pwd; id -u; echo "$GREETING $OWN"; echo "$LINES"',
                 envs=[PB.KeyValue(key="OWN", value=b"mine"), PB.KeyValue(key="GREETING", value=b"changed")])
    assert text == "/work\n1000\nchanged mine\none\ntwo\n"
    script = "trap 'exit 44' USR1; echo ready; while :; do usleep 50000; done"
    container = pod.run(reference, "sh", "-c", script, attempt=1)
    eventually(lambda: b"ready" in log_text(pod.log(container)), "the container has its trap")
    client.stop(container, grace=20)
    assert client.container(container).exit_code == 44


@pytest.mark.parametrize("variant,script,expected", [
    ("layers127", "cat /top; ls /layers | wc -l", "126\n126\n"),
    ("whiteouts", "ls -d /gone/file /dir/a /tree /link 2>/dev/null; ls /opaque; cat /back; ls /dir", "new\nnew\nb\nc\n"),
    ("whiteout-same-layer", "cat /d/after /d/before; ls /o", "new\nnew\nkept\n"),
    ("replaced-types", "cat /file/inside >/dev/null && cat /directory && ls /link", "file\ninside\n"),
    ("hardlinks", "stat -c %h /one; cat /sub/three", "3\nsame\n"),
    ("same-layer-twice", "cat /again", "again\n"),
    ("modes", "stat -c %a /bin/suid /bin/sgid /sticky; stat -c %u:%g /owned", "4755\n2755\n1777\n1000:1000\n"),
    ("uncompressed", "echo fine", "fine\n"),
    ("bare", "id -u", "0\n"),
    ("workdir-missing", "pwd", "/not/yet/there\n"),
])
def test_what_a_container_sees(client, pod, image, variant, script, expected):
    assert shown(client, pod, image(variant), script) == expected


def test_containers_keep_running_when_their_image_is_removed(client, pod, image):
    reference = image("configured")
    container = pod.run(reference, "sleep", "1000")
    client.remove_image(reference)
    assert client.image(reference) is None
    assert client.container(container).state == RUNNING
    assert client.exec(container, "cat", "/etc/passwd")[0] == 0


def test_a_reference_that_is_none(client):
    code, details = code_of(lambda: client.pull("UPPER/case::x"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "UPPER/case::x" in details


def test_an_image_that_the_registry_does_not_have(client, registry):
    reference = f"{registry}/no-such-image:1"
    code, details = code_of(lambda: client.pull(reference))
    assert reference in details and code in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNKNOWN)


def test_a_registry_that_refuses_the_connection(client):
    reference = "127.0.0.1:1/nobody/listens:1"
    code, details = code_of(lambda: client.pull(reference))
    assert reference in details and code == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("mode, expected", [
    ("refuse", "PERMISSION_DENIED"), ("forbid", "PERMISSION_DENIED"), ("error", "UNAVAILABLE"), ("missing", "NOT_FOUND"),
    ("lie", "INVALID_ARGUMENT"), ("truncate", "UNAVAILABLE"), ("garbage", "INVALID_ARGUMENT")])
def test_a_registry_that_fails(client, bad_registry, mode, expected):
    reference = f"{bad_registry(mode)}/box:1"
    code, details = code_of(lambda: client.pull(reference, timeout=110))
    assert reference in details and code.name == expected, (code, details)
    assert details.startswith("RegistryUnavailable: ") == (expected == "UNAVAILABLE")
    assert client.image(reference) is None


@pytest.mark.parametrize("mode", ["hang", "hang-blob"])
def test_a_registry_that_hangs_is_left_when_the_caller_leaves(client, bad_registry, mode):
    reference = f"{bad_registry(mode)}/box:1"
    code, _ = code_of(lambda: client.pull(reference, timeout=3))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert client.image(reference) is None


def test_an_image_for_another_platform(client, registry):
    reference = f"{registry}/other-platform:1"
    run(os.path.join(os.path.dirname(__file__), "..", "Host", "make-image"), "push", "other-platform", reference)
    code, details = code_of(lambda: client.pull(reference))
    assert reference in details and "linux/amd64" in details, details
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert client.image(reference) is None


def test_the_right_platform_of_many(client, pod, image):
    assert shown(client, pod, image("platforms"), "echo ours") == "ours\n"


def test_credentials_do_not_leak(client, bad_registry):
    reference = f"{bad_registry('refuse')}/box:1"
    auth = PB.AuthConfig(username="someone", password="hunter2-very-secret")
    code, details = code_of(lambda: client.pull(reference, auth=auth))
    assert "hunter2" not in details
    assert "hunter2" not in run("journalctl", "--no-pager", "-q", "-u", "rktlet.service").stdout


def test_a_registrys_token_is_refused_by_name_and_told_nobody(node, client, registry):
    code, details = code_of(lambda: client.pull(f"{registry}/busybox:1", auth=PB.AuthConfig(registry_token="hunter2-very-secret")))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and details.startswith("auth.registry_token:"), details
    assert "hunter2" not in details and "hunter2" not in node.journal(lines=200)


@pytest.mark.parametrize("auth", [
    {"username": "someone", "password": "hunter2-very-secret"},
    {"auth": base64.b64encode(b"someone:hunter2-very-secret").decode()},
], ids=["user and password", "auth"])
def test_a_pull_with_credentials(client, bad_registry, auth):
    """What the registry gives only to those who log in; the secret is in no process's arguments meanwhile."""
    reference = f"{bad_registry('login')}/box:1"
    code, details = code_of(lambda: client.pull(reference))
    assert reference in details and "hunter2" not in details
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            for path in glob.glob("/proc/[0-9]*/cmdline"):
                try:
                    with open(path, "rb") as stream:
                        words = stream.read()
                except OSError:
                    continue
                if b"hunter2" in words or auth.get("auth", "hunter2").encode() in words:
                    seen.append(words)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        client.pull(reference, auth=PB.AuthConfig(**auth))
    finally:
        done.set()
        watcher.join()
    found = client.image(reference)
    assert found and not seen
    client.remove_image(found.id)
