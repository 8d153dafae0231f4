"""Fault proxy: its faults happen, because a test of faults that never come would pass."""

import socket
from http.client import HTTPConnection, HTTPException

import pytest

from tests.support import fault_proxy
from tests.support.fault_proxy import ARTIFACT, FaultProxy, black_hole
from tests.support.mlflow.servers import answering


def get(proxy, path):
    connection = HTTPConnection("127.0.0.1", proxy.port, timeout=0.3)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_answers_fail_on_their_route_alone_until_the_fault_is_over():
    with answering(lambda handler: handler.reply(200, b"whole")) as upstream, FaultProxy.before(upstream) as proxy:
        proxy.fail(fault_proxy.changed(bytes.upper), ARTIFACT)
        assert [get(proxy, path) for path in (f"/api{ARTIFACT}x", "/else")] == [b"WHOLE", b"whole"]
        for fault in (fault_proxy.hang, fault_proxy.drip):
            proxy.fail(fault)
            with pytest.raises((TimeoutError, HTTPException)):
                get(proxy, "/")
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            get(proxy, "/")
        proxy.pass_all()
        assert get(proxy, "/again") == b"whole"
        assert proxy.asked["/again"] == 1


def test_black_hole_neither_takes_nor_refuses():
    with black_hole() as uri, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", int(uri.rpartition(":")[2])), timeout=0.3)
