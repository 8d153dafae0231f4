"""Dataset inputs: the training and test data of a run as MLflow lists them, with this project's fingerprints."""

import json

from mlflow.entities import Dataset, DatasetInput, InputTag

from domain.data.rows import Rows
from domain.learning.plan import Training
from domain.learning.run_files import data_path

MAX_NAME_CHARACTERS = 400
MAX_DIGEST_CHARACTERS = 36
MAX_SCHEMA_CHARACTERS = 65_535  # older MySQL schemas hold no more; MLflow itself refuses at a megabyte


def dataset_inputs(training: Training, run_id: str) -> list[DatasetInput]:
    """Return the training and the test set of the run."""
    return [_input("train", training.split.train, run_id), _input("test", training.split.test, run_id)]


def dataset_name(part: str, rows: Rows) -> str:
    """Return the name of a part of the data in MLflow."""
    return f"{rows.target_name[:MAX_NAME_CHARACTERS]} ({part})"


def dataset_digest(rows: Rows) -> str:
    """Return as much of the fingerprint as MLflow's own field for it holds."""
    return rows.fingerprint[:MAX_DIGEST_CHARACTERS]


def _input(part: str, rows: Rows, run_id: str) -> DatasetInput:
    names = (*rows.feature_names, rows.target_name)
    schema = json.dumps({"mlflow_colspec": [{"type": "double", "name": name, "required": True} for name in names]})
    dataset = Dataset(
        name=dataset_name(part, rows),
        digest=dataset_digest(rows),
        source_type="local",
        source=json.dumps({"uri": f"runs:/{run_id}/{data_path(part, rows)}"}),
        schema=schema if len(schema) <= MAX_SCHEMA_CHARACTERS else None,
        profile=json.dumps({"num_rows": len(rows), "num_elements": len(rows) * len(names)}),
    )
    tags = [InputTag("mlflow.data.context", part), InputTag("endeavour.fingerprint", rows.fingerprint)]
    return DatasetInput(dataset, tags)
