"""Plain HTTP client: GET requests with a deadline over the whole session, using the standard library alone."""

import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Thread
from typing import TypeVar
from urllib.parse import urlencode

from adapters.mlflow.certificates import SERVER_CERTIFICATE
from adapters.mlflow.forward_proxy import ForwardProxy
from adapters.mlflow.remedies import WITHOUT_TLS, OperatorNeeded, network_failure
from adapters.mlflow.server_access import PORTS, ServerAccess

T = TypeVar("T")

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """Status and body of an answer; a redirect is returned and not followed."""

    status: int
    body: bytes
    retry_after: float = 0.0
    """Seconds that the server asks the client to wait."""


class HttpSession(HTTPConnection):
    """A connection to an MLflow server, through its forward proxy and by TLS where `access` asks for them.

    Parameters
    ----------
    access : ServerAccess
    seconds : float
        From now, for everything.

    Raises
    ------
    OperatorNeeded
        If a certificate of the access does not load.
    """

    def __init__(self, access: ServerAccess, seconds: float) -> None:
        self.default_port = PORTS[access.scheme]  # which http.client leaves out of the header Host
        super().__init__(access.host, access.port)
        self._end = time.monotonic() + seconds
        self._access = access
        self._tls = access.certificates.context() if access.scheme == "https" else None
        # A proxy passes requests on for http, and opens a tunnel for https.
        self._proxy = None if self._tls else access.proxy
        self._base = f"http://{access.authority}{access.path}" if self._proxy else access.path
        self._headers = {**access.headers, **(self._proxy.headers if self._proxy else {})}
        # http.client drops a socket whose answer is the last, but reads on.
        self._last_socket: socket.socket | None = None

    def get(self, path: str, **query: str) -> HttpResponse:
        """Return the answer, or raise `OSError`, `HTTPException`, `ValueError` or `OperatorNeeded`."""
        if self.sock is None:
            self.connect()
        self.sock.settimeout(self._seconds_left())
        self.request("GET", f"{self._base}{path}{'?' if query else ''}{urlencode(query)}", headers=self._headers)
        with self.getresponse() as response:  # ends the answer; the connection is kept for the next one
            if self._proxy:
                self._proxy.validate(response.status)
            return HttpResponse(response.status, self._body(response), _seconds(response.getheader("Retry-After")))

    def connect(self) -> None:
        """Connect, or raise as `get` does."""
        self._use(self._connected())
        if self._tls:
            if self._access.proxy:
                self._open_tunnel(self._access.proxy)
            secured = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._use(secured)
            self._shake_hands(secured)

    def abort(self) -> None:
        """Shut the connection down, also while another thread waits for a byte of it."""
        if self._last_socket:
            with suppress(OSError):
                socket.socket.shutdown(self._last_socket, socket.SHUT_RDWR)

    def _seconds_left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _use(self, connected: socket.socket) -> None:
        self.sock = self._last_socket = connected
        connected.settimeout(self._seconds_left())

    def _connected(self) -> socket.socket:
        proxy = self._access.proxy
        if proxy is None:
            return socket.create_connection((self.host, self.port), self._seconds_left())
        try:
            return socket.create_connection((proxy.host, proxy.port), self._seconds_left())
        except TimeoutError:
            raise
        except OSError as error:
            raise proxy.failure(f"cannot be reached: {network_failure(error) or error}") from error

    def _open_tunnel(self, proxy: ForwardProxy) -> None:
        place = self._access.authority
        headers = "".join(f"{name}: {text}\r\n" for name, text in {"Host": place, **proxy.headers}.items())
        self.sock.sendall(f"CONNECT {place} HTTP/1.1\r\n{headers}\r\n".encode("ascii"))
        with HTTPResponse(self.sock, method="CONNECT") as answer:  # which leaves the socket open
            answer.begin()
        proxy.validate(answer.status)
        if answer.status != HTTPStatus.OK:
            raise proxy.failure(f"answers {answer.status} to CONNECT {place}")

    def _shake_hands(self, secured: ssl.SSLSocket) -> None:
        try:
            secured.do_handshake()
        except ssl.SSLCertVerificationError as error:
            authorities = self._access.certificates.variable or "the operating system"
            raise OperatorNeeded(
                f"its certificate is refused ({error.verify_message}; authorities: {authorities})",
                f"set {SERVER_CERTIFICATE} to the file of the authority that signed it",
            ) from error
        except ssl.SSLError as error:
            if error.reason != "WRONG_VERSION_NUMBER":
                raise
            raise OperatorNeeded("it does not answer by TLS", WITHOUT_TLS) from error

    def _body(self, response: HTTPResponse) -> bytes:
        body = bytearray()
        while chunk := response.read1(65536):
            body += chunk
            self._seconds_left()
            if len(body) > MAX_ANSWER_BYTES:
                raise HTTPException(f"its answer is larger than {MAX_ANSWER_BYTES} bytes")
        if response.length:
            raise HTTPException(f"its answer ends {response.length} bytes early")
        return bytes(body)


def with_deadline(seconds: float, access: ServerAccess, talk: Callable[[HttpSession], T]) -> T:
    """Return what `talk` returns, or raise `TimeoutError` after `seconds`.

    `talk` runs in a thread of its own, because looking up a host name cannot be interrupted, and because a server that
    sends a byte now and then never exceeds a socket's time-out.
    """
    session = HttpSession(access, seconds)
    outcome: Future[T] = Future()
    Thread(target=_run, args=(outcome, session, talk), name="plain-http", daemon=True).start()
    try:
        return outcome.result(timeout=seconds)
    finally:
        session.abort()


def _run(outcome: Future[T], session: HttpSession, talk: Callable[[HttpSession], T]) -> None:
    try:
        outcome.set_result(talk(session))
    except BaseException as error:  # it is raised in the thread that waits for the outcome
        outcome.set_exception(error)
    finally:
        session.close()


def _seconds(header: str | None) -> float:
    """Return a Retry-After in seconds; one that is a date is as good as none."""
    return float(header) if header and header.isdecimal() and len(header) <= MAX_DIGITS else 0.0
