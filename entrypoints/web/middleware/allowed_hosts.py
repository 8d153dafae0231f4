"""Host check: a server without keys on a loopback address answers only to names of its own machine.

A page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding). Its browser then takes this server
for that site and lets the page read every response. The browser still sends the name of the site in the header Host.
"""

from collections.abc import Collection
from functools import lru_cache

from flask import Flask, Request, request

from application.access.active_keys import ActiveKeys
from entrypoints.network import is_local
from entrypoints.web.middleware.authentication import OPEN_RULES
from entrypoints.web.wire.problems import ProblemError

MAX_CACHED_HOSTS = 256
REMEDY = "ask for http://localhost, make a key, or set ENDEAVOUR_ALLOW_ANONYMOUS=true to answer to every name"


def reject_unknown_hosts(app: Flask, keys: ActiveKeys, names: Collection[str]) -> None:
    """Have `app` answer 421, while there are no keys, to a Host that is neither one of `names` nor a loopback address.

    A request of HTTP/1.0 without a Host is answered, because every browser speaks a later protocol and sends one. The
    Host is empty, too, if it is no ASCII text. Open rules are answered under every name.
    """

    @lru_cache(MAX_CACHED_HOSTS)
    def is_own(host: str) -> bool:
        return is_local(host, names)

    @app.before_request
    def check() -> None:
        current: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        host, protocol = current.environ.get("HTTP_HOST", ""), current.environ["SERVER_PROTOCOL"]
        if keys.ring is not None or (is_own(host) if host else protocol == "HTTP/1.0"):
            return
        if current.url_rule is None or current.url_rule.rule not in OPEN_RULES:
            raise ProblemError(421, "wrong_host", REMEDY)
