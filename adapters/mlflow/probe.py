"""Whether there is anything behind a tracking URI, found out in seconds: MLflow itself takes minutes to give up."""

import os
import socket
import sqlite3
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.mlflow.access import Access
from adapters.mlflow.plain_http import Conversation, within
from adapters.mlflow.words import in_own_words

_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def probe(uri: str, seconds: float) -> None:
    """Return if MLflow can be expected to answer at `uri`.

    Raises
    ------
    OSError, sqlite3.Error
        If it cannot, after `seconds` at the latest.
    OperatorNeeded
        If waiting does not help.
    """
    scheme = uri.partition(":")[0].partition("+")[0]
    if scheme in ("http", "https"):
        _call(uri, seconds)
    elif scheme == "sqlite":
        _open(sqlite_path(uri), seconds)
    elif scheme in _PORTS:
        parts = urlsplit(uri)
        address = (parts.hostname or "localhost", parts.port or _PORTS[scheme])
        socket.create_connection(address, timeout=seconds).close()


def sqlite_path(uri: str) -> Path | None:
    """Return the file of the database, decoded as SQLAlchemy does; None if `uri` is no file of SQLite's."""
    scheme, _, place = uri.partition("://")
    path = unquote(place.removeprefix("/").partition("?")[0])
    return Path(path) if scheme.startswith("sqlite") and path not in ("", ":memory:") else None


def _call(uri: str, seconds: float) -> None:
    try:
        within(seconds, Access.to(uri, os.environ), _knock)
    except (HTTPException, ValueError) as error:
        raise ConnectionError(in_own_words(error) or str(error)) from error


def _knock(server: Conversation) -> None:
    """Raise `ConnectionError` for a server error; other answers will do, because not every proxy passes /health on."""
    status = server.get("/health").status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ConnectionError(f"it answers {status}")


def _open(path: Path | None, seconds: float) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=seconds)
    try:
        database.execute("SELECT count(*) FROM sqlite_master")
    finally:
        database.close()
