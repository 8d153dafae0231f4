"""Listening address: resolved and tried before anything is started."""

import errno
import os
import socket

from domain.errors import EndeavourError
from entrypoints.settings import Settings


class CannotListen(EndeavourError):
    """The server cannot listen on the address that the setting `variable` names."""

    def __init__(self, variable: str, address: str, why: str) -> None:
        super().__init__(f"cannot listen on {address}: {why}; set {variable} to another")
        self.variable = variable


def listening_address(settings: Settings) -> str:
    """Return the numeric address to listen on, or raise `CannotListen`.

    granian's workers share the port (SO_REUSEPORT), and so would a second server that was started by mistake. A socket
    that does not share it finds that server.
    """
    family, address = resolved(settings.host, settings.port, "ENDEAVOUR_HOST")
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, settings.port))
        except OSError as error:
            variable = "ENDEAVOUR_HOST" if error.errno == errno.EADDRNOTAVAIL else "ENDEAVOUR_PORT"
            why = os.strerror(error.errno or 0).lower()
            raise CannotListen(variable, f"{settings.host}:{settings.port}", why) from error
    return address


def local_address(address: str) -> str:
    """Return the address at which a client on this host reaches what listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  # compared with, not bound to


def resolved(host: str, port: int, variable: str) -> tuple[socket.AddressFamily, str]:
    """Return the numeric address of `host`, which `variable` names, or raise `CannotListen`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise CannotListen(variable, host, "no such host") from error
    family, _, _, _, place = found[0]
    return family, str(place[0])
