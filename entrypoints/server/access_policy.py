"""Access policy: the clients and host names that a server will answer, resolved before it starts."""

import dataclasses
import logging
from collections.abc import Mapping

from domain.errors import EndeavourError
from domain.ports import KeyStore
from entrypoints.network import is_loopback
from entrypoints.settings import ConfigurationError, Settings

log = logging.getLogger(__name__)

# The proxy of programs; the application reads no header of that name.
HARMLESS = "HTTP_PROXY"


class NoApiKeys(EndeavourError):
    """Other hosts could reach the server, and requests would need no key."""

    def __init__(self, address: str, place: str) -> None:
        super().__init__(
            f"other hosts can reach {address}, and there is no key in {place}: add one with `endeavour keys add NAME`, "
            "or serve every client with ENDEAVOUR_ALLOW_ANONYMOUS=true"
        )


def resolve_anonymous_access(settings: Settings, address: str, store: KeyStore) -> Settings:
    """Return the settings with `allow_anonymous` true if there is no key file, or raise `NoApiKeys`.

    An existing key file requires a key of every request, also after its last key was revoked. Without the file, clients
    of a loopback address are served; others are if the settings allow it, which logs a warning. A named file that is
    missing logs one too, because a proxy on this host may pass on requests of other hosts.
    """
    ring = store.ring()
    if not settings.allow_anonymous and not (ring and ring.keys) and not is_loopback(address):
        raise NoApiKeys(address, str(settings.api_keys_file))
    anonymous = ring is None
    if anonymous and (settings.keys_are_named or not is_loopback(address)):
        log.warning("anonymous_access_enabled", extra={"address": address, "no_keys_in": str(settings.api_keys_file)})
    return dataclasses.replace(settings, allow_anonymous=anonymous)


def host_names(settings: Settings, address: str) -> frozenset[str]:
    """Return the names that a header Host may have beside loopback addresses; an empty set allows every name.

    Parameters
    ----------
    settings : Settings
        As the operator set them.
    address : str
        The numeric address at which clients reach the server.
    """
    if settings.allow_anonymous or not is_loopback(address):
        return frozenset()
    return frozenset({"localhost", settings.host.lower()})


def reject_http_env_vars(environment: Mapping[str, str]) -> None:
    """Raise `ConfigurationError` if a variable has the name of a request header in WSGI.

    granian copies variables into requests, so that HTTP_X_API_KEY=… would pass for a client's key.
    """
    for name in sorted(environment):
        if name.startswith("HTTP_") and name != HARMLESS:
            raise ConfigurationError(f"{name} could pass for a header of every request: unset it before serving")
