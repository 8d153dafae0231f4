"""Run files: what a tracker keeps of a training as files, whose floats read back exactly."""

import csv
import io
from collections.abc import Iterable, Mapping

import numpy as np

from domain.data.rows import Rows
from domain.learning.plan import Training, artifact_rows, fits_artifact


def run_files(training: Training, charts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return data, weights and `charts` (PNG by file name), by the path in the run's folder."""
    model, split = training.fit.model, training.split
    terms = zip(model.feature_names, model.coefficients.tolist(), strict=True)
    return {
        data_path("train", split.train): _data(split.train),
        data_path("test", split.test): _data(split.test),
        "weights.csv": csv_table(("term", "weight"), [("(intercept)", model.intercept), *terms]),
        **{f"plots/{name}": image for name, image in charts.items()},
    }


def data_path(part: str, rows: Rows) -> str:
    """Return the path of the table that is kept of a part of the data."""
    return f"data/{part}.csv" if fits_artifact(rows) else f"data/{part}_sample.csv"


def csv_table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a table as CSV in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _data(rows: Rows) -> bytes:
    kept = artifact_rows(rows)
    return csv_table((*rows.feature_names, rows.target_name), np.column_stack([kept.features, kept.target]).tolist())
