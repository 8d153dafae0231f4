"""Admission: which clients and host names the server will answer, decided before it starts."""

import dataclasses
import logging
from collections.abc import Mapping

from domain.errors import EndeavourError
from domain.ports import KeyStore
from entrypoints.network import is_loopback
from entrypoints.settings import ConfigurationError, Settings

log = logging.getLogger(__name__)

# A proxy for programs, and no header that the application reads.
HARMLESS = "HTTP_PROXY"


class NoApiKeys(EndeavourError):
    """Other hosts could reach the server, and it would need no key."""

    def __init__(self, address: str, place: str) -> None:
        super().__init__(
            f"others can reach {address}, and there is no key in {place}: make one with `endeavour keys add NAME`, "
            "or let every client predict with ENDEAVOUR_ALLOW_ANONYMOUS=true"
        )


def resolve_anonymous_access(settings: Settings, address: str, store: KeyStore) -> Settings:
    """Return the settings with `allow_anonymous` true if there is no key file, or raise `NoApiKeys`.

    A key file that exists makes every request need a key, also if its last key was revoked. Without one, clients of a
    loopback address are served, and others if the settings allow it. A warning is logged for others, and for a key file
    that was named and is missing, because a proxy on this host may pass on requests of others.
    """
    ring = store.ring()
    if not settings.allow_anonymous and not (ring and ring.keys) and not is_loopback(address):
        raise NoApiKeys(address, str(settings.api_keys_file))
    anonymous = ring is None
    if anonymous and (settings.keys_are_named or not is_loopback(address)):
        log.warning("anonymous_access_enabled", extra={"address": address, "no_keys_in": str(settings.api_keys_file)})
    return dataclasses.replace(settings, allow_anonymous=anonymous)


def host_names(settings: Settings, address: str) -> frozenset[str]:
    """Return the names beside loopback addresses that a header Host may have; an empty set allows every name.

    `settings` are the operator's, and `address` is the numeric one that the server listens on.
    """
    if settings.allow_anonymous or not is_loopback(address):
        return frozenset()
    return frozenset({"localhost", settings.host.lower()})


def reject_http_env_vars(environment: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` if a variable has a name that WSGI gives to a header of a request.

    A server that copies variables into requests, as granian does, would take HTTP_X_API_KEY=… for a client's key.
    """
    for name in sorted(environment):
        if name.startswith("HTTP_") and name != HARMLESS:
            raise ConfigurationError(f"{name} could pass for a header of every request: unset it before serving")
