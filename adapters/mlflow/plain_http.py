"""GET requests with a deadline over the whole conversation, using the standard library alone."""

import base64
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Thread
from typing import TypeVar
from urllib.parse import unquote, urlencode, urlsplit

T = TypeVar("T")

LARGEST_ANSWER = 1024 * 1024
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; a redirect is an answer like any other and is not followed."""

    status: int
    body: bytes
    retry_after: float = 0.0
    """Seconds that the server asks to be left alone for."""


class Conversation:
    """One connection to one server, used for a few GETs and given up at the deadline.

    Parameters
    ----------
    uri : str
        http or https, possibly with a path that every request is put under.
    authorization : str or None
        The header of that name.
    seconds : float
        From now, for everything.
    """

    def __init__(self, uri: str, authorization: str | None, seconds: float) -> None:
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("its address is not http://host:port or https://host:port")
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = connect(parts.hostname, parts.port)
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": authorization} if authorization else {}
        self._end = time.monotonic() + seconds
        self._socket: socket.socket | None = None

    def get(self, path: str, **query: str) -> Answer:
        """Return the answer, or raise `OSError`, `HTTPException` or `ValueError`."""
        self._connect()
        url = f"{self._base}{path}{'?' if query else ''}{urlencode(query)}"
        self._connection.request("GET", url, headers=self._headers)
        with self._connection.getresponse() as response:  # ends the answer; the connection is kept for the next one
            return Answer(response.status, self._body(response), _seconds(response.getheader("Retry-After")))

    def hang_up(self) -> None:
        """End the conversation, also from another thread while this one waits for a byte."""
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Free the connection."""
        self._connection.close()

    def _connect(self) -> None:
        if self._connection.sock is None:
            self._connection.timeout = self._left()
            self._connection.connect()
            self._socket = self._connection.sock
        self._connection.sock.settimeout(self._left())

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


def within(seconds: float, uri: str, authorization: str | None, talk: Callable[[Conversation], T]) -> T:
    """Return what `talk` returns, or raise `TimeoutError` after `seconds`, whatever it is waiting for.

    A thread of its own does the talking: looking up a host name cannot be interrupted, and a server that sends a byte
    now and then never runs into a socket's time-out.
    """
    conversation = Conversation(uri, authorization, seconds)
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


def authorization(uri: str, environment: Mapping[str, str]) -> str | None:
    """Return the header that MLflow's own client would send, from `uri` or MLFLOW_TRACKING_USERNAME and its like."""
    parts = urlsplit(uri)
    user = environment.get("MLFLOW_TRACKING_USERNAME") or unquote(parts.username or "")
    password = environment.get("MLFLOW_TRACKING_PASSWORD") or unquote(parts.password or "")
    if user and password:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    token = environment.get("MLFLOW_TRACKING_TOKEN")
    return f"Bearer {token}" if token else None
