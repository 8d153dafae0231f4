"""Run files: model card, data, weights and charts that a tracked run keeps, whose floats read back exactly."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from domain.data.arrays import Numbers
from domain.data.columns import Column, Kind
from domain.data.rows import Rows
from domain.features.moments import to_iso_text
from domain.learning.documents import to_html, to_markdown
from domain.learning.model_card import model_card
from domain.learning.plan import Training, artifact_rows, fits_artifact

WEIGHTS_HEADER, INTERCEPT, OTHER = ("term", "weight"), "(intercept)", "(other)"


def run_files(training: Training, charts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return model card, data, weights and `charts` (PNG by path), by their paths in the run's folder."""
    model, split = training.fit.model, training.split
    pictures = {f"plots/{name}": image for name, image in charts.items()}
    card = model_card(training, pictures)
    return {
        data_path("train", split.train): _data(split.train),
        data_path("test", split.test): _data(split.test),
        "weights.csv": weights_table(model.intercept, model.term_names, model.coefficients.tolist()),
        "model_card.md": to_markdown(card).encode(),
        "model_card.html": to_html(card, pictures).encode(),
        **pictures,
    }


def data_path(part: str, rows: Rows) -> str:
    """Return the path of the table of a part of the data."""
    return f"data/{part}.csv" if fits_artifact(rows) else f"data/{part}_sample.csv"


def weights_table(intercept: float, term_names: Sequence[str], coefficients: Sequence[float]) -> bytes:
    """Return a model's weights as CSV: the intercept and one row per coefficient."""
    return csv_table(WEIGHTS_HEADER, [(INTERCEPT, intercept), *zip(term_names, coefficients, strict=True)])


def csv_table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a table as CSV in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _data(rows: Rows) -> bytes:
    features, target = artifact_rows(rows)
    columns = [_cells(column, values) for column, values in zip(rows.columns, features.T, strict=True)]
    return csv_table((*rows.feature_names, rows.target_name), zip(*columns, target.tolist(), strict=True))


def _cells(column: Column, values: Numbers) -> list[object]:
    """Return the values of a block's column, shape (n,), as texts, truth values, dates and numbers; None if empty."""
    of_kind: Mapping[Kind, Callable[[float], object]] = {
        "number": float,
        "boolean": bool,
        "category": lambda code: column.levels[int(code)] if code < len(column.levels) else OTHER,
        "datetime": to_iso_text,
    }
    cell = of_kind[column.kind]
    return [None if value != value else cell(value) for value in values.tolist()]  # noqa: PLR0124  # true of NaN alone
