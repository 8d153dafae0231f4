"""Host check: a server without keys that listens on a loopback address answers to the names of this machine only.

A page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding). Its browser then takes this server
for that site and lets the page read every answer. The browser still names the site in the header Host.
"""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

from flask import Flask, Request, request

from application.live_keys import LiveKeys
from entrypoints.web.authentication import OPEN
from entrypoints.web.problems import Refused

CACHED_HOSTS = 256
HOW = "ask for http://localhost, make a key, or start the server with --allow-anonymous to answer to other names"


def refuse_other_hosts(app: Flask, live: LiveKeys, names: Collection[str]) -> None:
    """Have `app` answer 421, while there are no keys, to a Host that is neither one of `names` nor a loopback address.

    A request without a Host is answered: every browser sends one. So are the routes that need no key anywhere.
    """

    @lru_cache(CACHED_HOSTS)
    def is_local(host: str) -> bool:
        name = _without_port(host).lower()
        return not host or name in names or _is_loopback(name)

    @app.before_request
    def check() -> None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        if is_local(asked.environ.get("HTTP_HOST", "")) or live.ring is not None:
            return
        if asked.url_rule is None or asked.url_rule.rule not in OPEN:
            raise Refused(421, "wrong_host", HOW)


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
