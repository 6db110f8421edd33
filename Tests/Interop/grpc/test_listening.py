"""The socket's file, and sockets that systemd hands over."""

import os
import shutil
import socket
import stat

import pytest

from conftest import Server, eventually, server_binary


def test_the_file_is_0660_and_its_directories_are_made(start, tmp_path):
    old = os.umask(0o077)
    try:
        server = start(path=tmp_path / "a" / "b" / "s.sock")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(server.path).st_mode) == 0o660
    server.stop()


def test_directories_are_their_owners_alone(start, tmp_path):
    server = start(path=tmp_path / "a" / "b" / "s.sock")
    assert stat.S_IMODE(os.stat(tmp_path / "a").st_mode) == 0o700


def test_a_stale_socket_is_replaced(start, tmp_path):
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = start(path=path)
    assert server.activity() == (0, 0, 0)


def test_a_killed_servers_socket_is_replaced(start, tmp_path):
    path = tmp_path / "s.sock"
    first = start(path=path)
    first.process.kill()
    first.process.wait()
    assert path.exists()
    assert start(path=path).activity() == (0, 0, 0)


def refused(path):
    server = Server(path)
    line = server.wait_for_line("failed ")
    assert server.process.wait(timeout=30) == 1
    assert str(path) in line
    return line


def test_a_live_socket_is_not_replaced(start, tmp_path):
    path = tmp_path / "s.sock"
    server = start(path=path)
    assert "another process listens" in refused(path)
    # The other one's question was a connection.
    server.settle()


def test_a_file_of_another_kind_is_not_replaced(tmp_path):
    path = tmp_path / "s.sock"
    path.write_text("precious")
    assert "another kind" in refused(path)
    assert path.read_text() == "precious"


def test_a_path_that_is_too_long_is_refused_with_its_length():
    assert "this has 125" in refused("/tmp/" + "x" * 120)


def test_a_file_that_became_another_ones_is_left_alone(start, tmp_path):
    path = tmp_path / "s.sock"
    server = start(path=path)
    os.unlink(path)
    path.write_text("mine now")
    server.terminate()
    server.wait()
    assert path.read_text() == "mine now"


def pass_on(listening, path):
    """A server whose descriptor 3 the socket is, and that is told so."""
    # By a shell: this process has threads, and a child of it may do nothing but exec.
    number = listening.fileno()
    script = 'exec 3<&"$1"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --activated'
    return Server(path, command=["/bin/bash", "-c", script, server_binary(), str(number)], pass_fds=(number,))


def listens(path):
    """Whether somebody listens on the socket. Its file is there from bind(2) on, which is before."""
    with open("/proc/net/unix") as table:
        sockets = [line.split() for line in table]
    # The flag is __SO_ACCEPTCON.
    return any(fields[3] == "00010000" and fields[7:] == [str(path)] for fields in sockets)


def test_a_socket_passed_on_by_hand(tmp_path):
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(8)
        server = pass_on(listening, path)
        assert server.wait_for_line("listening ") == f"listening unix://{path}"
        assert server.activity() == (0, 0, 0)
        variables = open(f"/proc/{server.process.pid}/fdinfo/3").read()
        assert int(variables.split("flags:")[1].split()[0], 8) & os.O_CLOEXEC, "descriptor 3 would be inherited"
        server.terminate()
        server.wait()
    assert path.exists(), "the file is not this server's to remove"


def test_systemd_socket_activate(tmp_path):
    tool = shutil.which("systemd-socket-activate")
    assert tool, "install systemd: systemd-socket-activate is missing"
    path = tmp_path / "s.sock"
    server = Server(path, command=[tool, "-l", str(path), server_binary(), "--activated"])
    eventually(lambda: listens(path), "systemd-socket-activate listens")
    assert server.activity() == (0, 0, 0)
    server.wait_for_line("listening ")
    server.terminate()
    server.wait()


def test_a_passed_on_socket_that_does_not_listen_is_refused(tmp_path):
    with socket.socket(socket.AF_UNIX) as idle:
        idle.bind(str(tmp_path / "s.sock"))
        server = pass_on(idle, tmp_path / "s.sock")
        assert "socket activation" in server.wait_for_line("failed ")
        assert server.process.wait(timeout=30) == 1
