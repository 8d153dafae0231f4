"""Run files: data, weights and charts that a tracked run keeps, whose floats read back exactly."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from domain.data.rows import Rows
from domain.learning.plan import Training, artifact_rows, fits_artifact

WEIGHTS_HEADER, INTERCEPT = ("term", "weight"), "(intercept)"


def run_files(training: Training, charts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return data, weights and `charts` (PNG by file name), by their paths in the run's folder."""
    model, split = training.fit.model, training.split
    return {
        data_path("train", split.train): _data(split.train),
        data_path("test", split.test): _data(split.test),
        "weights.csv": weights_table(model.intercept, model.feature_names, model.coefficients.tolist()),
        **{f"plots/{name}": image for name, image in charts.items()},
    }


def data_path(part: str, rows: Rows) -> str:
    """Return the path of the table of a part of the data."""
    return f"data/{part}.csv" if fits_artifact(rows) else f"data/{part}_sample.csv"


def weights_table(intercept: float, feature_names: Sequence[str], coefficients: Sequence[float]) -> bytes:
    """Return a model's weights as CSV: the intercept and one row per coefficient."""
    return csv_table(WEIGHTS_HEADER, [(INTERCEPT, intercept), *zip(feature_names, coefficients, strict=True)])


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
