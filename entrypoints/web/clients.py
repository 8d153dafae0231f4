"""Who asks, where no key says so: an address that the client cannot choose."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Network = IPv4Network | IPv6Network
# A chain of proxies is a few addresses long.
LONGEST_CHAIN = 512
# One customer of a provider has so many bits of an IPv6 address for herself.
HOST_BITS = 64
REMEMBERED = 4096
UNKNOWN = "unknown"


class Clients:
    """Tells the address of a request's client.

    Parameters
    ----------
    trusted : sequence of networks
        Where our own proxies are. What one of them says in `X-Forwarded-For` counts, from the right, up to the first
        address that is none of them; what anybody else says does not.
    """

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._resolved = lru_cache(REMEMBERED)(self._resolve)

    def address(self, environ: "WSGIEnvironment") -> str:
        """Return the client's address, of IPv6 the network's."""
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if self._trusted else ""
        return self._resolved(environ.get("REMOTE_ADDR", ""), forwarded if len(forwarded) <= LONGEST_CHAIN else "")

    def _resolve(self, peer: str, forwarded: str) -> str:
        client = _parsed(peer)
        hops = reversed(forwarded.split(",")) if forwarded else iter(())
        while client is not None and self._is_ours(client):
            named = _parsed(next(hops, "").strip())
            if named is None:
                break
            client = named
        return _network(client) if client else UNKNOWN

    def _is_ours(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: IPv4Address | IPv6Address) -> str:
    if address.version == 4:  # noqa: PLR2004  # of the protocol
        return str(address)
    return str(ip_network((address, HOST_BITS), strict=False))
