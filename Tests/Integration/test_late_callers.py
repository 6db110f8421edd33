"""A caller whose deadline passed comes again and finds its pod; one that gave up finds nothing left."""

import os
import time

import grpc
import pytest
from cri_client import PB, pod_config
from node import CNI, eventually
from states import code_of

CALLS = "/run/slow-calls"
PLUGIN = f"""#!/bin/sh
echo "$CNI_COMMAND" >> {CALLS}
[ "$CNI_COMMAND" != ADD ] || {{ sleep 4; echo '{{"cniVersion":"1.0.0","ips":[{{"address":"10.93.0.2/24"}}]}}'; }}
"""


@pytest.fixture
def slow_network(node):
    """A network whose ADD takes four seconds; the calls so far."""
    plugin, conflist = "/opt/cni/bin/rktlet-slow", os.path.join(CNI, "00-slow.conflist")
    os.makedirs(os.path.dirname(plugin), exist_ok=True)
    with open(plugin, "w") as stream:
        stream.write(PLUGIN)
    os.chmod(plugin, 0o755)
    with open(conflist, "w") as stream:
        stream.write('{"cniVersion":"1.0.0","name":"slow","plugins":[{"type":"rktlet-slow"}]}')

    def calls(kind):
        with open(CALLS) as stream:
            return stream.read().split().count(kind)
    open(CALLS, "w").close()
    yield calls
    os.unlink(conflist)
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    os.unlink(plugin)
    os.unlink(CALLS)


def test_a_retry_after_the_deadline_joins_the_call_in_flight(client, names, slow_network):
    config = pod_config(names())
    code, _ = code_of(lambda: client.run_pod(config, timeout=2))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    pod = client.run_pod(config)
    assert [p.id for p in client.pods()] == [pod]
    assert slow_network("ADD") == 1


def test_what_was_finished_after_the_deadline_is_the_retrys(client, names, slow_network):
    config = pod_config(names())
    code_of(lambda: client.run_pod(config, timeout=2))
    eventually(client.pods, "the pod is finished")
    begin = time.monotonic()
    pod = client.run_pod(config)
    assert time.monotonic() - begin < 1
    assert [p.id for p in client.pods()] == [pod] and slow_network("ADD") == 1


def test_a_call_that_is_given_up_is_undone_at_once(client, names, slow_network):
    config = pod_config(names())
    call = client.runtime.RunPodSandbox.future(PB.RunPodSandboxRequest(config=config), timeout=100)
    eventually(lambda: slow_network("ADD") == 1, "the network is being attached")
    call.cancel()
    eventually(lambda: slow_network("DEL") >= 1, "it is detached again", timeout=20)
    assert not client.pods()
    client.run_pod(config)
    assert slow_network("ADD") == 2
