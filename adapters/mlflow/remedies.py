"""Failures in words, and remedies: what an operator must do where waiting for MLflow does not help."""

import errno
import socket
import ssl
from http.client import BadStatusLine, IncompleteRead, LineTooLong, UnknownProtocol

from domain.access.redaction import Redaction

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
CREDENTIALS = "check MLFLOW_TRACKING_USERNAME, _PASSWORD or _TOKEN"
PERMISSIONS = (
    f"{CREDENTIALS} and what they permit, or start `mlflow server` with --allowed-hosts listing host and port of this "
    "address"
)
ADDRESS = "set MLFLOW_TRACKING_URI to the address of an MLflow server, as its page has it before `/#/`"
NEW_EXPERIMENT = "set ENDEAVOUR_MODEL_NAME to a new name, because an experiment keeps its place of artifacts"
SERVE_ARTIFACTS = f"start `mlflow server` with --serve-artifacts, and {NEW_EXPERIMENT}"
LOCAL_ARTIFACTS = f"set MLFLOW_TRACKING_URI to the server that keeps them, or {NEW_EXPERIMENT}"
WITHOUT_TLS = "set MLFLOW_TRACKING_URI to http://… if the server is one without TLS"
GRANTS = "grant this user the right to read and write MLflow's tables"
SHORTER = "shorten the longest name, or the path of ENDEAVOUR_DATA_DIR: MLflow's columns do not hold it"
SCHEMA = (
    "for an older database, back it up and run `mlflow db upgrade` with its address; for a newer one, install its "
    "version of MLflow here"
)
UNFINISHED = "remove mlflow.db if it holds no run, or else restore it from a backup"


class OperatorNeeded(Exception):
    """No request succeeds before an operator follows `remedy`."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why, self.remedy = why, remedy


def network_failure(error: BaseException) -> str:
    """Return what failed on the way to a server, '' if the type of `error` is not that of such a failure."""
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return "there is no route to its host"
    return next((text for kinds, text in _BY_TYPE if isinstance(error, kinds)), "")


def first_line(error: BaseException, redaction: Redaction) -> str:
    """Return the first line of the error's text, or its type's name if there is none; `redaction` reads all lines."""
    lines = [line.strip() for line in redaction.text(str(error)).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.partition(" Response body: ")[0]  # a page of the server, which need not be MLflow
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
