"""Dataset inputs: the training and test data of a run as MLflow lists them, with this project's fingerprints."""

import json
from collections.abc import Mapping
from typing import Any

from mlflow.entities import Dataset, DatasetInput, InputTag

from domain.data.columns import Column, Kind
from domain.data.rows import Rows
from domain.learning.plan import Training
from domain.learning.run_files import data_path

MAX_NAME_CHARACTERS = 400
MAX_DIGEST_CHARACTERS = 36
MAX_SCHEMA_CHARACTERS = 65_535  # older MySQL schemas hold no more; MLflow itself refuses at a megabyte

_TYPES: Mapping[Kind, str] = {
    "number": "double",
    "boolean": "boolean",
    "category": "string",
    "datetime": "datetime",
}


def dataset_inputs(training: Training, run_id: str, data: str) -> list[DatasetInput]:
    """Return the training and the test set of the run, which are parts of the table `data`."""
    split = training.split
    return [_input(part, rows, run_id, data) for part, rows in (("train", split.train), ("test", split.test))]


def dataset_name(part: str, data: str) -> str:
    """Return the name of a part of the data in MLflow."""
    return f"{data[:MAX_NAME_CHARACTERS]} ({part})"


def dataset_digest(rows: Rows) -> str:
    """Return as much of the fingerprint as MLflow's own field for it holds."""
    return rows.fingerprint[:MAX_DIGEST_CHARACTERS]


def _input(part: str, rows: Rows, run_id: str, data: str) -> DatasetInput:
    columns = (*rows.columns, Column(rows.target_name))
    schema = json.dumps({"mlflow_colspec": list(map(_column_spec, columns))})
    dataset = Dataset(
        name=dataset_name(part, data),
        digest=dataset_digest(rows),
        source_type="local",
        source=json.dumps({"uri": f"runs:/{run_id}/{data_path(part, rows)}"}),
        schema=schema if len(schema) <= MAX_SCHEMA_CHARACTERS else None,
        profile=json.dumps({"num_rows": len(rows), "num_elements": len(rows) * len(columns)}),
    )
    tags = [InputTag("mlflow.data.context", part), InputTag("endeavour.fingerprint", rows.fingerprint)]
    return DatasetInput(dataset, tags)


def _column_spec(column: Column) -> dict[str, Any]:
    return {"type": _TYPES[column.kind], "name": column.name, "required": not column.nullable}
