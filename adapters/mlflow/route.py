"""Route: connects to an MLflow server, through its forward proxy and by TLS where `Access` asks for them."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse

from adapters.mlflow.access import PORTS, Access, authority
from adapters.mlflow.certificates import SERVER_CERTIFICATE
from adapters.mlflow.forward_proxy import ForwardProxy
from adapters.mlflow.remedies import WITHOUT_TLS, OperatorNeeded
from adapters.mlflow.words import in_own_words


class Route(HTTPConnection):
    """A connection whose socket is kept before anything is read from it, so that another thread can shut it down.

    Parameters
    ----------
    access : Access
    seconds_left : callable
        Returns the seconds until the deadline, and raises `TimeoutError` after it.

    Raises
    ------
    OperatorNeeded
        If a certificate of the access does not load.
    """

    def __init__(self, access: Access, seconds_left: Callable[[], float]) -> None:
        self.default_port = PORTS[access.scheme]  # which http.client leaves out of the header Host
        super().__init__(access.host, access.port)
        self._proxy = access.proxy
        self._seconds_left = seconds_left
        self._authorities = access.certificates.variable or "the operating system"
        self._last: socket.socket | None = None
        self._tls = access.certificates.context() if access.scheme == "https" else None

    def connect(self) -> None:
        """Connect, or raise `OSError`, `HTTPException` or `OperatorNeeded`."""
        self._use(self._connected())
        if self._tls and self._proxy:
            self._open_tunnel(self._proxy)
        if self._tls:
            secured = self._tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self._use(secured)
            self._shake_hands(secured)

    def shut_down(self) -> None:
        """End what another thread waits for; http.client drops a socket whose answer is the last, but reads on."""
        if self._last:
            with suppress(OSError):
                socket.socket.shutdown(self._last, socket.SHUT_RDWR)

    def _use(self, connected: socket.socket) -> None:
        self.sock = self._last = connected
        connected.settimeout(self._seconds_left())

    def _connected(self) -> socket.socket:
        if self._proxy is None:
            return socket.create_connection((self.host, self.port), self._seconds_left())
        try:
            return socket.create_connection((self._proxy.host, self._proxy.port), self._seconds_left())
        except TimeoutError:
            raise
        except OSError as error:
            raise self._proxy.failure(f"cannot be reached: {in_own_words(error) or error}") from error

    def _open_tunnel(self, proxy: ForwardProxy) -> None:
        place = authority(self.host, self.port)
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
            raise OperatorNeeded(
                f"its certificate is refused ({error.verify_message}; authorities: {self._authorities})",
                f"set {SERVER_CERTIFICATE} to the file of the authority that signed it",
            ) from error
        except ssl.SSLError as error:
            if error.reason != "WRONG_VERSION_NUMBER":
                raise
            raise OperatorNeeded("it does not answer by TLS", WITHOUT_TLS) from error
