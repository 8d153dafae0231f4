"""Names of this machine in the header Host, which a page of another site cannot have its browser send."""

from collections.abc import Collection
from ipaddress import ip_address


def is_local(host: str, names: Collection[str]) -> bool:
    """Return whether `host` is empty, or names one of `names` or a loopback address; a port does not matter."""
    name = _without_port(host).lower()
    return not host or name in names or _is_loopback(name)


def _without_port(host: str) -> str:
    """Return the name or address in a header Host: `[::1]:8000` becomes `::1`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
