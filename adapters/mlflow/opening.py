"""Opening: makes a client of MLflow that has had an answer, and completes and relocates the tables of a database."""

from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from adapters.mlflow.failures import is_unexplained
from adapters.mlflow.host_lock import held
from adapters.mlflow.probe import sqlite_path
from adapters.mlflow.relocation import is_default, relocate
from adapters.mlflow.remedies import SCHEMA, OperatorNeeded

# Creating the tables takes some 2 s; bringing those of an older MLflow up to date may take longer.
MIGRATION_SECONDS = 60.0


def opened(uri: str) -> MlflowClient:
    """Return a client that has had an answer, and whose database has its tables therefore."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    client.search_experiments(max_results=1)
    return client


def opened_database(uri: str, artifacts: Path) -> MlflowClient:
    """Return a client of the database at `uri`; one process of this host opens it at a time, as MLflow does not see to.

    Raises
    ------
    OperatorNeeded
        If the tables are those of another MLflow.
    """
    with held(artifacts / ".opening.lock", MIGRATION_SECONDS):
        _make_sqlite_file(uri)
        try:
            client = opened(uri)
        except (CommandError, MlflowException) as error:
            if isinstance(error, CommandError) or is_unexplained(error):
                raise OperatorNeeded(f"its tables are not those of MLflow {mlflow.__version__}", SCHEMA) from error
            raise
        if is_default(uri, artifacts):
            relocate(artifacts)
        return client


def _make_sqlite_file(uri: str) -> None:
    """Make a new SQLite database aside and move it into place: a disk that fills up leaves no half of one."""
    path = sqlite_path(uri)
    if path is None or (path.exists() and path.stat().st_size > 0):
        return
    with TemporaryDirectory(dir=path.parent, prefix=".new-database-") as scratch:
        opened(f"sqlite:///{scratch}/mlflow.db")
        Path(scratch, "mlflow.db").replace(path)
