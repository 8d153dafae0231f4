"""Host check: a server without keys that listens on a loopback address answers to the names of this machine only.

A page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding). Its browser then takes this server
for that site and lets the page read every answer. The browser still names the site in the header Host.
"""

from collections.abc import Collection
from functools import lru_cache

from flask import Flask, Request, request

from application.access.active_keys import ActiveKeys
from entrypoints.network import is_local
from entrypoints.web.middleware.authentication import OPEN
from entrypoints.web.wire.problems import ProblemError

CACHED_HOSTS = 256
HOW = "ask for http://localhost, make a key, or set ENDEAVOUR_ALLOW_ANONYMOUS=true to answer to every name"


def reject_unknown_hosts(app: Flask, live: ActiveKeys, names: Collection[str]) -> None:
    """Have `app` answer 421, while there are no keys, to a Host that is neither one of `names` nor a loopback address.

    A request without a Host is answered: every browser sends one. So are the routes that need no key anywhere.
    """

    @lru_cache(CACHED_HOSTS)
    def is_one(host: str) -> bool:
        return is_local(host, names)

    @app.before_request
    def check() -> None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        if is_one(asked.environ.get("HTTP_HOST", "")) or live.ring is not None:
            return
        if asked.url_rule is None or asked.url_rule.rule not in OPEN:
            raise ProblemError(421, "wrong_host", HOW)
