"""Opening: connects MLflow's client, makes the tables of a new database, and follows a project that was moved."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow
from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import OperationalError

from adapters.host.file_lock import lock
from adapters.mlflow.failures import is_unexplained
from adapters.mlflow.names import FOLDER_TAG
from adapters.mlflow.probe import sqlite_path
from adapters.mlflow.remedies import SCHEMA, UNFINISHED, OperatorNeeded

log = logging.getLogger(__name__)

# Creating the tables takes some 2 s; bringing those of an older MLflow up to date may take longer.
MAX_MIGRATION_SECONDS = 60.0
MAX_LOCK_SECONDS = 10.0
# Where MLflow 3.17 keeps addresses of artifacts. The last is the tag itself.
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("trace_tags", "value"),
    ("experiment_tags", "value"),
)


def open_client(uri: str) -> MlflowClient:
    """Return a client that has had an answer, and whose database has its tables therefore."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.search_experiments(max_results=1)
    return client


def open_database(uri: str, artifacts: Path) -> MlflowClient:
    """Return a client of the database at `uri`, whose tables MLflow does not let two processes make at once.

    Raises
    ------
    OperatorNeeded
        If the tables are those of another MLflow, or not all there.
    """
    with lock(artifacts / ".opening.lock", MAX_MIGRATION_SECONDS):
        try:
            client = open_client(uri)
        except (CommandError, MlflowException) as error:
            if isinstance(error, CommandError) or is_unexplained(error):
                raise OperatorNeeded(f"its tables are not those of MLflow {mlflow.__version__}", SCHEMA) from error
            raise
        except OperationalError as error:
            # A statement failed, such as one that makes a table again; disk and locks have codes of their own.
            if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
                raise OperatorNeeded("its tables were left unfinished, as by a full disk", UNFINISHED) from error
            raise
        if is_default(uri, artifacts):
            relocate(artifacts)
        return client


def is_default(uri: str, artifacts: Path) -> bool:
    """Return whether the database at `uri` lies beside the absolute folder `artifacts`, and so moves with it."""
    path = sqlite_path(uri)
    return path is not None and path.absolute() == artifacts.with_name("mlflow.db")


def relocate(artifacts: Path) -> None:
    """Rewrite the addresses in the default database that begin with another folder than `artifacts`.

    The tag on the experiments names that folder. All addresses change in one transaction, or none.
    """
    database = artifacts.with_name("mlflow.db")
    with closing(sqlite3.connect(database, timeout=MAX_LOCK_SECONDS)) as connection, connection:
        tagged = connection.execute("SELECT DISTINCT value FROM experiment_tags WHERE key = ?", [FOLDER_TAG]).fetchall()
        for (recorded,) in tagged:
            if Path(recorded).resolve() != artifacts.resolve():
                _rewrite(connection, recorded, str(artifacts))
                log.warning("artifacts_moved", extra={"recorded": recorded, "found": str(artifacts)})


def _rewrite(connection: sqlite3.Connection, old: str, new: str) -> None:
    for table, column in ADDRESSES:
        connection.execute(
            f"UPDATE {table} SET {column} = :new || substr({column}, :length + 1) "  # noqa: S608  # names from above
            f"WHERE {column} = :old OR substr({column}, 1, :length + 1) = :old || '/'",
            {"old": old, "new": new, "length": len(old)},
        )
