"""`GetContainerEvents` on a real node."""

import time

import grpc
import pytest
from cri_client import PB, Runtime, container_config, pod_config
from node import SOCKET
from states import exited

CREATED, STARTED, STOPPED, DELETED = range(4)


@pytest.mark.vm
def test_a_life_in_events(client, busybox):
    stream = client.runtime.GetContainerEvents(PB.GetEventsRequest())
    stream.initial_metadata()
    config = pod_config("a-life")
    pod = client.run_pod(config)
    container = client.create(pod, container_config("c", busybox, "sh", "-c", "exit 7"), config)
    client.start(container)
    exited(client, container)
    client.delete_pod(pod)
    of_pod, of_container = [], []
    for event in stream:
        (of_pod if event.container_id == pod else of_container).append(event)
        if event.container_id == pod and event.container_event_type == DELETED:
            break
    stream.cancel()
    assert [event.container_event_type for event in of_pod] == [CREATED, STARTED, STOPPED, DELETED]
    assert [event.container_event_type for event in of_container] == [CREATED, STARTED, STOPPED, DELETED]
    assert {event.container_id for event in of_container} == {container}
    # Told once it is durable: what the event says is what a status said at that time.
    stopped = of_container[STOPPED].containers_statuses[0]
    assert (stopped.id, stopped.exit_code, stopped.reason) == (container, 7, "Error")
    assert of_pod[STARTED].pod_sandbox_status.network.ip
    times = [event.created_at for event in of_container]
    assert times == sorted(times) and times[0] > 0


@pytest.mark.restarts_daemon
def test_a_stop_of_the_daemon_ends_the_stream_and_nothing_waits_for_it(node):
    other = Runtime("rktlet", SOCKET)
    stream = other.runtime.GetContainerEvents(PB.GetEventsRequest())
    stream.initial_metadata()
    begin = time.monotonic()
    node.stop()
    # A call that does not end is waited for for ten times as long.
    assert list(stream) == [] and stream.code() == grpc.StatusCode.OK and time.monotonic() - begin < 5
    other.close()
    node.start()


def test_who_does_not_read_holds_up_nobody(client, pod, busybox):
    reader, idle = [client.runtime.GetContainerEvents(PB.GetEventsRequest()) for _ in range(2)]
    for stream in (reader, idle):
        stream.initial_metadata()
    for attempt in range(3):
        container = pod.run(busybox, "true", attempt=attempt)
        exited(client, container)
        client.remove(container)
        own = []
        for event in reader:
            if event.container_id == container:
                own.append(event.container_event_type)
                if event.container_event_type == DELETED:
                    break
        assert own == [CREATED, STARTED, STOPPED, DELETED]
    for stream in (reader, idle):
        stream.cancel()
