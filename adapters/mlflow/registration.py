"""A model on its way into the registry, in steps that can all be undone."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import uuid4

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput, Metric, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from requests import RequestException

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.failures import is_missing_run
from adapters.mlflow.model_folder import write_model_folder
from adapters.mlflow.notes import version_note
from adapters.mlflow.plain_http import LARGEST_ANSWER
from adapters.mlflow.remedies import OperatorNeeded
from adapters.mlflow.vocabulary import DIGEST_TAG, FILE_TAG, JOB_TAG, LINEAGE_TAG
from adapters.mlflow.weights_file import sha256, to_bytes
from adapters.mlflow.words import one_line
from domain.golden_rows import GoldenRows
from domain.linear_model import LinearModel
from domain.model_version import Lineage

T = TypeVar("T")

log = logging.getLogger(__name__)

MAX_TAG_CHARACTERS = 65_535
"""Characters of a version's tag, at most: MLflow takes more, but its column on MySQL does not."""


class Registration:
    """One model that is being registered as a version of `registered_model`.

    Whatever it creates carries the same job id, so that it is found again, whether or not MLflow's answer arrived.
    Creating the version comes last: before it, nothing is registered.
    """

    def __init__(
        self,
        connection: MlflowConnection,
        client: MlflowClient,
        registered_model: str,
        model: LinearModel,
        lineage: Lineage,
        golden: GoldenRows | None,
    ) -> None:
        self._connection, self._client = connection, client
        self._registered_model = registered_model
        self._model, self._lineage = model, lineage
        self._weights = to_bytes(model, lineage, golden)
        self._job = uuid4().hex

    def __call__(self) -> str:
        """Return the name of the new version; if that fails, leave nothing behind.

        Raises
        ------
        OperatorNeeded
            If no server would read the weights file, or MLflow keeps artifacts elsewhere.
        """
        if len(self._weights) > LARGEST_ANSWER:
            raise OperatorNeeded(
                f"the weights file has {len(self._weights):,} bytes, and servers read {LARGEST_ANSWER:,} at most",
                "choose fewer features",
            )
        run = self._run()
        experiment = run.info.experiment_id if run else self._connection.experiment_id(self._client)
        try:
            logged = self._log(experiment, run)
            if run:
                self._link(run, logged)
            return self._register(logged, run)
        except BaseException:
            self._undo(experiment)
            raise

    def _run(self) -> Run | None:
        """Return the run that made the model, None if it was tracked elsewhere."""
        try:
            return self._client.get_run(self._lineage.run_id)
        except MlflowException as error:
            if is_missing_run(error):
                return None
            raise

    def _log(self, experiment: str, run: Run | None) -> LoggedModel:
        logged = self._connection.once(
            lambda: self._client.create_logged_model(
                experiment,
                name=self._registered_model,
                source_run_id=run.info.run_id if run else None,
                tags={JOB_TAG: self._job},
            ),
            lambda: next(iter(self._logged_models(experiment)), None),
        )
        artifacts = self._connection.artifacts(logged.artifact_location)
        with TemporaryDirectory(prefix="endeavour-") as scratch:
            folder = Path(scratch) / "model"
            write_model_folder(folder, self._weights, self._model.feature_names, logged.model_id)
            self._insist(lambda: artifacts.log_artifacts(str(folder)))  # type: ignore[no-untyped-call]  # MLflow does not annotate it
        self._insist(lambda: self._client.finalize_logged_model(logged.model_id, "READY"))
        return logged

    def _link(self, run: Run, logged: LoggedModel) -> None:
        """Let MLflow's pages show the model with its run, and its scores with the rows they were measured on."""
        run_id = run.info.run_id
        history = self._client.get_metric_history(run_id, "r2")
        step, time = (history[-1].step, history[-1].timestamp) if history else (0, logged.creation_timestamp)
        self._connection.once(
            lambda: self._client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step)]) or True,
            lambda: _has_output(self._client.get_run(run_id), logged.model_id) or None,
        )
        # The run's own points, to the millisecond: the same point twice is one point, which now names the model too.
        scores = [
            Metric(name, value, time, step, logged.model_id, *_test_data(run))
            for name, value in self._lineage.scores.as_dict().items()
        ]
        self._insist(lambda: self._client.log_batch(run_id, metrics=scores))

    def _register(self, logged: LoggedModel, run: Run | None) -> str:
        self._open_registered_model()
        version = self._connection.once(
            lambda: self._client.create_model_version(
                self._registered_model,
                source=f"models:/{logged.model_id}",
                model_id=logged.model_id,
                run_id=run.info.run_id if run else None,
                tags=self._tags(),
                description=version_note(self._model, self._lineage),
            ),
            lambda: next(iter(self._versions()), None),
        )
        return str(version.version)

    def _open_registered_model(self) -> None:
        try:
            self._connection.insist(lambda: self._client.create_registered_model(self._registered_model))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise

    def _tags(self) -> dict[str, str]:
        lineage = json.dumps(json.loads(self._weights)["lineage"])
        tags = {JOB_TAG: self._job, DIGEST_TAG: self._model.digest, FILE_TAG: sha256(self._weights)}
        # The tag is for people; the file holds the lineage too.
        return tags | ({LINEAGE_TAG: lineage} if len(lineage) <= MAX_TAG_CHARACTERS else {})

    def _undo(self, experiment: str) -> None:
        try:
            for version in self._versions():
                self._client.delete_model_version(self._registered_model, str(version.version))
            for logged in self._logged_models(experiment):
                self._client.delete_logged_model(logged.model_id)
        except (MlflowException, RequestException, OSError) as error:
            # What made the registration fail is on its way out and says more.
            why = one_line(error, self._connection.redaction)
            log.warning("registration_not_undone", extra={"job": self._job, "why": why})

    def _versions(self) -> list[ModelVersion]:
        where = f"name = '{self._registered_model}' and tags.`{JOB_TAG}` = '{self._job}'"
        return self._client.search_model_versions(where)

    def _logged_models(self, experiment: str) -> list[LoggedModel]:
        return self._client.search_logged_models([experiment], f"tags.`{JOB_TAG}` = '{self._job}'")

    def _insist(self, request: Callable[[], T]) -> T:
        return self._connection.insist(request)


def _has_output(run: Run, model_id: str) -> bool:
    outputs = run.outputs.model_outputs if run.outputs else []
    return any(output.model_id == model_id for output in outputs)


def _test_data(run: Run) -> tuple[str | None, str | None]:
    """Return name and digest of the run's test set."""
    for used in run.inputs.dataset_inputs if run.inputs else []:
        if any((tag.key, tag.value) == ("mlflow.data.context", "test") for tag in used.tags):
            return used.dataset.name, used.dataset.digest
    return None, None
