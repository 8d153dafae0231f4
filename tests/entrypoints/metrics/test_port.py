"""The port of the metrics, with clients that are slow, or pages of other sites."""

import contextlib
import dataclasses
import http.client
import select
import socket
import time
from urllib.request import urlopen

import pytest

from entrypoints.metrics import port
from entrypoints.metrics.figures import Figures
from entrypoints.metrics.port import metrics_port
from entrypoints.settings import Settings
from tests.entrypoints.serving.program import free_port, wait_until


@pytest.fixture
def address():
    settings = dataclasses.replace(Settings.from_environment(), metrics=("127.0.0.1", free_port()))
    with metrics_port(settings, Figures().scrape):
        yield settings.metrics


def asked_as(host, address):
    connection = http.client.HTTPConnection(*address, timeout=15)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics", headers={"Host": host})
        return connection.getresponse().status


def test_names_of_other_sites_are_refused_on_a_loopback_address(address):
    answers = {host: asked_as(host, address) for host in ("localhost:1", "127.0.0.1:1", "[::1]", "evil.example:1")}

    assert answers == {"localhost:1": 200, "127.0.0.1:1": 200, "[::1]": 200, "evil.example:1": 421}


def test_connection_whose_head_trickles_is_closed(address, monkeypatch):
    monkeypatch.setattr(port, "MAX_SECONDS", 0.5)
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


def open_connections(clients):
    ended, _, _ = select.select(clients, [], [], 0)
    return len(clients) - len(ended)


def test_silent_connections_are_few_and_no_scrape_waits_for_them(address, monkeypatch):
    monkeypatch.setattr(port, "MAX_SECONDS", 60)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(address)) for _ in range(100)]

        with urlopen("http://{}:{}/metrics".format(*address), timeout=15) as answer:  # noqa: S310  # the fixture's own
            assert answer.status == 200
        wait_until(lambda: open_connections(clients) <= port.MAX_CONNECTIONS)
