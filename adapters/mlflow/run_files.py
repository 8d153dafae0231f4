"""What a run keeps as files and as dataset inputs."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from mlflow.entities import Dataset as DatasetEntity
from mlflow.entities import DatasetInput, InputTag

from domain.dataset import Dataset
from domain.linear_model import LinearModel
from domain.rows import Rows
from domain.training import Training, kept_rows

_LONGEST_DIGEST = 36
_LONGEST_SCHEMA = 65_535  # older MySQL schemas hold no more; MLflow itself refuses at a megabyte


def data_file(rows: Rows, context: str) -> str:
    """Return the name under which a part of the data, or a sample of it, is kept among the run's files."""
    return f"data/{context}.csv" if len(kept_rows(rows)) == len(rows) else f"data/{context}_sample.csv"


def write_files(folder: Path, training: Training, charts: Mapping[str, bytes]) -> None:
    """Write the folder that becomes the run's artifacts; floats are written so that they read back exactly."""
    for name in ("data", "plots"):
        (folder / name).mkdir()
    for context, rows in (("train", training.split.train), ("test", training.split.test)):
        _write_table(folder / data_file(rows, context), kept_rows(rows))
    _write_weights(folder / "weights.csv", training.fit.model)
    for name, image in charts.items():
        (folder / "plots" / Path(name).name).write_bytes(image)


def dataset_inputs(training: Training, run_id: str) -> list[DatasetInput]:
    """Return train and test set as MLflow lists them beside a run, with this project's fingerprints."""
    parts = {"train": training.split.train, "test": training.split.test}
    return [_dataset_input(rows, context, run_id) for context, rows in parts.items()]


def dataset_name(rows: Rows, context: str) -> str:
    """Return what a part of the data is called in MLflow."""
    return f"{rows.target_name[:400]} ({context})"


def dataset_digest(rows: Rows) -> str:
    """Return as much of the fingerprint as MLflow's own field for it holds."""
    return rows.fingerprint[:_LONGEST_DIGEST]


def _dataset_input(rows: Rows, context: str, run_id: str) -> DatasetInput:
    names = (*rows.feature_names, rows.target_name)
    schema = json.dumps({"mlflow_colspec": [{"type": "double", "name": name, "required": True} for name in names]})
    dataset = DatasetEntity(
        name=dataset_name(rows, context),
        digest=dataset_digest(rows),
        source_type="local",
        source=json.dumps({"uri": f"runs:/{run_id}/{data_file(rows, context)}"}),
        schema=schema if len(schema) <= _LONGEST_SCHEMA else None,
        profile=json.dumps({"num_rows": len(rows), "num_elements": len(rows) * len(names)}),
    )
    tags = [InputTag("mlflow.data.context", context), InputTag("endeavour.fingerprint", rows.fingerprint)]
    return DatasetInput(dataset, tags)


def _write_table(path: Path, rows: Dataset) -> None:
    table = np.column_stack([rows.features, rows.target])
    _write_csv(path, (*rows.feature_names, rows.target_name), table.tolist())


def _write_weights(path: Path, model: LinearModel) -> None:
    terms = zip(model.feature_names, model.coefficients.tolist(), strict=True)
    _write_csv(path, ("term", "weight"), [("(intercept)", model.intercept), *terms])


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
