"""The second boot, after a clean shutdown with thirty pods; it ends with a cut of power, in the middle of a pull and with thirty others."""

import os
import threading

import pytest
from life import (
    BUSYBOX, CUT, PB, PODS, Pods, client, each, eventually, reservations, rules_of_pods, run, save, saved, seconds_to_ready, serve)


@pytest.fixture(scope="module")
def pods():
    runtime = client()
    yield Pods(runtime)
    runtime.close()


def test_all_of_them_have_ended_and_nothing_of_them_is_taken(pods, record_property):
    record_property("after a reboot with pods, seconds to ready", seconds_to_ready())
    before = saved()
    found = pods.client.pods()
    assert {pod.id for pod in found} == set(before["pods"])
    assert {pod.state for pod in found} == {PB.SANDBOX_NOTREADY}
    # The shutdown gave them their time: each ended by itself.
    ends = {(status.state, status.exit_code) for status in map(pods.client.container, before["containers"])}
    assert ends == {(PB.CONTAINER_EXITED, 0)}
    eventually(lambda: not reservations() and not rules_of_pods(), "addresses and rules are free")
    assert run("ip", "netns").stdout == "" and "rktlet-pod-" not in run("systemctl", "list-units", "--all", "rktlet-pod-*").stdout
    assert pods.client.image(BUSYBOX).id == before["image"]


def test_they_start_anew(pods):
    for pod in saved()["pods"]:
        pods.client.delete_pod(pod)
    pods.ids = each(lambda number: pods.start(number, attempt=1), range(PODS))
    assert {pod.state for pod in pods.client.pods()} == {PB.SANDBOX_READY} and len(reservations()) == PODS


def test_a_pull_that_is_to_be_cut(pods):
    serve("hang-blob", "configured", 5001)
    images = [image.id for image in pods.client.call("ListImages").images]
    threading.Thread(target=lambda: client().pull(CUT, timeout=3600), daemon=True).start()

    def has_come():
        return [path for path in files("/var/lib/rktlet/images") if os.path.basename(path) not in whole and os.path.getsize(path) > 0]

    whole = {os.path.basename(path) for path in files("/var/lib/rktlet/images")}
    eventually(has_come, "a part of the layer is on the disk")
    save(pods=[pod for pod, _ in pods.ids], containers=[container for _, container in pods.ids], images=images)


def files(directory):
    for place, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(place, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path
