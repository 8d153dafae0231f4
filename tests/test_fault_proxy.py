"""The proxy does what it is told: a test of faults that never come would pass."""

import socket
import time
from http.client import HTTPConnection, HTTPException

import pytest

from tests import fault_proxy
from tests.adapters.mlflow.servers import answering
from tests.fault_proxy import ANY, ARTIFACT, FaultProxy, black_hole

BODY = b'{"model_version": {"name": "endeavour"}}'


@pytest.fixture
def proxy():
    with answering(lambda handler: handler.reply(200, BODY)) as upstream, FaultProxy.before(upstream) as proxy:
        yield proxy


def get(proxy, path="/", timeout=0.3):
    connection = HTTPConnection("127.0.0.1", proxy.port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_everything_goes_through_and_is_counted(proxy):
    assert get(proxy, "/a?b=c") == (200, BODY)
    assert proxy.asked == {"/a?b=c": 1}


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (fault_proxy.status(503), (503, b"{}")),
        (fault_proxy.empty, (200, b"{}")),
        (fault_proxy.truncated(5), (200, BODY[:5])),
        (fault_proxy.corrupted(2), (200, BODY[:2] + bytes([BODY[2] ^ 1]) + BODY[3:])),
        (fault_proxy.changed(fault_proxy.wrong_name), (200, b'{"model_version": {"name": "another"}}')),
    ],
)
def test_answer_is_changed_on_its_route_and_on_no_other(proxy, fault, answer):
    proxy.fail(fault, ARTIFACT)

    assert get(proxy, f"/api{ARTIFACT}x") == answer
    assert get(proxy, "/else") == (200, BODY)
    proxy.mend()
    assert get(proxy, f"/api{ARTIFACT}x") == (200, BODY)


def test_silence_and_drops_keep_a_client_waiting(proxy):
    for fault in (fault_proxy.hang, fault_proxy.drip):
        proxy.fail(fault, ANY)
        with pytest.raises((TimeoutError, HTTPException)):
            get(proxy)


def test_hanging_request_is_let_go_when_the_fault_is_over(proxy):
    proxy.fail(fault_proxy.hang)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        proxy.mend()

        assert client.recv(100) == b""


def test_closed_port_refuses_and_flaps(proxy):
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        get(proxy)

    outcomes = set()
    with proxy.flapping(0.05):
        end = time.monotonic() + 5
        while len(outcomes) < 2 and time.monotonic() < end:
            try:
                outcomes.add(get(proxy)[0])
            except OSError:
                outcomes.add(None)

    assert outcomes == {200, None}
    assert get(proxy) == (200, BODY)


def test_black_hole_neither_takes_nor_refuses():
    with black_hole() as uri, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", int(uri.rpartition(":")[2])), timeout=0.3)
