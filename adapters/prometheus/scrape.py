"""Scrape: reads the metrics of one replica by a deadline, at most a mebibyte, without following redirects."""

import socket
import ssl
import time
from contextlib import suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse

from adapters.prometheus.replica_address import ReplicaAddress

MAX_BYTES = 1024 * 1024
LATE = "no answer in time"
TEXT_FORMAT = "text/plain; version=0.0.4"
WITH_KEY = "name a file with a key of the role metrics by --key-file"
WITHOUT_KEY = (
    "set ENDEAVOUR_METRICS_ADDRESS there, such as 0.0.0.0:9100, and name that address in ENDEAVOUR_REPLICAS as "
    "http://HOST:9100"
)


class Unreadable(Exception):
    """The metrics of a replica cannot be read; the message is of this program, without text of the replica."""


class Scrape:
    """One request to a replica, with an API key if there is one; `read` may be aborted from another thread.

    `key` is None for a reader that takes no key, and '' if none was given to one that does.
    """

    def __init__(self, replica: ReplicaAddress, seconds: float, key: str | None = None) -> None:
        self.replica, self._end = replica, time.monotonic() + seconds
        self._remedy = WITHOUT_KEY if key is None else WITH_KEY
        self._headers = {"Accept": TEXT_FORMAT} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._socket: socket.socket | None = None

    def read(self) -> str:
        """Return the text of the metrics.

        Raises
        ------
        Unreadable
            If the replica does not answer in time, or with anything but its metrics.
        """
        try:
            return self._get().decode()
        except TimeoutError as error:
            raise Unreadable(LATE) from error
        except ConnectionRefusedError as error:
            raise Unreadable("the connection was refused: nothing listens there") from error
        except ssl.SSLCertVerificationError as error:
            raise Unreadable("its certificate is refused") from error
        except ssl.SSLError as error:
            raise Unreadable("the TLS connection failed") from error
        except OSError as error:
            raise Unreadable("the connection failed") from error
        except (HTTPException, UnicodeDecodeError) as error:
            raise Unreadable("its answer is cut off, or not HTTP") from error

    def abort(self) -> None:
        """Shut the connection down, also while another thread waits for a byte of it."""
        if self._socket:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _get(self) -> bytes:
        connection = HTTPConnection(self.replica.host, self.replica.port)
        try:
            connection.sock = self._connected()
            connection.request("GET", self.replica.path, headers=self._headers)
            with connection.getresponse() as response:
                self._require_ok(response.status)
                return self._body(response)
        finally:
            if self._socket:
                self._socket.close()

    def _connected(self) -> socket.socket:
        replica = self.replica
        connected = self._socket = socket.create_connection((replica.address, replica.port), self._seconds_left())
        if replica.scheme == "http":
            return connected
        context = ssl.create_default_context()
        secured = self._socket = context.wrap_socket(
            connected, server_hostname=replica.host, do_handshake_on_connect=False
        )
        secured.do_handshake()
        return secured

    def _body(self, response: HTTPResponse) -> bytes:
        body = bytearray()
        while chunk := response.read1(65536):
            body += chunk
            self._seconds_left()
            if len(body) > MAX_BYTES:
                raise Unreadable(f"its answer has more than {MAX_BYTES:,} bytes")
        if response.length:
            raise HTTPException("the answer ends early")
        return bytes(body)

    def _require_ok(self, status: int) -> None:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Unreadable(f"it asks for a key: {self._remedy}")
        if status != HTTPStatus.OK:
            raise Unreadable(f"it answers {status} instead of metrics")

    def _seconds_left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
