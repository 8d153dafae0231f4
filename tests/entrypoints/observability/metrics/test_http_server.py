import contextlib
import select
import socket
import time

import pytest

from entrypoints.network import CannotListen
from entrypoints.observability.metrics import http_server
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.metrics.http_server import serve_metrics
from tests.support.program import free_port, requested, wait_until


@pytest.fixture
def address():
    address = "127.0.0.1", free_port()
    with serve_metrics(*address, MetricsAggregator().scrape):
        yield address


def answer(address, path="/metrics", host="localhost", method="GET"):
    return requested(address[1], method, path, Host=host)[::2]


def test_only_metrics_under_a_name_of_this_machine_are_answered(address):
    for host in ("localhost:1", "127.0.0.1:1", "[::1]"):
        status, text = answer(address, "/metrics?x", host)
        assert status == 200
        assert b"endeavour_workers 0.0" in text

    assert answer(address, method="HEAD") == (200, b"")
    assert answer(address, host="evil.example:1") == (421, b"")
    assert answer(address, "/stream") == (404, b"")


def test_connection_whose_head_trickles_is_closed(address, monkeypatch):
    monkeypatch.setattr(http_server, "MAX_CONNECTION_SECONDS", 0.5)
    with socket.create_connection(address) as client:
        deadline = time.monotonic() + 15

        with contextlib.suppress(ConnectionError):
            client.settimeout(0.05)
            while time.monotonic() < deadline:
                client.send(b"G")
                with contextlib.suppress(TimeoutError):
                    if not client.recv(1):
                        break

        assert time.monotonic() < deadline


def test_silent_connections_are_few_and_no_scrape_waits_for_them(address, monkeypatch):
    monkeypatch.setattr(http_server, "MAX_CONNECTION_SECONDS", 60)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(address)) for _ in range(100)]

        assert answer(address)[0] == 200
        wait_until(lambda: len(clients) - len(select.select(clients, [], [], 0)[0]) <= http_server.MAX_CONNECTIONS)


def test_address_that_cannot_be_listened_on_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for host, why in (("127.0.0.1", "address already in use"), ("203.0.113.1", "cannot assign requested address")):
            place = host, taken.getsockname()[1]

            with pytest.raises(CannotListen, match=f"{why}; set ENDEAVOUR_METRICS_ADDRESS to another"):
                serve_metrics(*place, MetricsAggregator().scrape).__enter__()
