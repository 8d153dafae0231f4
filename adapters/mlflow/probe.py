"""Probe: finds out in seconds whether MLflow can answer at a tracking URI; MLflow's own client takes minutes."""

import os
import socket
import sqlite3
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.parse import unquote, urlsplit

from adapters.mlflow.http_client import HttpSession, with_deadline
from adapters.mlflow.remedies import network_failure
from adapters.mlflow.server_access import PORTS, ServerAccess

DATABASE_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


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
    path = sqlite_path(uri)
    if scheme in PORTS:
        try:
            with_deadline(seconds, ServerAccess.to(uri, os.environ), _require_health)
        except (HTTPException, ValueError) as error:
            raise ConnectionError(network_failure(error) or str(error)) from error
    elif path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=seconds)) as database:
            database.execute("SELECT count(*) FROM sqlite_master")
    elif scheme in DATABASE_PORTS:
        parts = urlsplit(uri)
        address = (parts.hostname or "localhost", parts.port or DATABASE_PORTS[scheme])
        socket.create_connection(address, timeout=seconds).close()


def sqlite_path(uri: str) -> Path | None:
    """Return the file of the database, decoded as SQLAlchemy does; None if `uri` is no file of SQLite's."""
    scheme, _, place = uri.partition("://")
    path = unquote(place.removeprefix("/").partition("?")[0])
    return Path(path) if scheme.startswith("sqlite") and path not in ("", ":memory:") else None


def _require_health(server: HttpSession) -> None:
    """Raise `ConnectionError` for a server error; other answers will do, because not every proxy passes /health on."""
    status = server.get("/health").status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ConnectionError(f"it answers {status}")
