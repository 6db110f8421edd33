"""Networks of pods."""

import json
import os
import socket
import subprocess
import sys
import urllib.request

import grpc
import pytest
from cri_client import PB, pod_config
from node import BRIDGE_ADDRESS, CNI, eventually, gantry_json, log_text, run
from states import code_of, exited


def text_of(client, pod, image, script, **fields):
    status = exited(client, pod.run(image, "sh", "-c", script, **fields))
    return log_text(status.log_path).decode()


@pytest.mark.vm
def test_pods_reach_each_other_and_the_host(client, make_pod, busybox):
    server, other = make_pod(), make_pod()
    server.run(busybox, "sh", "-c", "echo hi > /tmp/index.html; httpd -f -p 80 -h /tmp")
    address = client.pod(server.id).network.ip
    # Until the server listens; what wget says before that is not the page.
    script = f"until wget -qO- http://{address}/ 2>/dev/null; do usleep 200000; done"
    assert text_of(client, other, busybox, script) == "hi\n"


@pytest.mark.vm
def test_host_ports(client, make_pod, busybox):
    mapping = PB.PortMapping(protocol=PB.TCP, container_port=80, host_port=18080)
    pod = make_pod(port_mappings=[mapping, PB.PortMapping(protocol=PB.UDP, container_port=53, host_port=0)])
    pod.run(busybox, "sh", "-c", "echo mapped > /tmp/index.html; httpd -f -p 80 -h /tmp")

    def get():
        try:
            return urllib.request.urlopen(f"http://{BRIDGE_ADDRESS}:18080/", timeout=2).read() == b"mapped\n"
        except OSError:
            return False
    eventually(get, "the mapped port answers")


def test_hostname_hosts_and_dns(client, make_pod, busybox):
    dns = PB.DNSConfig(servers=["10.9.9.9"], searches=["svc.test"], options=["ndots:5"])
    pod = make_pod(hostname="box-1", dns_config=dns)
    text = text_of(client, pod, busybox, "hostname; cat /etc/hostname; cat /etc/resolv.conf; cat /etc/hosts")
    assert text.startswith("box-1\nbox-1\n")
    for part in ("nameserver 10.9.9.9", "search svc.test", "options ndots:5", client.pod(pod.id).network.ip, "127.0.0.1"):
        assert part in text


def test_host_network_has_the_hosts_name_and_address(client, make_pod, busybox):
    pod = make_pod(network="NODE")
    text = text_of(client, pod, busybox, "hostname; readlink /proc/self/ns/net")
    assert text.split() == [socket.gethostname(), os.readlink("/proc/self/ns/net")]
    assert client.pod(pod.id).state == PB.SANDBOX_READY


def test_containers_of_a_pod_share_network_ipc_and_shm_not_pids(client, pod, busybox):
    first = pod.run(busybox, "sh", "-c", "echo x > /dev/shm/shared; sleep 1000", name="a")
    second = pod.run(busybox, "sleep", "1000", name="b")
    namespaces = [
        [client.exec(c, "readlink", f"/proc/self/ns/{kind}")[1] for kind in ("net", "ipc", "uts", "pid")] for c in (first, second)]
    assert namespaces[0][:3] == namespaces[1][:3] and namespaces[0][3] != namespaces[1][3]
    eventually(lambda: client.exec(second, "cat", "/dev/shm/shared")[1] == b"x\n", "shm is shared")


@pytest.mark.vm
def test_a_shared_pid_namespace(client, make_pod, busybox):
    pod = make_pod(pid="POD")
    first = pod.run(busybox, "sleep", "1111", name="a", pid="POD")
    second = pod.run(busybox, "sleep", "2222", name="b", pid="POD")
    eventually(lambda: b"sleep 1111" in client.exec(second, "ps")[1], "the one sees the other's command")
    client.stop(first)
    assert client.container(second).state == PB.CONTAINER_RUNNING


def test_sysctls(client, make_pod, busybox):
    linux = PB.LinuxPodSandboxConfig(sysctls={"net.ipv4.ip_unprivileged_port_start": "80"})
    pod = make_pod(linux=linux)
    assert text_of(client, pod, busybox, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start") == "80\n"


def test_a_host_sysctl_is_refused(client, names):
    linux = PB.LinuxPodSandboxConfig(sysctls={"vm.swappiness": "1"})
    code, details = code_of(lambda: client.run_pod(pod_config(names(), linux=linux)))
    assert code == grpc.StatusCode.INVALID_ARGUMENT and "vm.swappiness" in details


def test_without_a_cni_configuration_the_status_says_so(client, names, tmp_path):
    path = os.path.join(CNI, "10-test.conflist")
    moved = str(tmp_path / "conflist")
    with open(path) as source, open(moved, "w") as target:
        text = source.read()
        target.write(text)
    os.unlink(path)
    try:
        conditions = {c.type: c for c in client.call("Status").status.conditions}
        assert not conditions["NetworkReady"].status and CNI in conditions["NetworkReady"].message
        code, details = code_of(lambda: client.run_pod(pod_config(names())))
        assert CNI in details
        assert not client.pods()
    finally:
        with open(path, "w") as target:
            target.write(text)


def test_a_failing_plugin_leaves_nothing(client, names):
    path = os.path.join(CNI, "00-broken.conflist")
    with open(path, "w") as stream:
        stream.write('{"cniVersion":"1.0.0","name":"broken","plugins":[{"type":"bridge","bridge":"rktlet-test0",'
                     '"ipam":{"type":"host-local","subnet":"10.92.0.0/24"}},{"type":"no-such-plugin"}]}')
    try:
        code, details = code_of(lambda: client.run_pod(pod_config(names())))
        assert "no-such-plugin" in details
        assert not client.pods()
    finally:
        os.unlink(path)


def test_host_ports_of_udp_and_of_one_address(client, make_pod, busybox):
    pod = make_pod(port_mappings=[
        PB.PortMapping(protocol=PB.UDP, container_port=5353, host_port=15353),
        PB.PortMapping(protocol=PB.TCP, container_port=80, host_port=18081, host_ip=BRIDGE_ADDRESS),
    ])
    container = pod.run(busybox, "sh", "-c", "echo one > /tmp/index.html; httpd -f -p 80 -h /tmp")
    record = next(app for found in gantry_json("list") for app in found["apps"] if app["name"] == container)
    # busybox has no server for UDP: the host's Python, in the pod's network.
    echo = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 5353))\nwhile True: d, a = s.recvfrom(99); s.sendto(b'got ' + d, a)"
    server = subprocess.Popen(["nsenter", "-t", str(record["pid"]), "-n", sys.executable, "-c", echo])

    def udp():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.settimeout(1)
            sender.sendto(b"hello\n", (BRIDGE_ADDRESS, 15353))
            try:
                return sender.recv(100) == b"got hello\n"
            except OSError:
                return False
    try:
        eventually(udp, "the mapped UDP port answers")
    finally:
        server.kill()
        server.wait()

    def tcp():
        try:
            return urllib.request.urlopen(f"http://{BRIDGE_ADDRESS}:18081/", timeout=2).read() == b"one\n"
        except OSError:
            return False
    eventually(tcp, "the port mapped on one address answers")


SCTP = 132
SIX = {
    "cniVersion": "1.0.0", "name": "six",
    "plugins": [
        {"type": "bridge", "bridge": "rktlet-six0", "isGateway": True, "hairpinMode": True,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.93.0.0/16"}], [{"subnet": "fd00:93::/64"}]],
                  "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def in_network_of(container, script):
    """The host's Python in the pod's network: busybox has no server for this."""
    record = next(app for found in gantry_json("list") for app in found["apps"] if app["name"] == container)
    return subprocess.Popen(["nsenter", "-t", str(record["pid"]), "-n", sys.executable, "-c", script])


def has_sctp():
    """Whether the kernel has it, or has now loaded it."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP).close()
    except OSError:
        return False
    return True


@pytest.mark.vm
def test_host_ports_of_sctp(client, make_pod, busybox):
    """The rules anywhere, and real traffic where the kernel speaks it: in the virtual machine."""
    speaks = has_sctp()
    assert speaks or os.uname().nodename != "test-vm"
    pod = make_pod(port_mappings=[PB.PortMapping(protocol=PB.SCTP, container_port=9899, host_port=19899)])
    container = pod.run(busybox, "sleep", "1000")
    address = client.pod(pod.id).network.ip

    def rules():
        return [rule for rule in run("iptables", "-t", "nat", "-S").stdout.splitlines() if "-p sctp" in rule and f"{address}:9899" in rule]
    assert any("--dport 19899" in rule and "DNAT" in rule for rule in rules())
    if speaks:
        echo = (f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, {SCTP}); s.bind(('', 9899)); s.listen()\n"
                "while True:\n c, _ = s.accept(); c.sendall(b'got ' + c.recv(99)); c.close()")
        server = in_network_of(container, echo)

        def answers():
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP) as sender:
                sender.settimeout(2)
                try:
                    sender.connect((BRIDGE_ADDRESS, 19899))
                    sender.sendall(b"hello")
                    return sender.recv(100) == b"got hello"
                except OSError:
                    return False
        try:
            eventually(answers, "the mapped SCTP port answers", timeout=60)
        finally:
            server.kill()
            server.wait()
    client.delete_pod(pod.id)
    assert rules() == []


@pytest.fixture
def dual_stack(node):
    """Pods have an address of each family."""
    path = os.path.join(CNI, "00-six.conflist")
    with open(path, "w") as stream:
        json.dump(SIX, stream)
    yield
    os.unlink(path)
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    run("ip", "link", "del", "rktlet-six0", check=False)


@pytest.mark.vm
def test_host_ports_of_ipv6(client, make_pod, busybox, dual_stack):
    address = "fd00:93::1"
    pod = make_pod(port_mappings=[
        PB.PortMapping(protocol=PB.TCP, container_port=80, host_port=18083),
        PB.PortMapping(protocol=PB.UDP, container_port=5353, host_port=15356, host_ip=address),
    ])
    container = pod.run(busybox, "sh", "-c", "mkdir -p /www; echo six > /www/index.html; httpd -f -p '[::]:80' -h /www")
    network = client.pod(pod.id).network
    addresses = [network.ip, *(each.ip for each in network.additional_ips)]
    assert len(addresses) == 2 and sum(":" in each for each in addresses) == 1, addresses
    echo = "import socket; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(('::', 5353))\nwhile True: d, a = s.recvfrom(99); s.sendto(b'got ' + d, a)"
    server = in_network_of(container, echo)

    def tcp(host):
        try:
            return urllib.request.urlopen(f"http://{host}:18083/", timeout=2).read() == b"six\n"
        except OSError:
            return False

    def udp():
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
            sender.settimeout(1)
            try:
                sender.sendto(b"hello\n", (address, 15356))
                return sender.recv(100) == b"got hello\n"
            except OSError:
                return False
    try:
        for host in (f"[{address}]", "10.93.0.1"):
            eventually(lambda: tcp(host), f"the mapped port answers at {host}", timeout=60)
        eventually(udp, "the mapped UDP port answers", timeout=60)
    finally:
        server.kill()
        server.wait()


@pytest.mark.vm
def test_a_host_network_pod_reports_no_addresses(client, make_pod):
    pod = make_pod(network="NODE")
    status = client.pod(pod.id)
    assert status.linux.namespaces.options.network == PB.NODE
    # The kubelet fills in the node's own; whatever is here would be in the pod's status.podIPs.
    assert status.network.ip == "" and list(status.network.additional_ips) == []
