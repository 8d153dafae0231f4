import dataclasses
import socket

import pytest

from entrypoints.serving.address import CannotListen, listening_address, local_address
from entrypoints.settings import Settings
from tests.entrypoints.serving.program import free_port


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.delenv("ENDEAVOUR_HOST", raising=False)
    return dataclasses.replace(Settings.from_environment(), port=free_port())


def test_free_port_is_taken_under_its_numeric_address(settings):
    assert listening_address(settings) == "127.0.0.1"
    assert listening_address(dataclasses.replace(settings, host="0.0.0.0")) == "0.0.0.0"  # noqa: S104  # it is tried


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104  # it is tried
def test_taken_port_is_named_even_if_its_holder_would_share(settings, host, shared):
    with socket.socket() as holder:
        if shared:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", settings.port))
        holder.listen()

        with pytest.raises(CannotListen, match="ENDEAVOUR_PORT") as caught:
            listening_address(dataclasses.replace(settings, host=host))

    assert str(settings.port) in str(caught.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "a" * 100])
def test_address_of_another_host_is_named(settings, host):
    with pytest.raises(CannotListen, match="ENDEAVOUR_HOST"):
        listening_address(dataclasses.replace(settings, host=host))


@pytest.mark.parametrize(("listening", "local"), [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.1", "10.0.0.1")])  # noqa: S104  # compared with
def test_local_address_is_one_a_client_can_use(listening, local):
    assert local_address(listening) == local
