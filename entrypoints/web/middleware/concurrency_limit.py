"""Concurrency limiter: bounds the requests that a worker processes at once, and the bodies that it waits for."""

from collections.abc import Iterable
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Long enough for a burst of small requests to be processed, short enough for a client to try another host.
ACQUIRE_TIMEOUT_SECONDS = 0.1
# Each body that stalls holds one of granian's 64 threads: the rest is for requests without a body, and for refusals.
MAX_UNREAD_BODIES = 48


class Slots:
    """A semaphore; a queue of C takes a tenth of the time of Python's own.

    Parameters
    ----------
    count : int
        Slots that may be taken at once.
    problem : str
        Detail of the error if none is free for `ACQUIRE_TIMEOUT_SECONDS`.
    """

    def __init__(self, count: int, problem: str) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)
        self._problem = problem
        self.release = partial(self._free.put, None)

    def acquire(self) -> None:
        """Take a slot, or raise `ProblemError` (`overloaded`)."""
        try:
            self._free.get(timeout=ACQUIRE_TIMEOUT_SECONDS)
        except Empty:
            raise ProblemError(503, "overloaded", self._problem) from None

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()


class ConcurrencyPermit:
    """One request's permission to be processed; the limiter releases it when the response has been made."""

    __slots__ = ("_bodies", "_is_acquired", "_requests")

    def __init__(self, requests: Slots, bodies: Slots) -> None:
        self._requests, self._bodies, self._is_acquired = requests, bodies, False

    def reading_body(self) -> Slots:
        """Return the context in which the body is read."""
        return self._bodies

    def acquire(self) -> None:
        """Acquire the permit, or raise `ProblemError` (`overloaded`)."""
        self._requests.acquire()
        self._is_acquired = True

    def release(self) -> None:
        """Release the permit if it was acquired."""
        if self._is_acquired:
            self._requests.release()


class ConcurrencyLimiter:
    """A WSGI application around another, in which at most `max_concurrent_requests` hold a permit."""

    def __init__(self, application: "WSGIApplication", max_concurrent_requests: int) -> None:
        self._application = application
        self._requests = Slots(max_concurrent_requests, "too many requests at once; try again")
        self._bodies = Slots(MAX_UNREAD_BODIES, "too many bodies are being read; try again")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on with a permit in its context, and release the permit after the response was made."""
        permit = ConcurrencyPermit(self._requests, self._bodies)
        context_of(environ).permit = permit
        try:
            return self._application(environ, start_response)
        finally:
            permit.release()
