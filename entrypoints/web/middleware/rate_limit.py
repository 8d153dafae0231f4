"""Rate limit: answers 429 to a client's request beyond its rate, before the body is read."""

import math

from flask import Flask, Request, request

from adapters.shared_memory.rate_limit import HostRateLimit
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.authentication import OPEN
from entrypoints.web.middleware.client_address import Clients
from entrypoints.web.wire.problems import ProblemError

# A proxy checks the key of a long body by GET /version, and the body's own request is counted.
UNCOUNTED = OPEN | {"/version"}


def limit_rates(app: Flask, rates: HostRateLimit, clients: Clients) -> None:
    """Have `app` answer 429 to a client beyond its rate; a client is its key, else its address."""

    @app.before_request
    def count() -> None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        # Probes of load balancers come from the address that all requests come from.
        if asked.url_rule is not None and asked.url_rule.rule in UNCOUNTED:
            return
        key = context_of(asked.environ).key
        seconds = rates.wait(f"key {key}" if key else f"address {clients.address(asked.environ)}")
        if seconds:
            raise ProblemError(429, "rate_limited", "too many requests; ask less often", retry_after=math.ceil(seconds))
