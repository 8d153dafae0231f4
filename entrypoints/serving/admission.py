"""Whom the server will answer, decided before anything is started."""

import dataclasses
import ipaddress
import logging
from collections.abc import Mapping

from domain.errors import EndeavourError
from domain.ports import KeyStore
from entrypoints.settings import Settings, WrongSetting

log = logging.getLogger(__name__)

# What programs send their requests through; no header that anything here looks at.
HARMLESS = "HTTP_PROXY"


class NoKeys(EndeavourError):
    """Strangers could reach the server, and there is no key that it could ask for."""

    def __init__(self, address: str, place: str) -> None:
        super().__init__(
            f"others can reach {address}, and there is no key in {place}: make one with `endeavour keys add NAME`, "
            "or say with --allow-anonymous that everybody may predict"
        )
        self.address, self.place = address, place


def decide_on_keys(settings: Settings, address: str, store: KeyStore) -> Settings:
    """Return the settings with `allow_anonymous` as it will be, or raise `NoKeys`.

    A key file that exists is asked for everywhere, also when the last key in it has been revoked: only somebody who
    removes it can open the server again, and must start it anew. Without one, everybody is served on a loopback
    address, and elsewhere if the settings say so; where a file has been named that is not there, a warning says it,
    since a proxy on this host may let in strangers.
    """
    ring = store.ring()
    if not settings.allow_anonymous and not (ring and ring.keys) and not is_loopback(address):
        raise NoKeys(address, str(settings.keys))
    anonymous = ring is None
    if anonymous and (settings.keys_are_named or not is_loopback(address)):
        log.warning("everybody_may_predict", extra={"address": address, "no_keys_in": str(settings.keys)})
    return dataclasses.replace(settings, allow_anonymous=anonymous)


def host_names(settings: Settings, address: str) -> frozenset[str]:
    """Return the names that a request's Host may have beside loopback addresses; an empty set allows every name.

    Parameters
    ----------
    settings : Settings
        As the operator made them: with `allow_anonymous`, every name is allowed.
    address : str
        The numeric address that the server listens on. On a public one, its names are not known.
    """
    if settings.allow_anonymous or not is_loopback(address):
        return frozenset()
    return frozenset({"localhost", settings.host.lower()})


def refuse_header_variables(environment: Mapping[str, str]) -> None:
    """Raise `WrongSetting` if a variable is named as WSGI names a request's header.

    Workers clear their environment, and this does not depend on it: a server that shows its variables to the
    application, as granian does, would find a client's key in HTTP_X_API_KEY=… that no client has sent.
    """
    for name in sorted(environment):
        if name.startswith("HTTP_") and name != HARMLESS:
            raise WrongSetting(f"{name} could pass for a header of every request: unset it before serving")


def is_loopback(address: str) -> bool:
    """Tell whether only this machine can reach `address`, which is numeric."""
    return ipaddress.ip_address(address).is_loopback
