"""Concurrency limiter: bounds the requests that a worker processes at once, and the bodies that it waits for."""

from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from entrypoints.web.wire.problems import ProblemError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TURN = "endeavour.turn"
# Seconds: long enough for a burst of small requests to be processed, short enough for a client to try another host.
PATIENCE = 0.1
# Each body that stalls holds one of granian's 64 threads: the rest is for requests without a body, and for refusals.
BODIES = 48
MAX_CONCURRENT_REQUESTS = 8


class Turn:
    """One request's right to be processed, which is taken when its body is here, so that slow bodies hold none."""

    __slots__ = ("_bodies", "_free", "_taken")

    def __init__(self, free: BoundedSemaphore, bodies: BoundedSemaphore) -> None:
        self._free, self._bodies, self._taken = free, bodies, False

    def wait_for_body(self) -> None:
        """Count an unread body, or raise `ProblemError` (`overloaded`) if there are too many for `PATIENCE` seconds."""
        if not self._bodies.acquire(timeout=PATIENCE):
            raise ProblemError(503, "overloaded", "too many bodies are on their way; try again")

    def body_is_here(self) -> None:
        """Count the body no longer: it is here, or will never be."""
        self._bodies.release()

    def take(self) -> None:
        """Wait for a turn, or raise `ProblemError` (`overloaded`) after `PATIENCE` seconds."""
        self._taken = self._free.acquire(timeout=PATIENCE)
        if not self._taken:
            raise ProblemError(503, "overloaded", "too many requests at once; try again")

    def give_back(self) -> None:
        """End the turn, if there was one."""
        if self._taken:
            self._free.release()


class ConcurrencyLimiter:
    """A WSGI application around another, in which at most `at_once` requests have their turn."""

    def __init__(self, application: "WSGIApplication", at_once: int) -> None:
        self._application = application
        self._free, self._bodies = BoundedSemaphore(at_once), BoundedSemaphore(BODIES)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on; its turn ends when its answer has been made."""
        turn = environ[TURN] = Turn(self._free, self._bodies)
        try:
            return self._application(environ, start_response)
        finally:
            turn.give_back()


def turn_of(environ: "WSGIEnvironment") -> Turn:
    """Return the turn of the request, which it has not taken yet."""
    turn: Turn = environ[TURN]
    return turn
