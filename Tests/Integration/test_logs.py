"""CRI log files."""

import os
import re
import stat

import grpc
import pytest
from cri_client import PB
from node import eventually, log_lines, log_text, run
from states import exited

LINE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) (stdout|stderr) [PF] .*", re.S)


@pytest.mark.vm
def test_lines_and_file(client, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "echo a; echo; echo b >&2; printf tail")
    path = exited(client, container).log_path
    assert path == os.path.join(pod.config.log_directory, "c/0.log")
    with open(path, "rb") as stream:
        raw = stream.read()
    assert raw.endswith(b"\n") and all(LINE.fullmatch(line) for line in raw.splitlines())
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert [line[3] for line in log_lines(path) if line[1] == b"stdout"][:2] == [b"a", b""]
    assert log_text(path, b"stderr") == b"b\n"
    assert b"tail" in log_text(path, b"stdout")


def test_a_long_line_comes_in_pieces(client, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end")
    lines = log_lines(exited(client, container).log_path)
    assert [line[2] for line in lines].count(b"P") >= 6
    assert all(len(line[3]) <= 16384 for line in lines)
    assert log_text(pod.log(container), b"stdout") == b"x" * 100000 + b"\nend\n"


def test_every_line_of_a_flood_arrives_in_order(client, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
    exited(client, container, timeout=60)
    assert log_text(pod.log(container)).splitlines() == [b"line %d" % i for i in range(20000)]


def test_a_restart_appends_nothing_is_truncated(client, make_pod, busybox):
    pod = make_pod()
    path = os.path.join(pod.config.log_directory, "c", "0.log")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as stream:
        stream.write("2026-01-01T00:00:00.000000000Z stdout F before\n")
    exited(client, pod.run(busybox, "echo", "after"))
    assert log_text(path) == b"before\nafter\n"


def test_the_last_words_are_in_the_file_when_the_exit_is_known(client, pod, busybox):
    for index in range(10):
        container = pod.run(busybox, "sh", "-c", f"echo last {index}; exit 3", attempt=index)
        exited(client, container)
        assert log_text(pod.log(container)) == b"last %d\n" % index


def rotate(client, container, path, number):
    """As the kubelet does it; the file that was moved away."""
    moved = f"{path}.{number}"
    os.rename(path, moved)
    client.runtime.ReopenContainerLog(PB.ReopenContainerLogRequest(container_id=container), timeout=60)
    return moved


@pytest.mark.vm
def test_a_rotation_loses_and_doubles_nothing_under_constant_writing(client, pod, busybox):
    script = "trap 'exit 0' TERM; i=0; while :; do echo line $i; i=$((i+1)); done"
    container = pod.run(busybox, "sh", "-c", script)
    path = pod.log(container)
    eventually(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "lines in the log")
    parts = []
    for number in range(20):
        parts.append(rotate(client, container, path, number))
        eventually(lambda: os.path.getsize(path) > 0, "lines in the new file")
    client.stop(container, grace=30)
    exited(client, container)
    assert all(os.path.getsize(part) > 0 for part in parts)
    lines = [line for part in [*parts, path] for line in log_text(part).splitlines()]
    assert lines == [b"line %d" % i for i in range(len(lines))]


def test_a_log_that_cannot_be_reopened_goes_on(client, pod, busybox):
    container = pod.run(busybox, "sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); usleep 1000; done")
    path = pod.log(container)
    eventually(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "lines in the log")
    os.rename(path, f"{path}.old")
    os.mkdir(path)
    with pytest.raises(grpc.RpcError) as error:
        client.runtime.ReopenContainerLog(PB.ReopenContainerLogRequest(container_id=container), timeout=60)
    assert path in error.value.details() and os.listdir(path) == []
    size = os.path.getsize(f"{path}.old")
    eventually(lambda: os.path.getsize(f"{path}.old") > size, "the old file goes on")
    os.rmdir(path)
    client.runtime.ReopenContainerLog(PB.ReopenContainerLogRequest(container_id=container), timeout=60)
    client.stop(container, grace=0)
    exited(client, container)
    lines = [line for part in (f"{path}.old", path) for line in log_text(part).splitlines()]
    assert lines == [b"line %d" % i for i in range(len(lines))]


def test_only_a_running_containers_log_is_reopened(client, pod, busybox):
    container = pod.create(busybox, "true")

    def code():
        with pytest.raises(grpc.RpcError) as error:
            client.runtime.ReopenContainerLog(PB.ReopenContainerLogRequest(container_id=container), timeout=60)
        assert container in error.value.details()
        return error.value.code()

    assert code() == grpc.StatusCode.FAILED_PRECONDITION
    client.start(container)
    exited(client, container)
    assert code() == grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.vm
@pytest.mark.restarts_daemon
def test_lines_flow_while_the_daemon_is_dead(node, make_pod, busybox):
    pod = make_pod()
    script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); usleep 10000; done; exit 9"
    container = pod.run(busybox, "sh", "-c", script)
    eventually(lambda: os.path.exists(pod.log(container)), "the log file is there")
    node.kill()
    path = os.path.join(pod.config.log_directory, "c", "0.log")
    eventually(lambda: log_text(path).count(b"\n") == 300, "the container writes to its end without a daemon", 60)
    node.start()
    status = exited(node.client, container)
    assert (status.exit_code, status.reason) == (9, "Error")
    assert log_text(path).splitlines() == [b"line %d" % i for i in range(300)]
