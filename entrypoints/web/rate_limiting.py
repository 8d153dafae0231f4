"""Too many requests of one client are refused before anything else of them is looked at."""

import math

from flask import Flask, Request, request

from domain.ports import RateLimit
from entrypoints.web.authentication import OPEN
from entrypoints.web.clients import Clients
from entrypoints.web.facts import facts_of
from entrypoints.web.problems import Refused


def limit_rates(app: Flask, rates: RateLimit, clients: Clients) -> None:
    """Have `app` answer 429 to a client, known by its key or else by its address, that asks more often than it may."""

    @app.before_request
    def count() -> None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        # Load balancers ask whether a server lives as often as they like, from the address that all requests come from.
        if asked.url_rule is not None and asked.url_rule.rule in OPEN:
            return
        key = facts_of(asked.environ).key
        seconds = rates.wait(f"key {key}" if key else f"address {clients.address(asked.environ)}")
        if seconds:
            raise Refused(429, "rate_limited", "too many requests; ask less often", retry_after=math.ceil(seconds))
