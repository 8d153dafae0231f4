"""Registration: writes a model into MLflow's registry as a new version."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow import MlflowClient
from mlflow.entities import LoggedModel, LoggedModelOutput, Metric, Run

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.descriptions import version_note
from adapters.mlflow.failures import create_if_missing, none_if_missing
from adapters.mlflow.http_client import MAX_ANSWER_BYTES
from adapters.mlflow.model_folder import write_model_folder
from adapters.mlflow.names import DIGEST_TAG, FILE_TAG, LINEAGE_TAG
from adapters.mlflow.remedies import OperatorNeeded
from adapters.mlflow.weights_file import sha256, to_bytes
from domain.model.model_version import ModelVersion

MAX_TAG_CHARACTERS = 65_535
"""Characters of a version's tag, at most: MLflow takes more, but its column on MySQL does not."""


def register(connection: MlflowConnection, client: MlflowClient, name: str, unnamed: ModelVersion) -> str:
    """Register the model as the next version of the registered model `name`, and return the version's name.

    Creating the version comes last, so that a failure registers nothing.

    Raises
    ------
    OperatorNeeded
        If no server would read the weights file, or MLflow keeps artifacts elsewhere.
    """
    weights = to_bytes(unnamed)
    if len(weights) > MAX_ANSWER_BYTES:
        raise OperatorNeeded(
            f"the weights file has {len(weights):,} bytes, and servers read {MAX_ANSWER_BYTES:,} at most",
            "choose fewer features",
        )
    # None if the run that made the model was tracked elsewhere, where runs have ids of another form.
    run = none_if_missing(lambda: client.get_run(unnamed.lineage.run_id), "INVALID_PARAMETER_VALUE")
    run_id = run.info.run_id if run else None
    experiment = run.info.experiment_id if run else connection.experiment_id(client)
    logged = client.create_logged_model(experiment, name=name, source_run_id=run_id)
    _upload(connection, logged, weights, unnamed)
    client.finalize_logged_model(logged.model_id, "READY")
    if run:
        _link(client, run, logged, unnamed.lineage.scores.as_dict())
    create_if_missing(lambda: client.create_registered_model(name))
    version = client.create_model_version(
        name,
        source=f"models:/{logged.model_id}",
        model_id=logged.model_id,
        run_id=run_id,
        tags=_tags(unnamed, weights),
        description=version_note(unnamed),
    )
    return str(version.version)


def _upload(connection: MlflowConnection, logged: LoggedModel, weights: bytes, unnamed: ModelVersion) -> None:
    artifacts = connection.artifacts(logged.artifact_location)
    with TemporaryDirectory(prefix="endeavour-") as scratch:
        folder = Path(scratch) / "model"
        write_model_folder(folder, weights, unnamed, logged.model_id)
        artifacts.log_artifacts(str(folder))  # type: ignore[no-untyped-call]  # MLflow does not annotate it


def _link(client: MlflowClient, run: Run, logged: LoggedModel, scores: dict[str, float]) -> None:
    """Let MLflow's pages show the model with its run, and its scores with the rows they were measured on."""
    run_id = run.info.run_id
    history = client.get_metric_history(run_id, "r2")
    step, time = (history[-1].step, history[-1].timestamp) if history else (0, logged.creation_timestamp)
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step)])
    # The run's own points, to the millisecond: the same point twice is one point, which now names the model too.
    test_data = _test_data(run)
    client.log_batch(
        run_id,
        metrics=[Metric(score, value, time, step, logged.model_id, *test_data) for score, value in scores.items()],
    )


def _test_data(run: Run) -> tuple[str | None, str | None]:
    """Return name and digest of the run's test set."""
    for used in run.inputs.dataset_inputs if run.inputs else []:
        if any((tag.key, tag.value) == ("mlflow.data.context", "test") for tag in used.tags):
            return used.dataset.name, used.dataset.digest
    return None, None


def _tags(unnamed: ModelVersion, weights: bytes) -> dict[str, str]:
    lineage = json.dumps(json.loads(weights)["lineage"])
    tags = {DIGEST_TAG: unnamed.model.digest, FILE_TAG: sha256(weights)}
    # The tag is for people; the file holds the lineage too.
    return tags | ({LINEAGE_TAG: lineage} if len(lineage) <= MAX_TAG_CHARACTERS else {})
