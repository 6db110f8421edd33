"""supervisor_bench.py BIN [--idle N]: what a pod's supervisor does with a container that floods it.

For each flood: the longest step of its loop (processor time), the longest one with whatever it waited for, what an exec in, and a stop of, a
neighbour took, and the processor time for each byte and line that was logged. Run it on a systemd of its own, as root:

    Tests/Host/testhost with bench --bind=$PWD --sysctl-rw -- python3 Benchmarks/supervisor_bench.py .build/release
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
for folder in ("../Tests/Engine/supervisor", "../Tests/Engine"):
    sys.path.insert(0, os.path.join(HERE, folder))
sys.dont_write_bytecode = True

LINES = {
    "lines of 0 bytes": "tr '\\0' '\\n' < /dev/zero",
    "lines of 1 byte (yes)": "yes",
    "lines of 100 bytes": "yes $(head -c 100 /dev/zero | tr '\\0' x)",
    "lines of 16384 bytes": "yes $(head -c 16384 /dev/zero | tr '\\0' x)",
    "lines of 10^6 bytes": "while :; do head -c 1000000 /dev/zero; echo; done",
    "no line feed": "cat /dev/zero",
    "short children": "while :; do (true & true & true & true &); done",
    "fills its disk": "while :; do dd if=/dev/zero of=/x bs=1M count=64 2>/dev/null; rm /x; done",
}
TICKS = os.sysconf("SC_CLK_TCK")


def processor_time(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid):
    sizes = {}
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss", "Private_Dirty", "Private_Clean"):
                sizes[name] = int(value.split()[0])
    return sizes


def timed(action, count=10):
    times = []
    for _ in range(count):
        begin = time.monotonic()
        action()
        times.append((time.monotonic() - begin) * 1000)
    return statistics.median(times), max(times)


def status(pod, **members):
    return pod.call("status", **members).get("loop", {})


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def measure(pod, name, action, seconds, execs, log=None):
    supervisor = pod.state["pid"]
    status(pod, reset=True)
    stop_action = action(log)
    used, begin = processor_time(supervisor), time.monotonic()
    median, worst = timed(lambda: pod.execute("quiet", "true"), execs)
    while time.monotonic() - begin < seconds:
        time.sleep(0.1)
    used = processor_time(supervisor) - used
    pod.run_app("victim", "/bin/sleep", "1000")
    stopped, _ = timed(lambda: pod.call("app-stop", name="victim", timeout_ms=0), 1)
    pod.call("app-rm", name="victim")
    loop = status(pod)
    stop_action()
    size = os.path.getsize(log) if log and os.path.exists(log) else 0
    per_byte = f"{used / size * 1e9:.2f}" if size > 1 << 20 else ""
    row(name, f"{loop.get('longest_step_ns', 0) / 1e6:.2f} ({loop.get('longest_step', '')})", f"{loop.get('longest_wait_ns', 0) / 1e6:.1f}",
        f"{median:.1f} / {worst:.1f}", f"{stopped:.1f}", f"{size >> 20}", per_byte, f"{memory(supervisor)['Rss']}")


def app(pod, script):
    def begin(log):
        pod.run_app("loud", "/bin/sh", "-c", script, log=log)

        def end():
            pod.call("app-stop", name="loud", timeout_ms=0)
            pod.call("app-rm", name="loud")
        return end
    return begin


def execs(pod):
    def begin(_):
        null = os.open("/dev/null", os.O_RDWR)
        connections = [pod.send("app-exec", [null, null, null], name="quiet", argv=["true"], timeout_ms=60000) for _ in range(200)]
        os.close(null)
        return lambda: [connection.close() for connection in connections]
    return begin


def connections(pod):
    def begin(_):
        silent = [pod.connect() for _ in range(1000)]
        return lambda: [connection.close() for connection in silent]
    return begin


def large(pod):
    import pods

    def begin(_):
        variables = [{"name": f"V{n}", "value": "x" * 50} for n in range(150000)]
        try:
            pod.add("large", "/bin/true", env=variables, mounts=[{"containerPath": "/x", "hostPath": "/no/such/place"}])
        except pods.Failed as error:
            assert "/no/such/place" in str(error)
        return lambda: None
    return begin


def idle(host, pods, count):
    """What idle pods with a container each take."""
    made = []
    for _ in range(count):
        pod = host.pod()
        pod.start()
        pod.run_app("a", "/bin/sleep", "1000")
        made.append(pod)
    time.sleep(3)
    sizes = [memory(pod.state["pid"]) for pod in made]
    threads = [len(os.listdir(f"/proc/{pod.state['pid']}/task")) for pod in made]
    for pod in made:
        pod.stop()
    print(f"\n{count} idle pods, medians: RSS {statistics.median(s['Rss'] for s in sizes)} kB, PSS "
          f"{statistics.median(s['Pss'] for s in sizes)} kB, private "
          f"{statistics.median(s['Private_Dirty'] + s['Private_Clean'] for s in sizes)} kB, threads {max(threads)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bin")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--execs", type=int, default=10)
    parser.add_argument("--idle", type=int, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    os.environ["RKTLET_BIN"] = os.path.realpath(options.bin)
    import pods

    root = tempfile.mkdtemp(prefix="gantry-bench-", dir="/var/lib")
    host = pods.Host(root)
    for applet in ("tr", "yes", "rm"):
        if not os.path.lexists(f"{host.layer}/bin/{applet}"):
            os.symlink("busybox", f"{host.layer}/bin/{applet}")
    logs = f"{root}/logs"
    os.makedirs(logs)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "logs", logs], check=True)
    try:
        row("flood", "longest step, ms", "longest with waits, ms", "exec beside it, median / worst, ms", "stop beside it, ms", "logged, MiB",
            "ns for a byte", "RSS, kB")
        row(*["---"] * 8)
        for name in list(LINES) + ["200 commands at once", "1000 silent connections", "a request of 12 MB"]:
            if options.only and options.only not in name:
                continue
            pod = host.pod(namespaces={"pid": "host"} if name == "short children" else {"pid": "container"})
            pod.start()
            pod.run_app("quiet", "/bin/sleep", "1000")
            action = {"200 commands at once": execs, "1000 silent connections": connections, "a request of 12 MB": large}.get(name)
            action = action(pod) if action else app(pod, LINES[name])
            measure(pod, name, action, options.seconds, options.execs, f"{logs}/{name.replace(' ', '-').replace('^', '')}.log")
            pod.stop()
            for file in os.listdir(logs):
                os.unlink(f"{logs}/{file}")
        if options.idle:
            idle(host, pods, options.idle)
    finally:
        subprocess.run(["umount", "-l", logs], check=False)
        host.discard()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
