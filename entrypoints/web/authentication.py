"""Who may ask what: every request shows a key before its body is read and before it learns what exists."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request

from application.live_keys import LiveKeys
from domain.api_key import Role
from entrypoints.web.facts import facts_of
from entrypoints.web.problems import problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ANY = frozenset(Role)

# The words that orchestrators ask for: exactly these rules, and nothing below them.
OPEN = frozenset({"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready"})

# A browser shows no key for a page. Index and page are the same on every server; their data take a key.
PAGE = frozenset({"/", "/docs", "/docs/<name>"})

# Whoever has one of the roles may use a rule and what is below it, unless the table knows that better. A rule that is
# not here opens to nobody.
ROLES: Mapping[str, frozenset[Role]] = {
    "/stream": frozenset({Role.PREDICT}),
    "/batch": frozenset({Role.PREDICT}),
    "/invocations": frozenset({Role.PREDICT}),
    "/v2": frozenset({Role.PREDICT}),
    "/health": frozenset({Role.PREDICT, Role.OPERATE}),
    "/model": frozenset({Role.PREDICT, Role.OPERATE}),
    "/version": frozenset({Role.PREDICT, Role.OPERATE}),
    "/metrics": frozenset({Role.METRICS}),
    "/openapi.json": ANY,
}

BEARER = "bearer "
HOW = "send a key: Authorization: Bearer <id>.<secret>, or X-API-Key: <id>.<secret>"


def ask_for_keys(app: Flask, live: LiveKeys) -> None:
    """Have `app` answer nothing but what is open to those who show no key, once there are any."""

    @app.before_request
    def check() -> Response | None:
        ring = live.ring
        if ring is None:
            return None
        # Each look through Flask's proxy costs half a microsecond, and all else here one.
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        rule = asked.url_rule
        roles = ANY if rule is None else roles_for(rule.rule)
        if roles is None:
            return None
        environ = asked.environ
        key = ring.holder(presented(environ))
        if key is None:
            return _unauthorized()
        facts_of(environ).key = key.id
        return _forbidden(roles) if roles.isdisjoint(key.roles) else None


@cache
def roles_for(rule: str) -> frozenset[Role] | None:
    """Return the roles of which one is needed for a rule of the URL map, None if the rule is open."""
    if rule in OPEN or rule in PAGE:
        return None
    steps = rule.split("/")
    above = ("/".join(steps[:count]) for count in range(len(steps), 1, -1))
    return next((ROLES[path] for path in above if path in ROLES), frozenset())


def presented(environ: "WSGIEnvironment") -> str:
    """Return the key that a request shows, nothing if it shows none or two different ones.

    A header that was sent twice arrives as one with a comma, which no key has.
    """
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    plain: str = environ.get("HTTP_X_API_KEY", "")
    if header[: len(BEARER)].lower() != BEARER:
        return plain
    token = header[len(BEARER) :].strip()
    return token if plain in ("", token) else ""


def _unauthorized() -> Response:
    response = problem(401, "unauthorized", HOW)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _forbidden(roles: frozenset[Role]) -> Response:
    return problem(403, "forbidden", f"this takes a key with the role {' or '.join(sorted(roles)) or 'of nobody'}")
