"""Client address: identifies the client of a request without a key by an address that the client cannot choose."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Network = IPv4Network | IPv6Network
# A chain of proxies is a few addresses long. Of a longer header the right end counts, which our own proxies wrote.
MAX_CHAIN_CHARACTERS = 512
# One customer of a provider has so many bits of an IPv6 address for herself.
HOST_BITS = 64
REMEMBERED = 4096
UNKNOWN = "unknown"


class Clients:
    """Finds the address of a request's client.

    Parameters
    ----------
    trusted : sequence of networks
        The networks of our own proxies. `X-Forwarded-For` is read from the right up to the first address outside of
        them, and only if the peer is one of them.
    """

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._resolved = lru_cache(REMEMBERED)(self._resolve)

    def address(self, environ: "WSGIEnvironment") -> str:
        """Return the client's IPv4 address or IPv6 network; `unknown` if the server has no address of its peer."""
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if self._trusted else ""
        return self._resolved(environ.get("REMOTE_ADDR", ""), forwarded[-MAX_CHAIN_CHARACTERS:])

    def _resolve(self, peer: str, forwarded: str) -> str:
        client = _parsed(peer)
        hops = (hop for hop in reversed(forwarded.split(",")) if hop.strip())
        while client is not None and self._is_ours(client):
            named = _parsed(_without_port(next(hops, "").strip()))
            if named is None:
                break
            client = named
        return _network(client) if client else UNKNOWN

    def _is_ours(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _without_port(node: str) -> str:
    """Return the address of a node written as in RFC 7239, section 6: `192.0.2.1:80`, `[2001:db8::1]:80`."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node


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
