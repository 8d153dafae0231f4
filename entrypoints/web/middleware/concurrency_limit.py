"""Concurrency limiter: bounds the requests that a worker processes at once, and the bodies that it waits for."""

from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Long enough for a burst of small requests to be processed, short enough for a client to try another host.
ACQUIRE_TIMEOUT_SECONDS = 0.1
# Each body that stalls holds one of granian's 64 threads: the rest is for requests without a body, and for refusals.
MAX_UNREAD_BODIES = 48


class BodySlots:
    """Bound of the bodies that are being read; to enter may raise `ProblemError` (`overloaded`)."""

    def __init__(self) -> None:
        self._slots = BoundedSemaphore(MAX_UNREAD_BODIES)

    def __enter__(self) -> None:
        if not self._slots.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS):
            raise ProblemError(503, "overloaded", "too many bodies are being read; try again")

    def __exit__(self, *_: object) -> None:
        self._slots.release()


class ConcurrencyPermit:
    """One request's permission to be processed; the limiter releases it when the response has been made."""

    __slots__ = ("_bodies", "_is_acquired", "_permits")

    def __init__(self, permits: BoundedSemaphore, bodies: BodySlots) -> None:
        self._permits, self._bodies, self._is_acquired = permits, bodies, False

    def reading_body(self) -> BodySlots:
        """Return the context in which the body is read."""
        return self._bodies

    def acquire(self) -> None:
        """Acquire the permit, or raise `ProblemError` (`overloaded`) after `ACQUIRE_TIMEOUT_SECONDS`."""
        self._is_acquired = self._permits.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS)
        if not self._is_acquired:
            raise ProblemError(503, "overloaded", "too many requests at once; try again")

    def release(self) -> None:
        """Release the permit if it was acquired."""
        if self._is_acquired:
            self._permits.release()


class ConcurrencyLimiter:
    """A WSGI application around another, in which at most `max_concurrent_requests` hold a permit."""

    def __init__(self, application: "WSGIApplication", max_concurrent_requests: int) -> None:
        self._application = application
        self._permits, self._bodies = BoundedSemaphore(max_concurrent_requests), BodySlots()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on with a permit in its context, and release the permit after the response was made."""
        permit = ConcurrencyPermit(self._permits, self._bodies)
        context_of(environ).permit = permit
        try:
            return self._application(environ, start_response)
        finally:
            permit.release()
