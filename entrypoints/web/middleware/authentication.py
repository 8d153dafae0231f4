"""Keys and roles: a request without a sufficient key is refused before its body is read and its path looked up."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request

from application.access.active_keys import ActiveKeys
from domain.access.api_key import Role
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ANY = frozenset(Role)

# Probes of orchestrators: exactly these rules, and nothing below them.
OPEN = frozenset({"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready"})

# A browser shows no key for a page. Index and page are the same on every server; their data take a key.
PAGE = frozenset({"/", "/docs", "/docs/<name>"})

# One of the roles opens a rule and those below it that are not listed themselves. Rules that are not listed are denied.
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


def ask_for_keys(app: Flask, live: ActiveKeys) -> None:
    """Have `app` refuse requests without a key, except to open rules, once there are any keys."""

    @app.before_request
    def check() -> Response | None:
        ring = live.ring
        if ring is None:
            return None
        # Each access through Flask's proxy costs half a microsecond, and the rest of this function one.
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        rule = asked.url_rule
        roles = ANY if rule is None else roles_for(rule.rule)
        if roles is None:
            return None
        environ = asked.environ
        key = ring.authenticate(presented(environ))
        if key is None:
            return _unauthorized()
        context_of(environ).key = key.id
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
    """Return the key of a request, empty if it has none or two different ones.

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
    return problem(
        403, "forbidden", f"this takes a key with the role {' or '.join(sorted(roles)) or 'that does not exist'}"
    )
