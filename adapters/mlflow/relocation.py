"""Relocation: rewrites the absolute paths in MLflow's SQLite database after its folder was moved or copied."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.mlflow.probe import sqlite_path
from adapters.mlflow.vocabulary import FOLDER_TAG

log = logging.getLogger(__name__)

_SECONDS_FOR_A_LOCK = 10.0
# Where MLflow 3.17 keeps addresses of artifacts. The last is the tag itself.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("trace_tags", "value"),
    ("experiment_tags", "value"),
)


def is_default(uri: str, folder: Path) -> bool:
    """Return whether the database at `uri` lies beside the absolute `folder` of its artifacts, and so moves with it."""
    path = sqlite_path(uri)
    return path is not None and path.absolute() == _database(folder)


def relocate(folder: Path) -> None:
    """Rewrite the addresses in the default database that begin with another folder of artifacts than `folder`.

    The tag on the experiments names that folder. All addresses change in one transaction, or none. Files stay as they
    are.

    Raises
    ------
    sqlite3.Error
        If the database cannot be read or written.
    """
    with closing(sqlite3.connect(_database(folder), timeout=_SECONDS_FOR_A_LOCK)) as connection, connection:
        tagged = connection.execute("SELECT DISTINCT value FROM experiment_tags WHERE key = ?", [FOLDER_TAG]).fetchall()
        for (recorded,) in tagged:
            if Path(recorded).resolve() != folder.resolve():
                _rewrite(connection, recorded, str(folder))
                log.warning("artifacts_moved", extra={"recorded": recorded, "found": str(folder)})


def _database(folder: Path) -> Path:
    return folder.with_name("mlflow.db")


def _rewrite(connection: sqlite3.Connection, old: str, new: str) -> None:
    for table, column in _ADDRESSES:
        connection.execute(
            f"UPDATE {table} SET {column} = :new || substr({column}, :length + 1) "  # noqa: S608  # names from above
            f"WHERE {column} = :old OR substr({column}, 1, :length + 1) = :old || '/'",
            {"old": old, "new": new, "length": len(old)},
        )
