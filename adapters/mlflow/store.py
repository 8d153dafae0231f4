"""MLflow's model registry as a model store: versions are registered, and the alias `champion` is what production is."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as RegisteredVersion
from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException

from adapters.mlflow.artifact_places import local_path
from adapters.mlflow.champion_history import from_text, reconciled, to_text
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.failures import is_missing
from adapters.mlflow.host_lock import held
from adapters.mlflow.plain_http import LARGEST_ANSWER
from adapters.mlflow.registration import Registration
from adapters.mlflow.vocabulary import (
    CHAMPION,
    CONSENT,
    CONSENT_TAG,
    FILE_TAG,
    HISTORY_TAG,
    PREVIOUS,
    WEIGHTS_PATH,
    checked_model_name,
    is_version,
    quoted,
)
from adapters.mlflow.weights_file import from_bytes
from domain.errors import BadAnswer, BrokenModel, ModelNotFound, PromotionConflict, StoreUnavailable
from domain.golden_rows import GoldenRows
from domain.history import History
from domain.linear_model import LinearModel
from domain.model_version import Lineage, ModelVersion
from domain.nomination import Nomination
from domain.ports import ChampionSource, ModelStore

_LONGEST_WAIT = 60.0


class MlflowModelStore(ModelStore, ChampionSource):
    """Keeps models as versions of one registered model.

    Parameters
    ----------
    connection : MlflowConnection
    lock : Path
        A file that all promoters of this host share. MLflow offers no compare-and-set: promoters on several hosts are
        told of each other by reading back what they wrote, which leaves a window of milliseconds.
    model : str
        The registered model's name.
    """

    def __init__(self, connection: MlflowConnection, *, lock: Path, model: str = "endeavour") -> None:
        self._connection = connection
        self._lock = lock
        self._model = checked_model_name(model)
        self._over_http = connection.weights_over_http(model)

    def save(self, model: LinearModel, lineage: Lineage, golden: GoldenRows | None = None) -> ModelVersion:
        """Register the model; if that fails at any step, unregister what there is of it."""
        with self._client() as client:
            name = Registration(self._connection, client, self._model, model, lineage, golden)()
        return ModelVersion(name, model, lineage, golden)

    def load(self, version: str) -> ModelVersion:
        """Return what the weights file of `version` holds; none of the code in the artifact is run."""
        with self._client() as client:
            return self._read(client, self._registered(client, version))

    def versions(self) -> tuple[str, ...]:
        """Return the names of all versions, oldest first."""
        if self._connection.is_missing:
            return ()
        with self._client() as client:
            return self._names(client)

    def champion(self) -> ModelVersion | None:
        """Return the version that the alias `champion` names."""
        if self._connection.is_missing:
            return None
        with self._client() as client:
            registered = self._nominated(client)
            return self._read(client, registered) if registered else None

    def nominated(self) -> Nomination | None:
        """Return what the alias `champion` names."""
        if self._connection.is_missing:
            return None
        with self._client() as client:
            registered = self._nominated(client)
            return _nomination(registered) if registered else None

    def fetch(self, nomination: Nomination) -> ModelVersion:
        """Return what the weights file of the version holds, if it is the one that the digest is of."""
        with self._client() as client:
            return self._fetch(client, nomination)

    def history(self) -> History:
        """Return the recorded changes, completed if somebody moved the alias in MLflow's own pages."""
        if self._connection.is_missing:
            return History()
        with self._client() as client:
            return self._history(client)

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, features_may_change: bool = False
    ) -> History:
        """Move the alias, if it still names `replacing`."""
        with self._client() as client, held(self._lock, _LONGEST_WAIT):
            self._registered(client, version)
            before = self._history(client)
            after = before.promote(version, replacing=replacing, at=at, features_may_change=features_may_change)
            return self._move(client, before, after)

    def rollback(self, *, at: datetime) -> History:
        """Move the alias back; `ModelNotFound` if the previous version has been deleted in MLflow's own pages."""
        with self._client() as client, held(self._lock, _LONGEST_WAIT):
            before = self._history(client)
            after = before.roll_back(at=at)
            self._registered(client, str(after.champion))
            return self._move(client, before, after)

    def _client(self) -> AbstractContextManager[MlflowClient]:
        return self._connection.client(StoreUnavailable)

    def _nominated(self, client: MlflowClient) -> RegisteredVersion | None:
        name = self._alias(client)
        try:
            return self._registered(client, name) if name else None
        except ModelNotFound as error:
            raise BrokenModel(error.version, "it was deleted while it was in production") from error

    def _registered(self, client: MlflowClient, version: str) -> RegisteredVersion:
        found = self._found(client, version) if is_version(version) else None
        if found is None:
            raise ModelNotFound(version, self._names(client))
        return found

    def _found(self, client: MlflowClient, version: str) -> RegisteredVersion | None:
        try:
            return client.get_model_version(self._model, version)
        except MlflowException as error:
            if is_missing(error):
                return None
            raise

    def _names(self, client: MlflowClient) -> tuple[str, ...]:
        names: list[str] = []
        token = None
        while token != "":
            page = client.search_model_versions(
                f"name = '{self._model}'", max_results=1000, order_by=["version_number ASC"], page_token=token
            )
            names += [self._checked(found.version) for found in page]
            token = page.token or ""
        return tuple(names)

    def _read(self, client: MlflowClient, registered: RegisteredVersion) -> ModelVersion:
        return self._fetch(client, _nomination(registered))

    def _fetch(self, client: MlflowClient, nomination: Nomination) -> ModelVersion:
        if self._over_http:
            return self._over_http.fetch(nomination)
        return from_bytes(self._stored_weights(client, nomination.version), nomination.digest, nomination.version)

    def _stored_weights(self, client: MlflowClient, name: str) -> bytes:
        """Return the weights file that a database names, which is on this machine."""
        try:
            folder = local_path(client.get_model_version_download_uri(self._model, name))
        except ValueError as error:
            raise BrokenModel(name, str(error)) from error
        try:
            with Path(folder, WEIGHTS_PATH).open("rb") as file:
                return file.read(LARGEST_ANSWER + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise BrokenModel(name, f"there is no file {WEIGHTS_PATH} for it") from error

    def _registered_model(self, client: MlflowClient) -> RegisteredModel | None:
        try:
            return client.get_registered_model(self._model)
        except MlflowException as error:
            if is_missing(error):
                return None
            raise

    def _alias(self, client: MlflowClient) -> str | None:
        """Return what the alias `champion` names; asking for the alias itself is a bad request if there is none."""
        model = self._registered_model(client)
        champion = model.aliases.get(CHAMPION) if model else None
        return None if champion is None else self._checked(champion)

    def _checked(self, version: object) -> str:
        if not is_version(str(version)):
            raise BadAnswer(self._connection.place, f"it names version {quoted(str(version))}")
        return str(version)

    def _history(self, client: MlflowClient) -> History:
        model = self._registered_model(client)
        if model is None or CHAMPION not in model.aliases:
            return History()
        name = self._checked(model.aliases[CHAMPION])
        champion = self._found(client, name)  # None if it was deleted
        created = datetime.fromtimestamp(champion.creation_timestamp / 1000 if champion else 0, UTC)
        history = reconciled(from_text(model.tags.get(HISTORY_TAG)), name, created)
        may_change = champion is not None and champion.tags.get(CONSENT_TAG) == CONSENT
        return replace(history, features_may_change=may_change)

    def _move(self, client: MlflowClient, before: History, after: History) -> History:
        """Write the history first and the alias last: whatever is cut off in between, the old champion stays.

        What was said of the old champion's features ends with it: an alias that somebody moves back says nothing.
        """
        if after == before:
            return before
        insist, champion = self._connection.insist, str(after.champion)
        insist(lambda: client.set_registered_model_tag(self._model, HISTORY_TAG, to_text(after)))
        insist(lambda: self._remember_previous(client, after.previous))
        insist(lambda: self._say_of_features(client, champion, may_change=after.features_may_change))
        insist(lambda: client.set_registered_model_alias(self._model, CHAMPION, champion))
        found = insist(lambda: self._alias(client))
        if found != champion:
            raise PromotionConflict(before.champion, found)
        if before.champion and before.champion != champion and before.features_may_change:
            insist(lambda: self._say_of_features(client, str(before.champion), may_change=False))
        return after

    def _say_of_features(self, client: MlflowClient, version: str, *, may_change: bool) -> None:
        if may_change:
            client.set_model_version_tag(self._model, version, CONSENT_TAG, CONSENT)
        else:
            client.delete_model_version_tag(self._model, version, CONSENT_TAG)

    def _remember_previous(self, client: MlflowClient, version: str | None) -> None:
        if version is not None:
            try:
                return client.set_registered_model_alias(self._model, PREVIOUS, version)
            except MlflowException as error:
                if not is_missing(error):  # deleted in MLflow's own pages
                    raise
        client.delete_registered_model_alias(self._model, PREVIOUS)
        return None


def _nomination(registered: RegisteredVersion) -> Nomination:
    name = str(registered.version)
    if registered.status != "READY":
        raise BrokenModel(name, f"its status in the registry is {quoted(registered.status)}")
    tags = registered.tags
    return Nomination(name, tags.get(FILE_TAG), tags.get(CONSENT_TAG) == CONSENT)
