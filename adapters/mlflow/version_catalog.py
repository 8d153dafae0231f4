"""Version catalog by MLflow's client: the tags of a registered model in a database."""

from datetime import UTC, datetime
from functools import partial

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as RegisteredVersion

from adapters.mlflow.catalog_tags import TaggedVersion, catalog_of
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.registered_model import RegisteredModel
from domain.errors import StoreUnavailable
from domain.monitoring.catalog import MAX_VERSIONS, Catalog
from domain.ports import Clock, VersionCatalog


class MlflowVersionCatalog(VersionCatalog):
    """Reads the newest versions of one registered model, without their weights.

    Parameters
    ----------
    connection : MlflowConnection
    clock : Clock
    model : str
        The registered model's name.
    """

    def __init__(self, connection: MlflowConnection, clock: Clock, model: str = "endeavour") -> None:
        self._connection, self._clock = connection, clock
        self._client = partial(connection.client, StoreUnavailable)
        self._model = RegisteredModel(model, connection.place)

    def read(self) -> Catalog:
        """Return the catalog; empty while there is no database yet."""
        if self._connection.is_missing:
            return Catalog(at=self._clock())
        with self._client() as client:
            found = self._newest(client)
            champion, tags = self._model.champion(client)
        tagged = [*map(_tagged, found)]
        older = int(found[-1].version) - 1 if len(found) == MAX_VERSIONS else 0
        return catalog_of(self._clock(), tagged, older, champion or "", tags)

    def _newest(self, client: MlflowClient) -> list[RegisteredVersion]:
        return list(
            client.search_model_versions(
                f"name = '{self._model.name}'", max_results=MAX_VERSIONS, order_by=["version_number DESC"]
            )
        )


def _tagged(version: RegisteredVersion) -> TaggedVersion:
    registered_at = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    return TaggedVersion(str(version.version), registered_at, version.tags)
