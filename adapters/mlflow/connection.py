"""Connection to MLflow: opens its client within seconds, quietly, and without unpickling anything."""

import os
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock

import mlflow
import mlflow.store.db.utils
from alembic.util import CommandError
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from requests import RequestException
from sqlalchemy.exc import SQLAlchemyError

from adapters.mlflow.artifact_locations import local_path, server_path
from adapters.mlflow.champion_http import HttpChampionSource
from adapters.mlflow.failures import create_if_missing, failure_message, remedy, retry_race
from adapters.mlflow.http_registry import HttpRegistry
from adapters.mlflow.names import FOLDER_TAG
from adapters.mlflow.open_client import is_default, open_client, open_database
from adapters.mlflow.probe import probe, sqlite_path
from adapters.mlflow.remedies import OperatorNeeded, first_line
from adapters.mlflow.server_access import for_mlflow, without_user_info
from domain.access.redaction import Redaction
from domain.errors import BackendUnavailable

_FAILURES = (MlflowException, RequestException, SQLAlchemyError, CommandError, sqlite3.Error, OSError)

SERVERS = ("http://", "https://")

_ENVIRONMENT = {
    # MLflow would repeat any request, also those that create something.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    # A server would name other places for large artifacts, which its clients need not reach.
    "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "false",
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_UV_AUTO_DETECT": "false",  # else this project's lock file would travel with every model
    "MLFLOW_LOG_UV_FILES": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # What the plain client of a serving host does not do, MLflow's client does not do either.
    "MLFLOW_ALLOW_HTTP_REDIRECTS": "false",
    "MLFLOW_TRACKING_AUTH": "",
    "MLFLOW_TRACKING_AWS_SIGV4": "false",
    "NETRC": "",  # requests would send a password of ~/.netrc in place of all others
}


class MlflowConnection:
    """One tracking server or database, opened when it is first used.

    MLflow reads its settings from the process environment at every call. `client` writes them there, so one process
    must not use connections of different settings.

    Parameters
    ----------
    uri : str
        http(s)://…, sqlite:///…, postgresql+psycopg://….
    artifacts : Path
        Where the files of runs and models go if `uri` is a database; a server decides that by itself.
    experiment : str
        The experiment of runs and models; created when first needed.
    timeout : int
        Seconds for one answer of a server, which may store a file before it answers.
    patience : float
        Seconds until a server that does not answer counts as away.
    redaction : Redaction
        Of every error's text.
    """

    def __init__(
        self,
        uri: str,
        *,
        artifacts: Path,
        experiment: str = "endeavour",
        timeout: int = 30,
        patience: float = 3.0,
        redaction: Redaction | None = None,
    ) -> None:
        self._given = uri
        self.uri = without_user_info(uri) if uri.startswith(SERVERS) else uri
        self.redaction = redaction or Redaction()
        self.place = self.redaction.text(uri)
        self._artifacts = artifacts.absolute()
        self._experiment = experiment
        self._timeout = timeout
        self._patience = patience
        self._opening = Lock()

    @contextmanager
    def client(self, unavailable: type[BackendUnavailable]) -> Iterator[MlflowClient]:
        """Yield a client; raise its failures as `unavailable`, in one line without secrets."""
        try:
            probe(self._given, self._patience)
            with self._opening:
                self._prepare()
                client = self._client
            yield client
        except TimeoutError as error:
            raise unavailable(self.place, f"no answer within {self._patience:g} s") from error
        except OperatorNeeded as error:
            raise unavailable(self.place, first_line(error, self.redaction), error.remedy) from error
        except _FAILURES as error:
            why = failure_message(error, self._timeout) or first_line(error, self.redaction).rstrip(".")
            raise unavailable(self.place, why, remedy(error, over_http=self._is_server)) from error

    @property
    def is_missing(self) -> bool:
        """Whether `uri` is an SQLite file that does not exist: there is nothing to read, and reading makes no file."""
        path = sqlite_path(self.uri)
        try:
            if path:
                path.stat()
        except OSError as error:
            return isinstance(error, FileNotFoundError)  # the client raises the others with their place
        return False

    def experiment(self, client: MlflowClient) -> mlflow.entities.Experiment | None:
        """Return the experiment, None if there is none.

        Raises
        ------
        OperatorNeeded
            If the experiment was deleted: MLflow keeps its name reserved.
        """
        known = client.get_experiment_by_name(self._experiment)
        if known and known.lifecycle_stage == "deleted":
            raise OperatorNeeded(
                f"the experiment {self._experiment!r} was deleted",
                f"restore it with `mlflow experiments restore --experiment-id {known.experiment_id}`, "
                "or set ENDEAVOUR_MODEL_NAME to another name",
            )
        return known

    def experiment_id(self, client: MlflowClient) -> str:
        """Return the id of the experiment, which is created if there is none; raise as `experiment` does."""
        folder = str(self._artifacts)
        known = self.experiment(client)
        if known is None:
            place = None if self._is_server else folder
            create_if_missing(lambda: client.create_experiment(self._experiment, artifact_location=place))
            known = self.experiment(client)
        if known is None:
            raise ConnectionError(f"it did not keep the experiment {self._experiment!r}")
        if is_default(self.uri, self._artifacts) and known.artifact_location == folder and FOLDER_TAG not in known.tags:
            retry_race(lambda: client.set_experiment_tag(known.experiment_id, FOLDER_TAG, folder))
        return str(known.experiment_id)

    def artifacts(self, place: str) -> ArtifactRepository:
        """Return MLflow's access to the artifacts at `place`, which MLflow has named.

        Raises
        ------
        OperatorNeeded
            If they are neither behind the server's own API nor, of a database, in a folder of this machine.
        """
        checked = f"mlflow-artifacts:/{server_path(place)}" if self._is_server else local_path(place)
        return get_artifact_repository(checked, tracking_uri=self.uri)

    def weights_over_http(self, model: str) -> HttpChampionSource | None:
        """Return the reader of weights from the server, within bounds, None if MLflow is a database."""
        if not self._is_server:
            return None
        registry = HttpRegistry(self._given, model=model, seconds=self._timeout, redaction=self.redaction)
        return HttpChampionSource(registry)

    def _prepare(self) -> None:
        os.environ.update(_ENVIRONMENT, MLFLOW_HTTP_REQUEST_TIMEOUT=str(self._timeout))
        if self._is_server:
            _set(for_mlflow(self._given, os.environ))
        # MLflow tries to open a database ten times, over 100 s, and has no setting for it.
        mlflow.store.db.utils.MAX_RETRY_COUNT = 1
        # What these libraries warn of in their own code, users of this project cannot change.
        warnings.filterwarnings("ignore", module=r"(mlflow|sqlalchemy|alembic|urllib3)\b")
        # Registering a model in a database looks the model up through MLflow's global client.
        mlflow.set_tracking_uri(self.uri)

    @cached_property
    def _client(self) -> MlflowClient:
        return open_client(self.uri) if self._is_server else open_database(self.uri, self._artifacts)

    @property
    def _is_server(self) -> bool:
        return self.uri.startswith(SERVERS)


def _set(variables: Mapping[str, str]) -> None:
    """Set the variables of this process; MLflow takes some of those that are empty for set, so they are removed."""
    os.environ.update(variables)
    for name in (name for name, value in variables.items() if not value):
        del os.environ[name]
