"""The start of a pod: what is there when it is ready, and what is not when it could not be."""

import contextlib
import json
import os
import socket
import subprocess

import pytest
from conftest import left
from pods import Failed, sleeping
from waiting import until

USERS = {"uids": [{"hostID": 100000, "containerID": 0, "length": 65536}], "gids": [{"hostID": 100000, "containerID": 0, "length": 65536}]}


def inside(pod, namespace, *command):
    run = subprocess.run(["nsenter", f"--{namespace}={pod.run}/ns/{namespace}", *command], capture_output=True, text=True, check=True)
    return run.stdout


def test_a_ready_pod_has_its_network(host):
    pod = host.pod(network={"mode": "cni"})
    pod.start()
    state = pod.state
    address = state["networks"][0]["ip"]
    assert state["state"] == "running" and state["network"]["state"] == "attached"
    assert address.startswith("10.123.") and address in inside(pod, "net", "ip", "-br", "addr")
    assert "127.0.0.1" in inside(pod, "net", "ip", "-br", "addr", "show", "lo")
    assert inside(pod, "uts", "hostname").strip() == "web-0"
    with open(f"{pod.dir}/hosts") as file:
        assert f"{address}\tweb-0\n" in file.read()
    assert os.listdir("/var/lib/cni/networks/gantry-test")
    pod.stop()
    assert pod.state["state"] == "exited" and pod.state["network"]["state"] == "detached"
    assert left(pod) == []


def test_the_supervisor_is_in_a_cgroup_of_its_own_and_holds_the_lock(pod):
    with open(f"/proc/{pod.state['pid']}/cgroup") as file:
        lines = [line.strip().split(":", 2) for line in file]
    unit = pod.state["cgroup"]
    assert unit.endswith(pod.unit)
    systemd = [path for _, key, path in lines if key in ("name=systemd", "")]
    assert systemd and all(path == f"{unit}/supervisor" for path in systemd)
    assert subprocess.run(["flock", "-n", f"{pod.dir}/pod", "true"]).returncode != 0


def test_a_second_supervisor_is_refused(pod):
    second = subprocess.run(pod.command(), capture_output=True, text=True)
    assert second.returncode == 1 and "living supervisor" in second.stderr
    assert pod.call("ping")["ok"]


def test_a_pod_runs_once(host):
    pod = host.pod()
    pod.start()
    pod.stop()
    assert subprocess.run(pod.command(), capture_output=True).returncode == 1
    assert pod.read("error.json")["code"] == "precondition"


def test_a_pod_in_the_hosts_network_has_its_name_and_no_addresses_of_its_own(host):
    pod = host.pod(network={"mode": "host"})
    pod.start()
    assert not os.path.exists(f"{pod.run}/ns/net") and not os.path.exists(f"{pod.run}/ns/uts")
    assert pod.state["networks"] == [{"netName": "host", "ifName": "", "ips": [], "mask": ""}]
    with open(f"{pod.dir}/hostname") as file:
        assert file.read().strip() == socket.gethostname()
    pod.run_app("a", "/bin/sleep", "100")
    assert pod.execute("a", "hostname")[1].strip() == socket.gethostname()
    assert os.readlink(f"/proc/{pod.record('a')['pid']}/ns/net") == os.readlink("/proc/self/ns/net")
    pod.stop()
    assert left(pod) == []


def test_sysctls_are_the_pods_alone(host):
    key = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
    before = open(key).read()
    pod = host.pod(sysctls={"net.ipv4.ip_unprivileged_port_start": "7"})
    pod.start()
    assert inside(pod, "net", "cat", key).strip() == "7"
    assert open(key).read() == before
    pod.stop()


@pytest.mark.parametrize("key", ["kernel.panic", "vm.swappiness", "fs.file-max", "net/../kernel/panic", "net.ipv4.no_such_key"])
def test_a_sysctl_that_is_not_the_pods_is_refused_by_name(host, key):
    pod = host.pod(sysctls={key: "1"})
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    error = pod.read("error.json")
    assert error["code"] == "invalid" and key.replace(".", "/").split("/")[-1] in error["message"]
    assert left(pod) == []


def test_network_sysctls_with_the_hosts_network_are_refused(host):
    pod = host.pod(network={"mode": "host"}, sysctls={"net.ipv4.ip_forward": "1"})
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert "the host's network" in pod.read("error.json")["message"]


def test_resolv_conf_is_what_the_pod_asks_for(host):
    pod = host.pod(dns={"servers": ["10.0.0.10"], "searches": ["a.local", "b.local"], "options": ["ndots:5"]}, hosts=[{"ip": "10.1.2.3", "names": ["x", "y"]}])
    pod.start()
    assert open(f"{pod.dir}/resolv.conf").read() == "search a.local b.local\nnameserver 10.0.0.10\noptions ndots:5\n"
    assert "10.1.2.3\tx\ty\n" in open(f"{pod.dir}/hosts").read()
    pod.stop()


def test_shared_memory_is_one_per_pod_and_sixty_four_mebibytes(pod):
    pod.run_app("a", "/bin/sleep", "100")
    pod.run_app("b", "/bin/sleep", "100")
    assert pod.execute("a", "touch", "/dev/shm/x")[0] == 0
    assert pod.execute("b", "ls", "/dev/shm")[1] == "x\n"
    info = os.statvfs(f"{pod.run}/shm")
    assert info.f_blocks * info.f_frsize == 64 << 20


def test_a_pid_namespace_for_all_apps_outlives_any_of_them(host):
    pod = host.pod(namespaces={"pid": "pod"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "100")
    pod.run_app("b", "/bin/sh", "-c", "(sleep 200 &) ; sleep 100")
    pod.wait_sleep("b", 200)
    listed = pod.processes("a")
    assert "sleep 200" in listed and any("pod-init" in line for line in listed)
    pod.call("app-stop", name="a", timeout_ms=0)
    assert "sleep 200" in pod.processes("b")
    pod.call("app-stop", name="b", timeout_ms=0)
    # It was sent its signal before the exit was recorded; it takes a moment to die.
    until(lambda: not sleeping("200"))
    pod.stop()
    assert left(pod) == []


def test_the_end_of_the_pod_init_ends_the_pod(host):
    pod = host.pod(namespaces={"pid": "pod"})
    pod.start()
    pod.run_app("a", "/bin/sleep", "100")
    # It calls itself so a moment after it was made.
    until(lambda: children(pod.state["pid"], "pod-init"))
    (init,) = children(pod.state["pid"], "pod-init")
    os.kill(init, 9)
    pod.wait_dead()
    assert pod.record("a")["exit_code"] == 137
    assert pod.state["state"] == "exited"


def children(pid, name):
    """The children of a process that are called so."""
    found = []
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in file.read().split():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{child}/comm") as comm:
                if comm.read().strip() == name:
                    found.append(int(child))
    return found


def test_apps_of_a_pod_with_a_user_namespace_are_nobody_outside(host):
    pod = host.pod(namespaces={"user": USERS})
    pod.start()
    pod.run_app("a", "/bin/sleep", "100")
    pod.wait_command("a", "/bin/sleep", "100")
    assert os.stat(f"/proc/{pod.record('a')['pid']}").st_uid == 100000
    code, out, err, _ = pod.execute("a", "sh", "-c", "id -u; touch /new; stat -c %u /bin/busybox /new; cat /etc/hosts | wc -l")
    assert (code, err) == (0, "") and out.split()[:3] == ["0", "0", "0"]
    assert os.stat(f"{pod.dir}/apps/a/upper/new").st_uid == 100000
    pod.stop()
    assert left(pod) == []


def test_directories_that_the_image_lacks_are_the_pods_own(host):
    pod = host.pod(namespaces={"user": USERS})
    pod.start()
    pod.add("a", "/bin/sh", "-c", "touch file && exec sleep 100", workingDir="/srv/here", image={"config": {"Env": ["PATH=/bin"], "Volumes": {"/vol/ume": {}}}})
    pod.start_app("a")
    pod.wait_command("a", "sleep", "100")
    assert pod.execute("a", "stat", "-c", "%u:%g", "/srv", "/srv/here", "/srv/here/file", "/vol/ume")[:2] == (0, "0:0\n" * 4)
    assert pod.execute("a", "touch", "/vol/ume/x")[0] == 0
    pod.stop()


def test_a_recursive_read_only_mount_is_read_only_below(host, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "inner", inner], check=True)
    try:
        pod = host.pod()
        pod.start()
        mount = {"containerPath": "/m", "hostPath": str(tmp_path), "readonly": True}
        pod.run_app("plain", "/bin/sleep", "100", mounts=[mount])
        pod.run_app("whole", "/bin/sleep", "100", mounts=[{**mount, "recursiveReadOnly": True}])
        assert pod.execute("plain", "touch", "/m/inner/x")[0] == 0
        assert pod.execute("whole", "touch", "/m/inner/y")[0] != 0
        pod.stop()
    finally:
        subprocess.run(["umount", inner], check=True)


def test_an_app_has_its_own_limits_and_not_the_supervisors(host):
    pod = host.pod()
    pod.start("LimitSTACK=1M:64M", "LimitMEMLOCK=4M", "LimitCORE=0:1M", "LimitNICE=+5")
    pod.run_app("a", "/bin/sleep", "100")
    pod.wait_command("a", "/bin/sleep", "100")
    for text in (open(f"/proc/{pod.record('a')['pid']}/limits").read(), pod.execute("a", "cat", "/proc/self/limits")[1]):
        limits = {line[:26].strip(): line[26:].split()[:2] for line in text.splitlines()}
        assert limits["Max stack size"] == ["8388608", "67108864"] and limits["Max locked memory"] == ["4194304", "4194304"]
        assert limits["Max core file size"] == ["1048576", "1048576"] and limits["Max nice priority"] == ["0", "0"]
    pod.stop()


def test_without_a_network_configuration_the_error_names_the_directory(host):
    os.unlink(f"{host.confs}/10-test.conflist")
    pod = host.pod(network={"mode": "cni"})
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    error = pod.read("error.json")
    assert error["code"] == "precondition" and host.confs in error["message"]
    assert pod.state["state"] == "exited" and pod.state["error"] == error["message"]
    assert left(pod) == []


def test_plugins_get_the_chain_and_the_capabilities(host, plugin):
    ports = [{"protocol": "tcp", "containerPort": 80, "hostPort": 8080, "hostIP": "127.0.0.1"}, {"protocol": "udp", "containerPort": 53, "hostPort": 0, "hostIP": ""}]
    pod = host.pod(network={**plugin.network(host.confs), "args": {"K8S_POD_NAME": "web-0"}}, ports=ports, containerID="f" * 64)
    pod.start()
    first, second = plugin.calls
    assert [first["verb"], first["id"], first["ifname"], first["notify"]] == ["ADD", "f" * 64, "eth0", ""]
    assert first["args"] == "IgnoreUnknown=1;K8S_POD_NAME=web-0"
    assert "prevResult" not in first["input"] and "runtimeConfig" not in first["input"]
    assert second["input"]["prevResult"]["ips"][0]["address"] == "10.9.8.7/24"
    mapping = {"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1"}
    assert second["input"]["runtimeConfig"] == {"portMappings": [mapping]} and "capabilities" not in second["input"]
    assert pod.state["networks"] == [{"netName": "recorded", "ifName": "eth0", "ip": "10.9.8.7", "ips": ["10.9.8.7"], "mask": "255.255.255.0"}]
    pod.stop()
    deletes = plugin.calls[2:]
    assert [call["verb"] for call in deletes] == ["DEL", "DEL"]
    assert "runtimeConfig" in deletes[0]["input"] and deletes[1]["input"]["first"]
    assert all(call["netns"] == f"{pod.run}/ns/net" and call["input"]["prevResult"]["ips"] for call in deletes)


def test_a_failing_plugin_undoes_the_one_before_it(host, plugin):
    plugin.does("ADD", 'case $input in *first*) ;; *) printf \'{"cniVersion":"1.0.0","code":11,"msg":"no free address","details":"in 10.0.0.0/8"}\'; exit 1 ;; esac')
    pod = host.pod(network=plugin.network(host.confs))
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert "no free address: in 10.0.0.0/8" in pod.read("error.json")["message"]
    assert [call["verb"] for call in plugin.calls] == ["ADD", "ADD", "DEL", "DEL"]
    # A firewall plugin finds its rules by the addresses in it.
    assert [call["input"]["prevResult"]["ips"] for call in plugin.calls[2:]] == [[{"address": "10.9.8.7/24"}]] * 2
    assert pod.state["network"]["state"] == "detached"
    assert left(pod) == []


def test_plugins_get_the_capabilities_that_the_caller_gave_and_that_they_declare(host, plugin):
    network = plugin.network(host.confs, "bandwidth", "ipRanges")
    given = {"bandwidth": {"ingressRate": 1000, "ingressBurst": 4294967295}, "ipRanges": [[{"subnet": "10.9.8.0/24"}]], "cgroupPath": "/a.slice"}
    pod = host.pod(network={**network, "capabilities": given})
    pod.start()
    assert plugin.calls[1]["input"]["runtimeConfig"] == {name: given[name] for name in ["bandwidth", "ipRanges"]}
    pod.stop()
    assert plugin.calls[2]["input"]["runtimeConfig"] == plugin.calls[1]["input"]["runtimeConfig"]


def test_a_missing_plugin_is_named_and_none_is_run(host, plugin):
    with open(f"{host.confs}/00-broken.conflist", "w") as file:
        json.dump({"cniVersion": "1.0.0", "name": "broken", "plugins": [{"type": "recorder"}, {"type": "no-such-plugin"}]}, file)
    pod = host.pod(network={"mode": "cni", "binDirs": [plugin.directory]})
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert "no-such-plugin" in pod.read("error.json")["message"]
    assert plugin.calls == [] and "state" not in pod.state["network"]
    assert left(pod) == []


def test_the_detach_leaves_out_plugins_that_were_never_tried(host, plugin):
    plugin.does("ADD", "exit 1")
    pod = host.pod(network=plugin.network(host.confs))
    assert pod.start(check=False).returncode != 0
    pod.wait_dead()
    assert [call["verb"] for call in plugin.calls] == ["ADD", "DEL"] and plugin.calls[1]["input"]["first"]


def test_a_pod_is_stopped_while_a_plugin_hangs(host, plugin):
    plugin.does("ADD", "exec sleep 600")
    pod = host.pod(network=plugin.network(host.confs))
    # A test host gives two seconds to end where nothing else is said.
    properties = ["-p", "Delegate=yes", "-p", "KillMode=mixed", "-p", "TimeoutStopSec=60"]
    run = ["systemd-run", "--quiet", f"--unit={pod.unit}", "--service-type=notify", "--collect", *properties]
    start = subprocess.Popen([*run, *pod.command()], stderr=subprocess.DEVNULL)
    until(lambda: plugin.calls)
    pod.stop()
    assert start.wait(30) != 0
    assert "interrupted" in pod.read("error.json")["message"]
    assert [call["verb"] for call in plugin.calls] == ["ADD", "DEL"]
    assert left(pod) == []


def test_the_events_tell_of_the_pod_and_its_apps_in_order(host):
    pod = host.pod()
    pod.start()
    pod.run_app("a", "/bin/true")
    pod.wait_exit("a")
    pod.call("app-rm", name="a")
    pod.stop()
    told = []
    for event in pod.events()[1:]:
        told.append((event["type"], (event.get("pod") or event.get("app") or {}).get("state")))
    assert told == [("pod", "running"), ("app", "created"), ("app", "running"), ("app", "exited"), ("app-removed", None), ("pod", "deleting"), ("pod", "exited")]
    begin = pod.events()[0]
    assert begin["type"] == "log" and begin["seq"] == begin["begin"]
    assert [event["seq"] - begin["seq"] for event in pod.events()] == list(range(len(told) + 1))
    with pytest.raises((Failed, FileNotFoundError)):
        pod.call("ping")


def test_a_pod_started_by_hand_leaves_the_callers_cgroup_alone(host):
    """Beside others in a cgroup the supervisor takes one below, since it kills all that is below its own."""
    pod = host.pod()
    process = subprocess.Popen(pod.command(), stdin=subprocess.DEVNULL)
    # The socket has its name before anybody listens on it.
    until(lambda: os.path.exists(f"{pod.run}/control.sock") and pod.state["state"] == "running")
    assert pod.state["cgroup"].endswith(f"/gantry-{pod.uuid}")
    pod.run_app("a", "/bin/sleep", "100")
    process.terminate()
    assert process.wait(30) == 0
    assert pod.record("a")["exit_code"] == 137
    pod.cleanup()
    assert left(pod) == []
