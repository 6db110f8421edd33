"""Waiting for what the CRI reports."""

from cri_client import PB
from node import eventually

CREATED, RUNNING, EXITED = PB.CONTAINER_CREATED, PB.CONTAINER_RUNNING, PB.CONTAINER_EXITED


def exited(client, container, timeout=30):
    """The container's status once it has exited."""
    def ended():
        status = client.container(container)
        return status if status.state == EXITED else None
    return eventually(ended, f"container {container[:12]} exits", timeout)


def code_of(call):
    """The status code and message that a call fails with."""
    import grpc
    try:
        result = call()
    except grpc.RpcError as error:
        return error.code(), error.details()
    raise AssertionError(f"expected an error, got {result!r}")
