"""The streaming server by TLS: certificates of files that change, clients that show theirs, and what is refused without."""

import contextlib
import os
import socket
import ssl
import subprocess

import pytest
import websocket
from node import BIN, eventually, run
from test_streaming import exec_url, read_all

from spdy_client import SPDYCommand, code_of_status

CONSENT = "everybody on the network may listen in"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("RKTLET_")}


class Authority:
    """A CA with a certificate for the server and one for a client; `issue` renews a pair."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.crt")
        self.issue("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        self.issue("client", "extendedKeyUsage=clientAuth")

    def openssl(self, *arguments):
        run("openssl", *arguments, cwd=self.directory)

    def issue(self, name, extensions):
        (self.directory / "extensions").write_text(extensions)
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key.new", "-out", "request")
        self.openssl("x509", "-req", "-in", "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions",
                     "-out", f"{name}.crt.new")
        # As those who renew certificates do: one file after the other, each at once.
        for kind in ("crt", "key"):
            os.replace(self.path(f"{name}.{kind}.new"), self.path(f"{name}.{kind}"))

    def path(self, name):
        return str(self.directory / name)

    def context(self, client=None):
        """What a client has that trusts this authority, and shows its own certificate."""
        context = ssl.create_default_context(cafile=self.path("ca.crt"))
        if client:
            context.load_cert_chain(client.path("client.crt"), client.path("client.key"))
        return context


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    return Authority(directory / "ours"), Authority(directory / "others")


@pytest.fixture
def serve(node):
    """serve(*arguments) has the daemon serve with them until the end of the test."""
    def begin(*arguments):
        node.stop()
        node.arguments = list(arguments)
        node.start()
    try:
        yield begin
    finally:
        node.stop()
        node.arguments = []
        node.start()


def files(authority, *more):
    return [f"--streaming-cert-file={authority.path('server.crt')}", f"--streaming-key-file={authority.path('server.key')}", *more]


@contextlib.contextmanager
def channels(url, context):
    socket_ = websocket.create_connection(
        url.replace("https://", "wss://"), subprotocols=["v5.channel.k8s.io"], timeout=60, sslopt={"context": context})
    try:
        yield socket_
    finally:
        socket_.close()


def hello(node, container, context):
    """What the command says that is run by TLS."""
    with channels(exec_url(node.client, container, "echo", "hello"), context) as session:
        return read_all(session)[1]


def place(url):
    assert url.startswith("https://127.0.0.1:"), url
    host, port = url.split("/")[2].split(":")
    return host, int(port)


def certificate(url, context):
    """The server's, as it is shown now."""
    with socket.create_connection(place(url), timeout=60) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        return connection.getpeercert(binary_form=True)


def refused(url, context):
    """Whether the server serves nothing to such a client: with TLS 1.3 a client hears of it when it reads."""
    try:
        with socket.create_connection(place(url), timeout=60) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            connection.sendall(f"GET {url.partition('127.0.0.1')[2].partition('/')[2]} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            return connection.recv(1) == b""
    except (ssl.SSLError, ConnectionResetError):
        return True


@pytest.mark.restarts_daemon
def test_sessions_over_tls(serve, node, authorities, pod, busybox):
    ours, others = authorities
    container = pod.run(busybox, "sleep", "1000")
    serve(*files(ours))
    context = ours.context()
    with channels(exec_url(node.client, container, "sh", "-c", "cat; echo err >&2; exit 7", stdin=True, stderr=True), context) as session:
        session.send_binary(b"\0hello")
        session.send_binary(b"\xff\0")
        found = read_all(session)
    assert (found[1], found[2], code_of_status(found[3])) == (b"hello", b"err\n", 7)
    with SPDYCommand(exec_url(node.client, container, "head", "-c", "5000000", "/dev/zero"), tls=context) as session:
        assert session.result() == (0, bytes(5000000), b"")
    url = exec_url(node.client, container, "true")
    # Who trusts another authority is not deceived, and who speaks no TLS is not answered.
    with pytest.raises(ssl.SSLCertVerificationError):
        certificate(url, others.context())
    with socket.create_connection(place(url), timeout=60) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP" not in plain.recv(1000)
    assert hello(node, container, context) == b"hello\n"


@pytest.mark.restarts_daemon
def test_of_tls_only_what_is_safe_is_spoken(serve, node, authorities, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    serve(*files(authorities[0]))

    def spoken(version, ciphers=None):
        context = authorities[0].context()
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
        if ciphers:
            context.set_ciphers(ciphers + ":@SECLEVEL=0")
        try:
            return hello(node, container, context) == b"hello\n"
        except (ssl.SSLError, ConnectionResetError):
            return False
    assert spoken(ssl.TLSVersion.TLSv1_3) and spoken(ssl.TLSVersion.TLSv1_2)
    for suite in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"):
        assert spoken(ssl.TLSVersion.TLSv1_2, suite), suite
    for suite in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"):
        assert not spoken(ssl.TLSVersion.TLSv1_2, suite), suite
    assert not spoken(ssl.TLSVersion.TLSv1_1, "ALL")


@pytest.mark.restarts_daemon
def test_with_a_client_ca_each_client_shows_its_certificate(serve, node, authorities, pod, busybox):
    ours, others = authorities
    container = pod.run(busybox, "sleep", "1000")
    serve(*files(ours, f"--streaming-client-ca-file={ours.path('ca.crt')}"))
    assert hello(node, container, ours.context(client=ours)) == b"hello\n"
    assert refused(exec_url(node.client, container, "true"), ours.context())
    assert refused(exec_url(node.client, container, "true"), ours.context(client=others))
    assert hello(node, container, ours.context(client=ours)) == b"hello\n"


@pytest.mark.restarts_daemon
def test_files_that_change_are_read_again(serve, node, authorities, tmp_path, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    ours = Authority(tmp_path / "changing")
    serve(*files(ours))
    context = ours.context()
    url = exec_url(node.client, container, "cat", stdin=True)
    first = certificate(url, context)
    with channels(url, context) as session:
        session.send_binary(b"\0one\n")
        out = b""
        while out != b"one\n":
            out += session.recv()[1:]
        ours.issue("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        second = certificate(url, context)
        assert second != first
        # Half of it: the one before stays, and it is told.
        (tmp_path / "changing/server.key").write_text("nothing")
        assert [certificate(url, context) for _ in range(3)] == [second] * 3
        told = [line for line in node.journal(lines=200).splitlines() if "cannot be used" in line]
        assert len(told) == 1 and ours.path("server.key") in told[0], told
        ours.issue("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth")
        assert certificate(url, context) not in (first, second)
        # A session that is open goes on.
        session.send_binary(b"\0two\n")
        while out != b"one\ntwo\n":
            out += session.recv()[1:]
        session.send_binary(b"\xff\0")
        assert code_of_status(read_all(session)[3]) == 0
    assert hello(node, container, context) == b"hello\n"


@pytest.mark.restarts_daemon
def test_beyond_loopback_there_is_tls_or_consent(serve, node, authorities, pod, busybox):
    done = subprocess.run(
        [os.path.join(BIN, "rktlet"), "serve", "--streaming-address=0.0.0.0:0"], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "is not on loopback, and there is no TLS" in done.stderr and CONSENT in done.stderr, done
    container = pod.run(busybox, "sleep", "1000")
    # The kubelet is on this machine: it is told of an address to connect to, and not of one to listen on.
    serve("--streaming-address=0.0.0.0:0", f'"--streaming-without-tls={CONSENT}"')
    assert exec_url(node.client, container, "true").startswith("http://127.0.0.1:")
    assert "sessions pass over the network without TLS" in node.journal()
    serve("--streaming-address=0.0.0.0:0", *files(authorities[0]))
    assert hello(node, container, authorities[0].context()) == b"hello\n"


@pytest.mark.restarts_daemon
def test_the_daemon_does_not_start_with_files_that_make_no_sense(node, authorities):
    ours, others = authorities
    for arguments, part in [
        ([f"--streaming-cert-file={ours.path('server.crt')}", f"--streaming-key-file={others.path('server.key')}"], "does not belong to the certificate"),
        ([f"--streaming-cert-file={ours.path('server.crt')}"], "streamingKeyFile"),
        ([f"--streaming-cert-file={ours.path('none')}", f"--streaming-key-file={ours.path('server.key')}"], "No such file or directory"),
    ]:
        node.stop()
        node.arguments = arguments
        try:
            with pytest.raises(AssertionError) as error:
                node.start()
            assert part in str(error.value), error.value
        finally:
            node.arguments = []
            node.start()
    eventually(node.at_rest, "the daemon reads the engine's events")
