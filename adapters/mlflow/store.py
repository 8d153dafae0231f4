"""MLflow's model registry as a model store: the alias `champion` names the registered version in production."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as RegisteredVersion

from adapters.host.file_lock import lock
from adapters.host.rollout_texts import RolloutTexts
from adapters.mlflow.artifact_locations import local_path
from adapters.mlflow.champion_history import from_text, reconcile, to_text
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.http_client import MAX_ANSWER_BYTES
from adapters.mlflow.names import (
    APPROVED,
    CHAMPION,
    FEATURE_CHANGE_APPROVED_TAG,
    FILE_TAG,
    HISTORY_TAG,
    LEDGER_HEAD_TAG,
    PREVIOUS,
    ROLLOUT_REQUEST_TAG,
    ROLLOUT_TAG,
    WEIGHTS_PATH,
    quoted,
)
from adapters.mlflow.registered_model import RegisteredModel
from adapters.mlflow.registration import register
from adapters.mlflow.remedies import OperatorNeeded
from adapters.mlflow.weights_file import from_bytes
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.ledger import head_or_start
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, ModelStore
from domain.promotion.errors import NoPreviousVersion, PromotionConflict
from domain.promotion.history import PromotionHistory

MAX_WAIT_SECONDS = 60.0


class MlflowModelStore(ModelStore, ChampionSource):
    """Keeps models as versions of one registered model.

    Parameters
    ----------
    connection : MlflowConnection
    lock : Path
        A file that all promoters of this host share. MLflow offers no compare-and-set: promoters on several hosts
        notice each other by reading back what they wrote, which leaves a window of milliseconds.
    model : str
        The registered model's name.
    """

    def __init__(self, connection: MlflowConnection, *, lock: Path, model: str = "endeavour") -> None:
        self._connection = connection
        self._client = partial(connection.client, StoreUnavailable)
        self._lock = lock
        self._model = RegisteredModel(model, connection.place)
        self._over_http = connection.weights_over_http(model)
        self._texts = RolloutTexts()

    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Register the model; a failure registers nothing."""
        with self._client() as client:
            return replace(unnamed, name=register(self._connection, client, self._model.name, unnamed))

    def load(self, version: str) -> ModelVersion:
        """Return what the weights file of `version` holds; none of the code in the artifact is run."""
        return self.fetch(self.version_ref(version))

    def versions(self) -> tuple[str, ...]:
        """Return the names of all versions, oldest first."""
        if self._connection.is_missing:
            return ()
        with self._client() as client:
            return self._model.versions(client)

    def champion(self) -> ModelVersion | None:
        """Return the version that the alias `champion` names."""
        ref = self.champion_ref()
        return self.fetch(ref) if ref else None

    def champion_ref(self) -> ChampionRef | None:
        """Return what the alias `champion` names."""
        if self._connection.is_missing:
            return None
        with self._client() as client:
            name, _ = self._model.champion(client)
            try:
                return self._ref(self._model.version(client, name)) if name else None
            except ModelNotFound as error:
                raise CorruptModel(error.version, "it was deleted while it was in production") from error

    def version_ref(self, version: str) -> ChampionRef:
        """Return what the registry has of the version."""
        if self._connection.is_missing:
            raise ModelNotFound(version, ())
        with self._client() as client:
            return self._ref(self._model.version(client, version))

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return what the weights file of the version holds, if it is the one that the digest is of."""
        if self._over_http:
            return self._over_http.fetch(ref)
        with self._client() as client:
            weights = self._stored_weights(client, ref.version)
        return from_bytes(weights, ref.digest, ref.version)

    def history(self) -> PromotionHistory:
        """Return the recorded changes, completed if the alias was moved in MLflow's own pages."""
        if self._connection.is_missing:
            return PromotionHistory()
        with self._client() as client:
            return self._history(client)

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> PromotionHistory:
        """Move the alias, if it still names `replacing`."""
        with self._client() as client, lock(self._lock, MAX_WAIT_SECONDS):
            self._model.version(client, version)
            before = self._history(client)
            after = before.promote(version, replacing=replacing, at=at, feature_change_approved=feature_change_approved)
            return self._move(client, before, after)

    def rollback(self, *, at: datetime, replacing: str | None = None) -> PromotionHistory:
        """Move the alias back; raise `ModelNotFound` if the previous version was deleted in MLflow's own pages."""
        if self._connection.is_missing:
            raise NoPreviousVersion(None)
        with self._client() as client, lock(self._lock, MAX_WAIT_SECONDS):
            before = self._history(client)
            after = before.roll_back(at=at, replacing=replacing)
            self._model.version(client, str(after.champion))
            return self._move(client, before, after)

    def _stored_weights(self, client: MlflowClient, name: str) -> bytes:
        """Return the weights file that a database names, which is on this machine."""
        try:
            folder = local_path(client.get_model_version_download_uri(self._model.name, name))
            with Path(folder, WEIGHTS_PATH).open("rb") as file:
                return file.read(MAX_ANSWER_BYTES + 1)
        except OperatorNeeded as error:
            raise CorruptModel(name, f"{error.why}; {error.remedy}") from error
        except (FileNotFoundError, NotADirectoryError) as error:
            raise CorruptModel(name, f"there is no file {WEIGHTS_PATH} for it") from error

    def _history(self, client: MlflowClient) -> PromotionHistory:
        name, tags = self._model.champion(client)
        if name is None:
            return PromotionHistory()
        champion = self._model.version_or_none(client, name)  # None if it was deleted
        created = datetime.fromtimestamp(champion.creation_timestamp / 1000 if champion else 0, UTC)
        history = reconcile(from_text(tags.get(HISTORY_TAG)), name, created)
        approved = champion is not None and champion.tags.get(FEATURE_CHANGE_APPROVED_TAG) == APPROVED
        return replace(history, feature_change_approved=approved)

    def _move(self, client: MlflowClient, before: PromotionHistory, after: PromotionHistory) -> PromotionHistory:
        """Write the history first and the alias last, so that a promotion that is cut off leaves the old champion.

        The approval of the old champion's features ends with it: an alias that is moved back by hand carries none.
        """
        if after == before:
            return before
        champion = str(after.champion)
        client.set_registered_model_tag(self._model.name, HISTORY_TAG, to_text(after))
        self._set_previous(client, after.previous)
        self._set_approval(client, champion, given=after.feature_change_approved)
        client.set_registered_model_alias(self._model.name, CHAMPION, champion)
        found, _ = self._model.champion(client)
        if found != champion:
            raise PromotionConflict(before.champion, found)
        if before.champion and before.champion != champion and before.feature_change_approved:
            self._set_approval(client, before.champion, given=False)
        return after

    def _set_approval(self, client: MlflowClient, version: str, *, given: bool) -> None:
        if given:
            client.set_model_version_tag(self._model.name, version, FEATURE_CHANGE_APPROVED_TAG, APPROVED)
        else:
            client.delete_model_version_tag(self._model.name, version, FEATURE_CHANGE_APPROVED_TAG)

    def _set_previous(self, client: MlflowClient, version: str | None) -> None:
        if version is None or self._model.version_or_none(client, version) is None:  # deleted in MLflow's own pages
            client.delete_registered_model_alias(self._model.name, PREVIOUS)
        else:
            client.set_registered_model_alias(self._model.name, PREVIOUS, version)

    def _ref(self, registered: RegisteredVersion) -> ChampionRef:
        name, tags = str(registered.version), registered.tags
        if registered.status != "READY":
            raise CorruptModel(name, f"its status in the registry is {quoted(registered.status)}")
        rollout = self._texts.record(name, tags.get(ROLLOUT_TAG), tags.get(ROLLOUT_REQUEST_TAG))
        approved, head = tags.get(FEATURE_CHANGE_APPROVED_TAG) == APPROVED, head_or_start(tags.get(LEDGER_HEAD_TAG))
        return ChampionRef(name, tags.get(FILE_TAG), approved, rollout, head)
