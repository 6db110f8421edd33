"""ExecSync: whose process it is, what comes back, and when it ends."""

import time

import grpc
import pytest
from cri_client import PB
from node import eventually, run
from states import code_of, exited


def test_streams_and_codes(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    assert client.exec(container, "sh", "-c", "echo out; echo err >&2; exit 7") == (7, b"out\n", b"err\n")
    assert client.exec(container, "sh", "-c", "kill -TERM $$") == (143, b"", b"")
    assert client.exec(container, "cat") == (0, b"", b"")


def test_it_is_the_containers_own_user_environment_and_directory(client, pod, busybox):
    security = PB.LinuxContainerSecurityContext(
        run_as_user=PB.Int64Value(value=1005), run_as_group=PB.Int64Value(value=2000), supplemental_groups=[3000],
        capabilities=PB.Capability(drop_capabilities=["ALL"]), no_new_privs=True)
    container = pod.run(
        busybox, "sleep", "1000", security=security, working_dir="/tmp",
        envs=[PB.KeyValue(key="A", value=b"two\nlines")])
    code, out, err = client.exec(
        container, "sh", "-c", "id -u; id -g; id -G; pwd; echo \"$A\"; grep -E 'CapEff|NoNewPrivs' /proc/self/status")
    assert (code, err) == (0, b"")
    lines = out.decode().split("\n")
    assert lines[:6] == ["1005", "2000", "2000 3000", "/tmp", "two", "lines"]
    assert "CapEff:\t0000000000000000" in lines and "NoNewPrivs:\t1" in lines


def test_a_command_that_is_not_there(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    code, details = code_of(lambda: client.exec(container, "/no/such/thing"))
    assert "/no/such/thing" in details


def test_only_in_a_running_container(client, pod, busybox):
    created = pod.create(busybox, "sleep", "1000", name="a")
    assert code_of(lambda: client.exec(created, "true"))[0] == grpc.StatusCode.FAILED_PRECONDITION
    done = pod.run(busybox, "true", name="b")
    exited(client, done)
    assert code_of(lambda: client.exec(done, "true"))[0] == grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.vm
def test_the_timeout_ends_the_whole_tree(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    start = time.monotonic()
    script = "setsid sh -c 'sleep 4321 & sleep 4322' & sleep 4323"
    code, _ = code_of(lambda: client.exec(container, "sh", "-c", script, seconds=1))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - start < 30
    eventually(lambda: b"sleep 432" not in client.exec(container, "ps")[1], "the tree is dead")
    assert client.container(container).state == PB.CONTAINER_RUNNING


def test_a_grandchild_that_holds_the_pipe_does_not_hang_the_call(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    start = time.monotonic()
    code, out, _ = client.exec(container, "sh", "-c", "echo done; sleep 600 &", timeout=60)
    assert (code, out) == (0, b"done\n")
    assert time.monotonic() - start < 20


def test_output_is_bounded_and_the_command_goes_on(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    script = "head -c 20000000 /dev/zero; touch /tmp/went-on"
    code, out, err = client.exec(container, "sh", "-c", script)
    assert code == 0 and len(out) + len(err) <= (16 << 20) - (64 << 10)
    assert len(out) > 8 << 20
    assert client.exec(container, "ls", "/tmp/went-on")[0] == 0
