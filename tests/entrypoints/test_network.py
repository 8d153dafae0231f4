import dataclasses
import socket

import pytest

from entrypoints.network import CannotListen, listening_address, local_address
from entrypoints.settings import Settings
from tests.support.program import free_port

ANY = "0.0.0.0"  # noqa: S104  # it is tried


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_HOST", raising=False)
    return dataclasses.replace(Settings.from_environment(), port=free_port())


def test_free_port_is_taken_under_its_numeric_address(settings):
    for host, address in (("localhost", "127.0.0.1"), (ANY, ANY)):
        assert listening_address(dataclasses.replace(settings, host=host)) == address


@pytest.mark.parametrize("shared", [False, True])
def test_taken_port_is_named_even_if_its_holder_would_share(settings, shared):
    with socket.socket() as holder:
        if shared:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", settings.port))
        holder.listen()

        for host in ("127.0.0.1", ANY):
            with pytest.raises(CannotListen, match=f"{settings.port}.*ENDEAVOUR_PORT or --port"):
                listening_address(dataclasses.replace(settings, host=host))


def test_address_of_another_host_is_named(settings):
    for host in ("192.0.2.1", "no-such-host.invalid", "a" * 100):
        with pytest.raises(CannotListen, match="ENDEAVOUR_HOST or --host"):
            listening_address(dataclasses.replace(settings, host=host))


def test_local_address_is_one_a_client_can_use():
    assert [local_address(each) for each in (ANY, "::", "10.0.0.1")] == ["127.0.0.1", "::1", "10.0.0.1"]
