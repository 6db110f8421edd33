"""Other limits for an app: all of them or none."""

import glob
import json
import os
import subprocess
import threading

import pods
import pytest
from waiting import until

MIB = 1 << 20


def update(pod, app, **resources):
    return pod.call("app-update", name=app, config={"version": 1, "resources": resources})["app"]


def limit(app):
    """The memory limit of the only cgroup of that name."""
    for pattern in ("/sys/fs/cgroup/memory/**/{}/memory.limit_in_bytes", "/sys/fs/cgroup/**/{}/memory.max"):
        for path in glob.glob(pattern.format(app), recursive=True):
            with open(path) as file:
                return int(file.read())
    raise AssertionError(f"no memory limit of {app}")


def shares(app):
    for pattern in ("/sys/fs/cgroup/cpu/**/{}/cpu.shares", "/sys/fs/cgroup/**/{}/cpu.weight"):
        for path in glob.glob(pattern.format(app), recursive=True):
            with open(path) as file:
                return int(file.read())
    raise AssertionError(f"no shares of {app}")


@pytest.fixture
def app(pod):
    name = "limited-" + pod.uuid[:8]
    pod.add(name, "sleep", "1000", resources={"memoryLimit": 64 * MIB, "cpuShares": 512})
    until(lambda: "pid" in pod.call("status")["pod"]["apps"][0], what="the container")
    return name


def test_limits_are_in_force_recorded_and_told(host, pod, app):
    record = update(pod, app, memoryLimit=96 * MIB)
    assert record["resources"] == {"memoryLimit": 96 * MIB, "cpuShares": 512} and record["resources_generation"] == 1
    assert limit(app) == 96 * MIB
    assert pod.record(app)["resources"] == record["resources"]
    assert pod.events()[-1]["app"]["resources"] == record["resources"]
    pod.start_app(app)
    assert limit(app) == 96 * MIB
    document = {"version": 1, "resources": {"memoryLimit": 80 * MIB}}
    done = subprocess.run(
        [pods.GANTRY, f"--dir={host.dir}", f"--run-dir={host.run}", "app", "update", pod.uuid, f"--app={app}", "--config=-", "--format=json"],
        input=json.dumps(document), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["resources"]["memoryLimit"] == limit(app) == 80 * MIB


def test_a_record_that_cannot_be_written_puts_the_limits_back(pod, app):
    before = (limit(app), shares(app), pod.record(app)["resources"])
    place = f"{pod.dir}/apps/{app}"
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        with pytest.raises(pods.Failed, match="Read-only"):
            update(pod, app, memoryLimit=96 * MIB, cpuShares=1024)
        assert (limit(app), shares(app), pod.record(app)["resources"]) == before
    finally:
        subprocess.run(["umount", place], check=True)
    assert update(pod, app, memoryLimit=96 * MIB)["resources"] == {"memoryLimit": 96 * MIB, "cpuShares": 512}


@pytest.mark.parametrize("key, wrong", [
    ("cpuPeriod", {"cpuPeriod": 10}), ("cpuQuota", {"cpuQuota": 999}), ("cpusetCpus", {"cpusetCpus": "4000"}),
    ("memorySwapLimit", {"memorySwapLimit": MIB}), ("unified", {"unified": {"../memory.high": "max"}}),
    ("unified", {"unified": {"cgroup.kill": "1"}}), ("hugepageLimits", {"hugepageLimits": [{"pageSize": "3MB", "limit": 0}]}),
])
def test_what_is_wrong_is_named_and_nothing_changes(pod, app, key, wrong):
    before = (limit(app), shares(app), pod.record(app))
    with pytest.raises(pods.Failed) as error:
        update(pod, app, cpuShares=4096, **wrong)
    assert error.value.code == "invalid" and error.value.message.startswith(f"resources.{key}:")
    assert (limit(app), shares(app), pod.record(app)) == before


def test_apps_in_other_states_are_refused(pod):
    pod.run_app("a", "/bin/true")
    pod.wait_exit("a")
    for name, code in [("a", "precondition"), ("b", "not-found")]:
        with pytest.raises(pods.Failed) as error:
            update(pod, name, cpuShares=512)
        assert error.value.code == code
    with pytest.raises(pods.Failed, match="resources: is missing"):
        pod.add("c", "/bin/true")
        pod.call("app-update", name="c", config={"version": 1})


def test_changes_at_the_same_time_are_made_one_after_the_other(pod, app):
    values = [(64 + n) * MIB for n in range(8)]
    threads = [threading.Thread(target=update, args=(pod, app), kwargs={"memoryLimit": value}, daemon=True) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = pod.record(app)
    assert record["resources_generation"] == 8
    assert record["resources"]["memoryLimit"] == limit(app) and limit(app) in values


def test_a_supervisor_killed_meanwhile_leaves_old_or_new(host):
    for _ in range(3):
        pod = host.pod()
        pod.start()
        pod.run_app("a", "sleep", "1000", resources={"memoryLimit": 64 * MIB, "cpuShares": 512})
        connection = pod.send("app-update", name="a", config={
            "version": 1, "resources": {"memoryLimit": 96 * MIB, "cpuShares": 1024}})
        pod.kill()
        connection.close()
        pod.wait_dead()
        record = pod.record("a")
        assert record["state"] == "exited"
        assert record["resources"] in [{"memoryLimit": 64 * MIB, "cpuShares": 512}, {"memoryLimit": 96 * MIB, "cpuShares": 1024}]
        assert not os.path.exists(pod.run)
