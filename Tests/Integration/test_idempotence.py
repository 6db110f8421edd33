"""Calls done twice, in parallel, or about what is not there."""

import concurrent.futures
import os

import grpc
import pytest
from cri_client import PB, container_config, pod_config
from node import run
from states import code_of

NOBODY = "f" * 64


@pytest.mark.parametrize("method,fields", [
    ("StopPodSandbox", {"pod_sandbox_id": NOBODY}), ("RemovePodSandbox", {"pod_sandbox_id": NOBODY}),
    ("StopContainer", {"container_id": NOBODY}), ("RemoveContainer", {"container_id": NOBODY}),
    ("RemoveImage", {"image": PB.ImageSpec(image="registry.invalid/none:1")}),
])
def test_stop_and_remove_of_the_unknown_are_fine(client, method, fields):
    client.call(method, **fields)


@pytest.mark.parametrize("method,fields", [
    ("PodSandboxStatus", {"pod_sandbox_id": NOBODY}), ("ContainerStatus", {"container_id": NOBODY}),
    ("StartContainer", {"container_id": NOBODY}), ("ExecSync", {"container_id": NOBODY, "cmd": ["true"]}),
])
def test_status_of_the_unknown_is_not_found(client, method, fields):
    code, details = code_of(lambda: client.call(method, **fields))
    assert code == grpc.StatusCode.NOT_FOUND and NOBODY in details


def test_an_absent_image_has_no_status(client):
    assert client.image("registry.invalid/none:1") is None


def test_the_same_pod_asked_for_again_is_the_same_pod(client, names):
    config = pod_config(names())
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: client.run_pod(config), range(10)))
    assert len(ids) == 1
    assert client.run_pod(config) in ids
    units = run("systemctl", "list-units", "--no-legend", "--plain", "rktlet-pod-*").stdout.splitlines()
    assert len(units) == 1


def test_the_name_of_a_live_pod_is_taken(client, names):
    name = names()
    pod = client.run_pod(pod_config(name))
    code, details = code_of(lambda: client.run_pod(pod_config(name, labels={"other": "config"})))
    assert code == grpc.StatusCode.ALREADY_EXISTS and pod in details
    assert client.run_pod(pod_config(name, attempt=1)) != pod


def test_the_same_container_asked_for_again_is_the_same(client, pod, busybox):
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(lambda _: pod.create(busybox, "sleep", "1000"), range(10)))
    assert len(ids) == 1
    code, details = code_of(lambda: pod.create(busybox, "sleep", "2"))
    assert code == grpc.StatusCode.ALREADY_EXISTS and ids.pop() in details


def test_a_caller_that_leaves_takes_its_pod_along(client, names):
    config = pod_config(names())
    code, _ = code_of(lambda: client.run_pod(config, timeout=0.02))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    pod = client.run_pod(config)
    assert [p.id for p in client.pods()] == [pod]


def test_many_stops_of_one_container(client, pod, busybox):
    container = pod.run(busybox, "sleep", "1000")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: client.stop(container, grace=0), range(10)))
    assert client.container(container).exit_code == 137


@pytest.mark.vm
def test_pods_ten_at_a_time(client, names):
    configs = [pod_config(names()) for _ in range(10)]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        ids = list(pool.map(client.run_pod, configs))
        assert len({client.pod(pod).network.ip for pod in ids}) == 10
        list(pool.map(client.delete_pod, ids))
    assert not client.pods()
