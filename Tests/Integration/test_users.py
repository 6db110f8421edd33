"""Who a container is: a user that is a number is an id, whatever the image's /etc/passwd calls so, and the kubelet is told what it will be."""

import grpc
import pytest
from cri_client import PB
from node import log_text
from states import code_of, exited

WHO = 'echo "$(id -u) $(id -g) $(id -G)"'


def who(client, pod, image, security=None):
    """uid, gid and groups of a container's process, and of a command in it; the status agrees."""
    container = pod.run(image, "sh", "-c", f"{WHO}; exec sleep 1000", security=security)
    uid, gid, *groups = (int(word) for word in client.exec(container, "sh", "-c", WHO)[1].split())
    told = client.container(container).user.linux
    client.stop(container)
    exited(client, container)
    said = log_text(client.container(container).log_path).decode().splitlines()[-1]
    assert said.split() == [str(number) for number in (uid, gid, *groups)]
    assert (told.uid, told.gid) == (uid, gid)
    client.remove(container)
    return uid, gid, groups


@pytest.mark.parametrize("variant, told, expected", [
    ("id", 1000, (1000, 0, [0])),
    ("id-group", 1000, (1000, 2000, [2000])),
    ("zeros", 1500, (1500, 1600, [1600, 1700])),
    ("root", 0, (0, 0, [0])),
    ("admin", "admin", (0, 0, [0])),
    ("name", "app", (1500, 1600, [1600, 1700])),
    ("plus", "+1", (0, 0, [0])),
    ("group", None, (0, 2000, [2000])),
])
def test_an_images_user_is_what_the_kubelet_is_told(client, pod, image, variant, told, expected):
    reference = image(f"misnamed-{variant}")
    shown = client.image(reference)
    assert (shown.uid.value if shown.HasField("uid") else shown.username or None) == told
    assert who(client, pod, reference) == expected


@pytest.mark.parametrize("variant, text", [
    ("beyond", "4294967296"), ("none", "4294967295"), ("huge", "18446744073709551616"), ("wrapped", "wrapped"), ("group-beyond", "4294967296"),
])
def test_an_images_user_that_is_none_is_refused_by_name(client, pod, image, variant, text):
    reference = image(f"misnamed-{variant}")
    shown = client.image(reference)
    # Never an id that it is not, and never nothing, which is root.
    assert not shown.HasField("uid") and shown.username
    code, details = code_of(lambda: pod.create(reference, "true"))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "the image's USER" in details and text in details
    # What the kubelet makes of it comes to the same.
    security = PB.LinuxContainerSecurityContext(run_as_username=shown.username)
    if variant != "group-beyond":
        code, details = code_of(lambda: pod.create(reference, "true", security=security))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and text in details
    assert not client.containers(pod_sandbox_id=pod.id)


def test_a_requests_user_of_digits_is_an_id(client, pod, image):
    reference = image("misnamed-admin")
    asked = lambda **fields: who(client, pod, reference, PB.LinuxContainerSecurityContext(**fields))
    number = lambda value: PB.Int64Value(value=value)
    assert asked(run_as_username="1000") == (1000, 0, [0])
    assert asked(run_as_username="1000:2000") == (1000, 2000, [2000])
    assert asked(run_as_user=number(1000)) == (1000, 0, [0])
    assert asked(run_as_user=number(1500)) == (1500, 1600, [1600, 1700])
    assert asked(run_as_username="1500", run_as_group=number(2000)) == (1500, 2000, [2000, 1700])
    assert asked(run_as_user=number(4294967294), run_as_group=number(4294967294)) == (4294967294, 4294967294, [4294967294])
    for wrong in [
        {"run_as_username": "4294967296"}, {"run_as_username": "app:4294967295"}, {"run_as_user": number(4294967295)},
        {"run_as_user": number(4294967296)}, {"run_as_user": number(-1)}, {"run_as_user": number(1), "run_as_group": number(4294967296)},
        {"supplemental_groups": [4294967296]}, {"run_as_username": "18446744073709551616"},
    ]:
        code, details = code_of(lambda: pod.create(reference, "true", security=PB.LinuxContainerSecurityContext(**wrong)))
        assert code == grpc.StatusCode.INVALID_ARGUMENT and "config.linux.security_context." in details, wrong
