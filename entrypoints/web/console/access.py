"""Access to the console: the cookie of a session, signing in and out, and refused keys."""

import logging
from typing import TYPE_CHECKING

from werkzeug.http import dump_cookie, parse_cookie

from adapters.shared_memory.rate_limit import HostRateLimit
from application.access.active_keys import ActiveKeys
from application.access.active_sessions import ActiveSessions
from domain.access.session import SECONDS
from entrypoints.observability.request_context import context_of
from entrypoints.web.console.visitor import ENVIRON_KEY, Visitor
from entrypoints.web.middleware.authentication import presented_key
from entrypoints.web.middleware.client_address import ClientAddressResolver

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = logging.getLogger(__name__)

COOKIE = "endeavour_console"


class ConsoleAccess:
    """Find out who asks for a page, and begin and end sessions.

    Parameters
    ----------
    keys : ActiveKeys
    sessions : ActiveSessions
    addresses : ClientAddressResolver
    refusals : HostRateLimit
        Counts the refused keys of an address.
    """

    def __init__(
        self, keys: ActiveKeys, sessions: ActiveSessions, addresses: ClientAddressResolver, refusals: HostRateLimit
    ) -> None:
        self._keys, self._sessions, self._addresses, self._refusals = keys, sessions, addresses, refusals

    def note_visitor(self, environ: "WSGIEnvironment") -> Visitor | None:
        """Return who asks, None if that is not known; `visitor_of` returns the same from now on."""
        visitor = self._visitor(environ)
        environ[ENVIRON_KEY] = visitor
        if visitor and visitor.key:
            context_of(environ).key = visitor.key.id
        return visitor

    def _visitor(self, environ: "WSGIEnvironment") -> Visitor | None:
        ring = self._keys.ring
        if ring is None:
            return Visitor()
        if presented := presented_key(environ):
            key = ring.authenticate(presented)
            return Visitor(key) if key else None
        session = self._sessions.find(parse_cookie(environ).get(COOKIE, ""))
        return Visitor(session.key, self._sessions.proof(session)) if session else None

    def is_proven(self, environ: "WSGIEnvironment", presented: str) -> bool:
        """Return whether a form holds the proof of the session of its request."""
        session = self._sessions.find(parse_cookie(environ).get(COOKIE, ""))
        return session is not None and self._sessions.is_proven(session, presented)

    def waiting_seconds(self, environ: "WSGIEnvironment") -> float:
        """Return the seconds until the address of the client may present a key, 0 if it may now."""
        return self._refusals.peek(self._client(environ))

    def begin(self, environ: "WSGIEnvironment", presented: str) -> str | None:
        """Return the header Set-Cookie of a new session, None if `presented` is no valid key."""
        begun = self._sessions.begin(presented.strip())
        if begun is None:
            self._refusals.wait(self._client(environ))
            log.warning("sign_in_refused", extra={"address": self._addresses.resolve(environ)})
            return None
        session, cookie = begun
        log.info("signed_in", extra={"key": session.key.id, "address": self._addresses.resolve(environ)})
        return self._header(environ, cookie, SECONDS)

    def ended(self, environ: "WSGIEnvironment") -> str:
        """Return the header Set-Cookie that removes the cookie."""
        return self._header(environ, "", 0)

    def _client(self, environ: "WSGIEnvironment") -> str:
        return f"refused keys of {self._addresses.resolve(environ)}"

    def _header(self, environ: "WSGIEnvironment", value: str, seconds: int) -> str:
        # Without a path, a browser sends it to the folder of the console alone, below any prefix.
        secure = self._addresses.is_encrypted(environ)
        return dump_cookie(COOKIE, value, max_age=seconds, path=None, httponly=True, samesite="Strict", secure=secure)
