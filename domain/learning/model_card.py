"""Model card: what a model was trained on, how good it is, what matters to it, and how to call it.

References
----------
Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from domain.data.number_text import number_text
from domain.data.quoting import has_control_character
from domain.features.bound_encoding import BoundEncoding
from domain.learning.column_summary import ColumnSummary
from domain.learning.documents import Block, Code, Heading, Items, Paragraph, Picture, Table
from domain.learning.plan import Training
from domain.model.interval_statement import interval_statement
from domain.model.score_intervals import MIN_ROWS, Interval
from domain.model.scores import METRICS

# Rows of a table or a list, columns of an example row, and characters of a name, at most.
MAX_TABLE_ROWS, MAX_EXAMPLE_COLUMNS, MAX_NAME_CHARACTERS = 40, 40, 60
MAX_STRONGEST = 10
# Training rows that the summaries of columns rest on, at most.
SAMPLE_ROWS = 5_000
PICTURES = {
    "plots/fit.png": "Predicted and actual values",
    "plots/importance.png": "How much each column matters",
    "plots/comparison.png": "Challenger and champion on the same held-out rows",
}


def model_card(training: Training, pictures: Collection[str] = ()) -> list[Block]:
    """Return the card of a training, of bounded length, with those of its `pictures` that it shows, by their paths."""
    model, rows = training.fit.model, training.split.train
    features, _ = rows.sample(SAMPLE_ROWS, seed=0)
    values = np.asarray(BoundEncoding(model.encoding, rows.columns).values(features), dtype=np.float64)
    summaries = [ColumnSummary(column, cells) for column, cells in zip(model.encoding.columns, values.T, strict=True)]
    return [
        Heading(f"Model of {_cut(rows.target_name)}", 1),
        *_data(training),
        *_scores(training),
        *(Picture(path, text) for path, text in PICTURES.items() if path in pictures),
        *_warnings(training),
        *_columns(training, summaries),
        *_importance(training),
        *_terms(training),
        *_calls(training, summaries),
        *_limits(training),
    ]


def _data(training: Training) -> Iterator[Block]:
    settings, split = training.settings, training.split
    held_out = f" ({settings['holdout']})" if "holdout" in settings else ""
    facts = {
        "table": _cut(str(settings.get("data") or "unnamed")),
        "target": _cut(split.train.target_name),
        "training rows": f"{len(split.train):,}",
        "held-out rows": f"{len(split.test):,}{held_out}",
        "fingerprint": training.data_fingerprint,
        "model": f"linear in {len(training.fit.model.term_names):,} terms of {len(split.train.columns):,} columns",
    }
    yield Table(("fact", "value"), list(facts.items()))
    if training.notes:
        yield Items(_bounded([_cut(note, 300) for note in training.notes]))


def _scores(training: Training) -> Iterator[Block]:
    yield Heading("Scores on the held-out rows")
    rows = [
        (
            METRICS[name].label,
            f"{score:.4f}" if name == "r2" else number_text(score),
            _range(training.intervals.get(name)),
        )
        for name, score in training.scores.as_dict().items()
        if name != "mse"
    ]
    yield Table(("score", "value", "interval of 95 %"), rows)
    if not training.intervals:
        yield Paragraph(f"Fewer than {MIN_ROWS} held-out rows give no intervals.")
    if training.calibration:
        statement = interval_statement(training.fit.model, training.fit.moments, training.calibration)
        yield Paragraph(f"Prediction intervals: {statement}.")


def _warnings(training: Training) -> Iterator[Block]:
    yield Heading("Warnings")
    found = training.all_warnings
    yield Items(found) if found else Paragraph("None.")


def _columns(training: Training, summaries: Sequence[ColumnSummary]) -> Iterator[Block]:
    yield Heading("Columns")
    rows = [
        (_cut(entry.column.name), entry.column.kind, entry.text, entry.gaps) for entry in summaries[:MAX_TABLE_ROWS]
    ]
    yield Table(("column", "kind", "training rows", "empty cells"), rows)
    yield from _more(len(summaries), "columns")
    left_out = [column for column in training.left_out if column.name != training.split.train.target_name]
    if left_out:
        yield Paragraph("Left out of the table:")
        reasons = [(_cut(column.name), _cut(column.reason, 200)) for column in left_out[:MAX_TABLE_ROWS]]
        yield Table(("column", "reason"), reasons)
        yield from _more(len(left_out), "columns left out")


def _importance(training: Training) -> Iterator[Block]:
    log = training.fit.model.target_transform.log
    yield Heading("What matters")
    unit = "the logarithm of the target" if log else "the target"
    yield Paragraph(f"Standard deviation of what a column adds to {unit}, over the training rows.")
    rows = [
        (_cut(found.name), number_text(found.spread), _range(found.interval))
        for found in training.importances[:MAX_STRONGEST]
    ]
    yield Table(("column", "importance", "interval of 95 %"), rows)


def _terms(training: Training) -> Iterator[Block]:
    model, deviations = training.fit.model, np.linalg.norm(training.fit.moments.factor, axis=0)
    effects = model.coefficients * deviations
    yield Heading("Terms")
    penalty = training.settings.get("penalty")
    if isinstance(penalty, int | float):
        yield Paragraph(f"Ridge penalty on standardized terms: {number_text(penalty)}.")
    if training.candidates:
        yield Paragraph("Terms and penalty were chosen by cross-validation on the training rows:")
        rows = [
            (
                *(found.name, f"{found.terms:,}", number_text(found.penalty), f"{found.r2:.4f}"),
                *(f"{number_text(found.rmse)} ± {number_text(found.rmse_error, 2)}", "chosen" if found.chosen else ""),
            )
            for found in training.candidates[:MAX_TABLE_ROWS]
        ]
        yield Table(("candidate", "terms", "penalty", "R²", "RMSE and its standard error", ""), rows)
    yield Paragraph("The strongest terms:")
    strongest = [
        (_cut(model.term_names[place]), number_text(model.coefficients[place], 6), number_text(effects[place]))
        for place in np.argsort(-np.abs(effects), kind="stable")[:MAX_STRONGEST].tolist()
    ]
    yield Table(("term", "weight", "effect of one standard deviation"), strongest)


def _calls(training: Training, summaries: Sequence[ColumnSummary]) -> Iterator[Block]:
    yield Heading("How to call it")
    if len(summaries) > MAX_EXAMPLE_COLUMNS:
        yield Paragraph(f"A row is an object of the {len(summaries):,} columns: POST /stream takes it as X.")
        return
    model = training.fit.model
    row = {entry.column.name: entry.typical_cell for entry in summaries}
    prediction = float(model.predict(np.array([[entry.typical for entry in summaries]]))[0])
    yield Paragraph(f"For the typical row below, the prediction is {number_text(prediction, 6)}.")
    text = _shell(row)
    yield Code(
        "curl -s http://localhost:8000/stream -H 'Content-Type: application/json' "
        f"-d '{{\"X\": {text}}}'\n"
        f"endeavour predict '[{text}]'"
    )
    yield Code(
        "import mlflow, pandas as pd\n"
        'model = mlflow.pyfunc.load_model("models:/NAME@champion")  # the registered model, endeavour by default\n'
        f"model.predict(pd.DataFrame([{_python(row, summaries)}]))"
    )


def _limits(training: Training) -> Iterator[Block]:
    transform = training.fit.model.target_transform
    bounds = [number_text(bound) for bound in (transform.low, transform.high) if bound is not None]
    within = f", and predictions stay between {' and '.join(bounds)}" if bounds else ""
    yield Heading("Intended use and limits")
    yield Paragraph(
        "The model predicts rows that come from the same source as the training rows and lie within their ranges; "
        "what matters to its predictions need not be a cause."
    )
    yield Paragraph(
        "A text that the training rows did not have adds nothing to a prediction, an empty cell is accepted where "
        f"training rows had gaps and refused elsewhere{within}."
    )


def _shell(row: dict[str, Any]) -> str:
    """Return a row as JSON within single quotes of a shell."""
    return json.dumps(row, ensure_ascii=False).replace("'", "\\u0027")


def _python(row: dict[str, Any], summaries: Sequence[ColumnSummary]) -> str:
    dates = {entry.column.name for entry in summaries if entry.column.kind == "datetime"}
    cells = (f"{name!r}: {f'pd.Timestamp({cell!r})' if name in dates else repr(cell)}" for name, cell in row.items())
    return f"{{{', '.join(cells)}}}"


def _range(interval: Interval | None) -> str:
    return f"{number_text(interval.low)} to {number_text(interval.high)}" if interval else ""


def _bounded(texts: Sequence[str]) -> list[str]:
    more = [f"… and {len(texts) - MAX_TABLE_ROWS:,} more"] if len(texts) > MAX_TABLE_ROWS else []
    return [*texts[:MAX_TABLE_ROWS], *more]


def _more(count: int, what: str) -> Iterator[Block]:
    if count > MAX_TABLE_ROWS:
        yield Paragraph(f"… and {count - MAX_TABLE_ROWS:,} more {what}.")


def _cut(text: str, limit: int = MAX_NAME_CHARACTERS) -> str:
    text = ascii(text) if has_control_character(text) or not text else text
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
