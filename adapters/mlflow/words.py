"""Words: failures as one line for people and logs."""

import errno
import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, LineTooLong, UnknownProtocol

from domain.redaction import Redaction

MAX_CHARACTERS = 300
LOST = "its answer was lost: the connection ended"
NOT_JSON = "its answer is not JSON of MLflow"
_BY_TYPE: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((ConnectionRefusedError,), "the connection was refused"),
    ((socket.gaierror,), "the name of its host cannot be resolved"),
    # http.client's RemoteDisconnected is a reset connection, and a bad status line as well.
    ((ssl.SSLEOFError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError), LOST),
    ((ssl.SSLError,), "the TLS connection failed; a server may ask for MLFLOW_TRACKING_CLIENT_CERT_PATH"),
    ((IncompleteRead,), "its answer ends early"),
    ((BadStatusLine, LineTooLong, UnknownProtocol), "its answer is not HTTP"),
)
_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH)


def in_own_words(error: BaseException) -> str:
    """Return what failed on the way to a server, '' if the type of `error` is not that of such a failure."""
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return "there is no route to its host"
    return next((text for kinds, text in _BY_TYPE if isinstance(error, kinds)), "")


def one_line(error: BaseException, redaction: Redaction) -> str:
    """Return the first line of the error's text, or its type's name if there is none; `redaction` reads all lines."""
    lines = [line.strip() for line in redaction.text(str(error)).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.partition(" Response body: ")[0]  # a page of the server, which need not be MLflow
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
