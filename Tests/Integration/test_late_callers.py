"""A caller whose deadline passed comes again and finds its pod; one that gave up finds nothing left."""

import os
import types

import grpc
import pytest
from cri_client import PB, pod_config
from node import CNI, eventually
from states import code_of

CALLS = "/run/slow-calls"
HOLD = "/run/slow-hold"
PLUGIN = f"""#!/bin/sh
echo "$CNI_COMMAND" >> {CALLS}
[ "$CNI_COMMAND" = ADD ] || exit 0
while [ -e {HOLD} ]; do sleep 0.05; done
echo '{{"cniVersion":"1.0.0","ips":[{{"address":"10.93.0.2/24"}}]}}'
"""
# Seconds. A caller is a late one when no more than a tenth of this is left by the daemon's own clock, which begins later.
DEADLINE = 10


@pytest.fixture
def slow_network(node):
    """A network whose ADD hangs while it is held, as it is at first: hold(), release(); count(kind) of the calls so far."""
    plugin, conflist = "/opt/cni/bin/rktlet-slow", os.path.join(CNI, "00-slow.conflist")
    os.makedirs(os.path.dirname(plugin), exist_ok=True)
    with open(plugin, "w") as stream:
        stream.write(PLUGIN)
    os.chmod(plugin, 0o755)
    with open(conflist, "w") as stream:
        stream.write('{"cniVersion":"1.0.0","name":"slow","plugins":[{"type":"rktlet-slow"}]}')

    def hold():
        open(HOLD, "w").close()

    def release():
        if os.path.exists(HOLD):
            os.unlink(HOLD)

    def count(kind):
        with open(CALLS) as stream:
            return stream.read().split().count(kind)
    open(CALLS, "w").close()
    hold()
    yield types.SimpleNamespace(hold=hold, release=release, count=count)
    release()
    os.unlink(conflist)
    for pod in node.client.pods():
        node.client.delete_pod(pod.id)
    os.unlink(plugin)
    os.unlink(CALLS)


def test_a_retry_after_the_deadline_joins_the_call_in_flight(client, names, slow_network):
    config = pod_config(names())
    code, _ = code_of(lambda: client.run_pod(config, timeout=DEADLINE))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    assert slow_network.count("ADD") == 1 and not client.pods()
    call = client.runtime.RunPodSandbox.future(PB.RunPodSandboxRequest(config=config), timeout=100)
    slow_network.release()
    pod = call.result().pod_sandbox_id
    assert [p.id for p in client.pods()] == [pod]
    assert slow_network.count("ADD") == 1


def test_what_was_finished_after_the_deadline_is_the_retrys(client, names, slow_network):
    config = pod_config(names())
    code, _ = code_of(lambda: client.run_pod(config, timeout=DEADLINE))
    assert code == grpc.StatusCode.DEADLINE_EXCEEDED
    slow_network.release()
    eventually(client.pods, "the pod is finished")
    # A second ADD would hang.
    slow_network.hold()
    pod = client.run_pod(config, timeout=20)
    assert [p.id for p in client.pods()] == [pod] and slow_network.count("ADD") == 1


def test_a_call_that_is_given_up_is_undone_at_once(client, names, slow_network):
    config = pod_config(names())
    call = client.runtime.RunPodSandbox.future(PB.RunPodSandboxRequest(config=config), timeout=100)
    eventually(lambda: slow_network.count("ADD") == 1, "the network is being attached")
    call.cancel()
    # Though the ADD still hangs.
    eventually(lambda: slow_network.count("DEL") >= 1, "it is detached again")
    assert not client.pods()
    slow_network.release()
    client.run_pod(config)
    assert slow_network.count("ADD") == 2
