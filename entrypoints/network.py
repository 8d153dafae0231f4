"""Addresses: the one to listen on, tried before anything is started, and those that reach this machine only."""

import errno
import os
import socket
from collections.abc import Collection
from ipaddress import ip_address

from domain.errors import EndeavourError
from entrypoints.settings import Settings

OPTIONS = {"ENDEAVOUR_HOST": " or --host", "ENDEAVOUR_PORT": " or --port"}


class CannotListen(EndeavourError):
    """The server cannot listen on the address that the setting `variable` names."""

    def __init__(self, variable: str, address: str, why: str) -> None:
        also = OPTIONS.get(variable, "")
        super().__init__(f"cannot listen on {address}: {why}; set {variable}{also} to another")
        self.variable = variable


def listening_address(settings: Settings) -> str:
    """Return the numeric address to listen on, or raise `CannotListen`.

    granian's workers share the port (SO_REUSEPORT), and so would a second server that was started by mistake. A socket
    that does not share the port finds that server.
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


def resolved(host: str, port: int, variable: str) -> tuple[socket.AddressFamily, str]:
    """Return the numeric address of `host`, which the setting `variable` names, or raise `CannotListen`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise CannotListen(variable, host, "no such host") from error
    family, _, _, _, address = found[0]
    return family, str(address[0])


def local_address(address: str) -> str:
    """Return the address at which a client on this machine reaches what listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  # compared with, not bound to


def is_loopback(address: str) -> bool:
    """Return whether `address` is a numeric address that only this machine reaches."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def is_local(host: str, names: Collection[str]) -> bool:
    """Return whether a header Host is empty, a loopback address or one of `names`, with any port.

    A page of another site cannot have its browser send such a header.
    """
    name = _without_port(host).lower()
    return not host or name in names or is_loopback(name)


def _without_port(host: str) -> str:
    """Return the name or address in a header Host: `[::1]:8000` becomes `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")
