"""Client address: identifies the client of a request without a key by an address that the client cannot choose."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
# A chain of proxies is a few addresses long. Of a longer header the right end counts, which our own proxies wrote.
MAX_CHAIN_CHARACTERS = 512
# A provider gives each customer so many bits of an IPv6 address.
CUSTOMER_PREFIX_BITS = 64
MAX_CACHED_ADDRESSES = 4096
UNKNOWN = "unknown"


class ClientAddressResolver:
    """Resolves the address of a request's client.

    Parameters
    ----------
    trusted : sequence of networks
        Networks of our own proxies. `X-Forwarded-For` is read only if the peer is in one of them, from the right up to
        the first address outside of them.
    """

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._cached_resolve = lru_cache(MAX_CACHED_ADDRESSES)(self._resolve)

    def resolve(self, environ: "WSGIEnvironment") -> str:
        """Return the client's IPv4 address or IPv6 network, `unknown` if the peer has no address."""
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if self._trusted else ""
        return self._cached_resolve(environ.get("REMOTE_ADDR", ""), forwarded[-MAX_CHAIN_CHARACTERS:])

    def is_encrypted(self, environ: "WSGIEnvironment") -> bool:
        """Return whether the client sent its request by TLS: to this server, or to a trusted proxy that notes it."""
        if environ.get("wsgi.url_scheme") == "https":
            return True
        peer = _parse(environ.get("REMOTE_ADDR", ""))
        is_trusted = peer is not None and any(peer in network for network in self._trusted)
        return is_trusted and environ.get("HTTP_X_FORWARDED_PROTO") == "https"

    def _resolve(self, peer: str, forwarded: str) -> str:
        client, hops = _parse(peer), _hops(forwarded)
        while client and any(client in network for network in self._trusted) and (named := next(hops, None)):
            client = named
        if client is None:
            return UNKNOWN
        return str(
            client if isinstance(client, IPv4Address) else ip_network((client, CUSTOMER_PREFIX_BITS), strict=False)
        )


def _hops(forwarded: str) -> Iterator[Address | None]:
    """Yield the addresses from right to left, None for each node that is not an address.

    A node may be written as in RFC 7239, section 6: `192.0.2.1:80`, `[2001:db8::1]:80`.
    """
    for node in reversed([each.strip() for each in forwarded.split(",") if each.strip()]):
        if node.startswith("["):
            yield _parse(node[1:].partition("]")[0])
        else:
            yield _parse(node.partition(":")[0] if node.count(":") == 1 else node)


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
