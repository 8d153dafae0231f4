"""Authentication: refuses a request without a sufficient key before its body is read and its path is looked up."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from flask import Flask, Request, request

from application.access.active_keys import ActiveKeys
from domain.access.api_key import Role
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ANY_ROLE = frozenset(Role)
READERS = frozenset({Role.OPERATE, Role.VIEW})

# Probes of orchestrators: exactly these rules, and none below them.
OPEN_RULES = frozenset({"/livez", "/readyz", "/ping", "/v2/health/live", "/v2/health/ready"})

# A browser sends no key for a page. These are the same on every server; their data take a key.
PAGE_RULES = frozenset({"/", "/docs", "/docs/<name>", "/console"})
# The console reads the cookie of a session, and has rules of its own (`entrypoints.web.console.access`).
CONSOLE_RULES = "/console/"

# One of the roles opens a rule and those below it that are not listed themselves. Rules that are not listed are denied.
ROLES: Mapping[str, frozenset[Role]] = {
    "/stream": frozenset({Role.PREDICT}),
    "/batch": frozenset({Role.PREDICT}),
    "/explain": frozenset({Role.PREDICT}),
    "/feedback": frozenset({Role.PREDICT}),
    "/invocations": frozenset({Role.PREDICT}),
    "/v2": frozenset({Role.PREDICT}),
    "/health": READERS | {Role.PREDICT},
    "/model": READERS | {Role.PREDICT},
    "/effects": READERS | {Role.PREDICT},
    "/version": READERS | {Role.PREDICT},
    **dict.fromkeys(("/status", "/changes"), READERS | {Role.PREDICT}),
    "/versions": READERS,
    "/figures": READERS | {Role.PREDICT, Role.METRICS},
    "/drift": READERS | {Role.METRICS},
    "/rollout": READERS,
    **dict.fromkeys(("/rollout/pause", "/rollout/resume", "/rollout/abort"), frozenset({Role.OPERATE})),
    "/rollout/orders": frozenset({Role.OPERATE}),
    "/rollout/orders/<order>": READERS,
    "/metrics": frozenset({Role.METRICS}),
    "/openapi.json": ANY_ROLE,
}

BEARER = "bearer "
REMEDY = "send a key: Authorization: Bearer <id>.<secret>, or X-API-Key: <id>.<secret>"
NO_KEYS = "the server has no keys: `endeavour keys add NAME --role operate` makes one"
CHALLENGE = {"WWW-Authenticate": "Bearer"}


def require_keys(app: Flask, keys: ActiveKeys) -> None:
    """Have `app` refuse requests without a key, except to open rules, once there are any keys."""

    @app.before_request
    def authenticate() -> None:
        ring = keys.ring
        if ring is None:
            return
        # Each access through Flask's proxy costs half a microsecond, and the rest of this function one.
        current: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
        rule = current.url_rule
        roles = ANY_ROLE if rule is None else roles_for(rule.rule)
        if roles is None:
            return
        environ = current.environ
        key = ring.authenticate(presented_key(environ))
        if key is None:
            raise ProblemError(401, "unauthorized", REMEDY, headers=CHALLENGE)
        context = context_of(environ)
        context.key, context.may_operate = key.id, Role.OPERATE in key.roles
        if roles.isdisjoint(key.roles):
            raise _forbidden(roles)


@cache
def roles_for(rule: str) -> frozenset[Role] | None:
    """Return the roles of which one is needed for a rule of the URL map, None if the rule is open."""
    if rule in OPEN_RULES or rule in PAGE_RULES or rule.startswith(CONSOLE_RULES):
        return None
    steps = rule.split("/")
    above = ("/".join(steps[:count]) for count in range(len(steps), 1, -1))
    return next((ROLES[path] for path in above if path in ROLES), frozenset())


def presented_key(environ: "WSGIEnvironment") -> str:
    """Return the key of a request, empty if it has none or two different ones.

    A header that was sent twice arrives as one with a comma, which no key has.
    """
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    plain: str = environ.get("HTTP_X_API_KEY", "")
    if header[: len(BEARER)].lower() != BEARER:
        return plain
    token = header[len(BEARER) :].strip()
    return token if plain in ("", token) else ""


def orderer(keys: ActiveKeys, key_id: str | None) -> str:
    """Return how the ledger names the client of a request with this key; raise `ProblemError` if there are no keys."""
    key = keys.ring.find(key_id) if keys.ring and key_id else None
    if key is None:
        raise ProblemError(403, "orders_need_keys", NO_KEYS)
    return f"{key.name} (key {key.id})"


def _forbidden(roles: frozenset[Role]) -> ProblemError:
    needed = " or ".join(sorted(roles)) or "that does not exist"
    return ProblemError(403, "forbidden", f"this takes a key with the role {needed}")
