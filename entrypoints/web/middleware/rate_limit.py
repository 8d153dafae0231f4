"""Rate limit: answers 429 to a client's request beyond its rate, before the body is read."""

import math

from flask import Flask, Request, request

from adapters.shared_memory.rate_limit import HostRateLimit
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.authentication import OPEN_RULES
from entrypoints.web.middleware.client_address import ClientAddressResolver
from entrypoints.web.wire.problems import ProblemError

# A proxy checks the key of a long body by GET /version, and the body's own request is counted.
UNCOUNTED_RULES = OPEN_RULES | {"/version"}


def limit_rate(app: Flask, rate_limit: HostRateLimit, addresses: ClientAddressResolver) -> None:
    """Have `app` answer 429 to a client beyond its rate; a client is its key, else its address."""

    @app.before_request
    def count() -> None:
        current: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        # Probes of load balancers come from the address that all requests come from.
        if current.url_rule is not None and current.url_rule.rule in UNCOUNTED_RULES:
            return
        key = context_of(current.environ).key
        seconds = rate_limit.wait(f"key {key}" if key else f"address {addresses.resolve(current.environ)}")
        if seconds:
            retry = {"Retry-After": str(math.ceil(seconds))}
            raise ProblemError(429, "rate_limited", "too many requests; ask less often", headers=retry)
