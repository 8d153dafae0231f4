"""GET requests with a deadline over the whole conversation, using the standard library alone."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from threading import Thread
from typing import TypeVar
from urllib.parse import urlencode

from adapters.mlflow.access import Access
from adapters.mlflow.route import Route

T = TypeVar("T")

LARGEST_ANSWER = 1024 * 1024
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer; a redirect is returned and not followed."""

    status: int
    body: bytes
    retry_after: float = 0.0
    """Seconds that the server asks the client to wait."""


class Conversation:
    """One connection to one server, used for a few GETs and given up at the deadline.

    Parameters
    ----------
    access : Access
        The way to the server.
    seconds : float
        From now, for everything.
    """

    def __init__(self, access: Access, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._route = Route(access, self._left)
        self._headers = dict(access.headers)
        self._base = access.path
        self._proxy = access.proxy if access.scheme == "http" else None
        if self._proxy:
            self._base = access.origin + access.path
            self._headers |= self._proxy.headers

    def get(self, path: str, **query: str) -> Answer:
        """Return the answer, or raise `OSError`, `HTTPException`, `ValueError` or `OperatorNeeded`."""
        if self._route.sock is None:
            self._route.connect()
        self._route.sock.settimeout(self._left())
        url = f"{self._base}{path}{'?' if query else ''}{urlencode(query)}"
        self._route.request("GET", url, headers=self._headers)
        with self._route.getresponse() as response:  # ends the answer; the connection is kept for the next one
            if self._proxy:
                self._proxy.validate(response.status)
            return Answer(response.status, self._body(response), _seconds(response.getheader("Retry-After")))

    def hang_up(self) -> None:
        """Shut the connection down, also while another thread waits for a byte of it."""
        self._route.shut_down()

    def close(self) -> None:
        """Free the connection."""
        self._route.close()

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _body(self, response: HTTPResponse) -> bytes:
        body = bytearray()
        while chunk := response.read1(65536):
            body += chunk
            self._left()
            if len(body) > LARGEST_ANSWER:
                raise HTTPException(f"its answer is larger than {LARGEST_ANSWER} bytes")
        if response.length:
            raise HTTPException(f"its answer ends {response.length} bytes early")
        return bytes(body)


def within(seconds: float, access: Access, talk: Callable[[Conversation], T]) -> T:
    """Return what `talk` returns, or raise `TimeoutError` after `seconds`.

    `talk` runs in a thread of its own, because looking up a host name cannot be interrupted, and because a server that
    sends a byte now and then never exceeds a socket's time-out.
    """
    conversation = Conversation(access, seconds)
    outcome: Future[T] = Future()
    Thread(target=_run, args=(outcome, conversation, talk), name="plain-http", daemon=True).start()
    try:
        return outcome.result(timeout=seconds)
    finally:
        conversation.hang_up()


def _run(outcome: Future[T], conversation: Conversation, talk: Callable[[Conversation], T]) -> None:
    try:
        outcome.set_result(talk(conversation))
    except BaseException as error:  # it is raised in the thread that waits for the outcome
        outcome.set_exception(error)
    finally:
        conversation.close()


def _seconds(header: str | None) -> float:
    """Return a Retry-After in seconds; one that is a date is as good as none."""
    return float(header) if header and header.isdecimal() and len(header) <= MOST_DIGITS else 0.0
