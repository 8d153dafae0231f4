"""Where the server listens, found out before anything is started."""

import errno
import os
import socket

from domain.errors import EndeavourError
from entrypoints.settings import Settings


class CannotListen(EndeavourError):
    """The server cannot be reached under the address that the settings name."""

    def __init__(self, variable: str, address: str, why: str) -> None:
        super().__init__(f"cannot listen on {address}: {why}; set {variable} to another")
        self.variable, self.address, self.why = variable, address, why


def listening_address(settings: Settings) -> str:
    """Return the numeric address to listen on, or raise `CannotListen` if that can't be done.

    granian's workers share the port (SO_REUSEPORT), and so would a second server that was started by mistake: each
    would get half of the requests. A socket that doesn't share finds out.
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
    """Return where a client on this host finds what listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  # compared with, not bound to


def resolved(host: str, port: int, variable: str) -> tuple[socket.AddressFamily, str]:
    """Return the numeric address of `host`, which `variable` names, or raise `CannotListen`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise CannotListen(variable, host, "no such host") from error
    family, _, _, _, place = found[0]
    return family, str(place[0])
