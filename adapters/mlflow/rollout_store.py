"""MLflow's model registry as a store of rollouts: the state is a tag of the version that is the champion."""

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mlflow import MlflowClient

from adapters.host.file_lock import lock
from adapters.host.rollout_texts import RolloutTexts
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.names import CHALLENGER, REJECTED_TAG, ROLLOUT_REQUEST_TAG, ROLLOUT_TAG
from adapters.mlflow.registered_model import RegisteredModel
from adapters.mlflow.store import MAX_WAIT_SECONDS
from domain.delivery.errors import NoRollout, RolloutConflict
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Rollout, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import request_to_text, to_text
from domain.errors import StoreUnavailable
from domain.ports import RolloutStore


class MlflowRolloutStore(RolloutStore):
    """Keeps the state and the last request as tags of a version of the registered model.

    MLflow offers no compare-and-set: writers on one host exclude each other by the lock, and writers on several hosts
    notice each other by reading back, which leaves a window of milliseconds. `RolloutReader` and the controller's lease
    cover that window.

    Parameters
    ----------
    connection : MlflowConnection
    lock : Path
        The file that all promoters of this host share.
    model : str
        The registered model's name.
    """

    def __init__(self, connection: MlflowConnection, *, lock: Path, model: str = "endeavour") -> None:
        self._connection = connection
        self._client = partial(connection.client, StoreUnavailable)
        self._lock = lock
        self._model = RegisteredModel(model, connection.place)
        self._texts = RolloutTexts()

    def read(self) -> RolloutRecord | None:
        """Return what the tags of the champion's version hold."""
        if self._connection.is_missing:
            return None
        with self._client() as client:
            champion, _ = self._model.champion(client)
            return self._record(client, champion) if champion else None

    def write(self, rollout: Rollout, *, replacing: int) -> None:
        """Set the tag and read it back; the first write of a rollout gives its challenger an alias."""
        version, text = rollout.version_with_state, to_text(rollout)
        with self._client() as client, lock(self._lock, MAX_WAIT_SECONDS):
            self._model.version(client, version)
            if (found := self._generation(client, version)) != replacing:
                raise RolloutConflict(replacing, found)
            client.set_model_version_tag(self._model.name, version, ROLLOUT_TAG, text)
            if self._tags(client, version).get(ROLLOUT_TAG) != text:
                raise RolloutConflict(replacing, self._generation(client, version))
        if replacing == 0 and not rollout.is_after_promotion:
            self._show(rollout.challenger)

    def remove(self, rollout: Rollout) -> None:
        """Delete the state first, because a request without a state has no effect."""
        version = rollout.version_with_state
        with self._client() as client, lock(self._lock, MAX_WAIT_SECONDS):
            found = self._record(client, version)
            if found is None or found.rollout.id != rollout.id:
                return
            for tag in (ROLLOUT_TAG, ROLLOUT_REQUEST_TAG):
                client.delete_model_version_tag(self._model.name, version, tag)
        self._show(None)

    def request(self, request: RolloutRequest) -> None:
        """Set the tag of the champion's version, if the rollout's state is there."""
        found = self.read()
        if found is None or found.rollout.id != request.rollout:
            raise NoRollout
        with self._client() as client:
            version = found.rollout.version_with_state
            client.set_model_version_tag(self._model.name, version, ROLLOUT_REQUEST_TAG, request_to_text(request))

    def reject(self, version: str, why: str) -> None:
        """Set or delete the tag; a version that was deleted cannot be started again, and keeps nothing."""
        with self._client() as client:
            if self._model.version_or_none(client, version) is None:
                return
            if why:
                client.set_model_version_tag(self._model.name, version, REJECTED_TAG, why)
            else:
                client.delete_model_version_tag(self._model.name, version, REJECTED_TAG)

    def rejection(self, version: str) -> str:
        """Return the tag's value, shortened if a person wrote a long one."""
        if self._connection.is_missing:
            return ""
        with self._client() as client:
            return self._tags(client, version).get(REJECTED_TAG, "")[:MAX_TEXT_CHARACTERS]

    def _generation(self, client: MlflowClient, version: str) -> int:
        found = self._record(client, version)
        return found.rollout.generation if found else 0

    def _record(self, client: MlflowClient, version: str) -> RolloutRecord | None:
        tags = self._tags(client, version)
        return self._texts.record(version, tags.get(ROLLOUT_TAG), tags.get(ROLLOUT_REQUEST_TAG))

    def _tags(self, client: MlflowClient, version: str) -> Mapping[str, str]:
        found = self._model.version_or_none(client, version)
        return found.tags if found else {}

    def _show(self, challenger: str | None) -> None:
        """Set or delete the alias, which is for people only: a failure changes nothing else."""
        with contextlib.suppress(StoreUnavailable), self._client() as client:
            if challenger:
                client.set_registered_model_alias(self._model.name, CHALLENGER, challenger)
            else:
                client.delete_registered_model_alias(self._model.name, CHALLENGER)
