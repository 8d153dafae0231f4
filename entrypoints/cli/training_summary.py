"""Training summary: what `endeavour train` prints about columns, terms, scores and the decision."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from application.training.train_model import TrainingOutcome
from domain.data.columns import Kind
from domain.data.errors import InvalidData
from domain.data.number_text import number_text
from domain.data.quoting import quoted
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.learning.plan import Training
from domain.model.interval_statement import interval_statement
from domain.model.scores import METRICS
from entrypoints.cli.hints import decision_hints

Line = tuple[str, str]

# Terms of a model that is printed as a formula, columns whose importance is printed, and left-out columns, at most.
MAX_FORMULA_TERMS, MAX_STRONGEST, MAX_LEFT_OUT = 10, 5, 12
# Columns of a kind that are named, at most.
MAX_NAMED = 12
# Mean of a positive target over its median above which its logarithm is worth a try.
SKEWED = 1.25
# Held-out rows that a promotion needs by default.
FEW_ROWS = 20
# Whole numbers of a column, at most, that may be codes.
MAX_CODES = 12
SAMPLE_ROWS = 16_384
PLURALS: Mapping[Kind, str] = {
    "number": "numbers",
    "boolean": "booleans",
    "category": "categories",
    "datetime": "datetimes",
}


def summary(outcome: TrainingOutcome) -> list[Line]:
    """Return the lines, each with its label."""
    training = outcome.training
    return [
        *column_lines(training.fit.model.encoding, training.split.train.target_name, training.notes),
        *_terms(training),
        *_model(training),
        *_fit_and_scores(training),
        *(("warning", warning) for warning in training.warnings),
        *_decision(outcome),
        *(("worth a try", suggestion) for suggestion in suggestions(training)),
    ]


def column_lines(encoding: Encoding, target: str, notes: Sequence[str]) -> Iterator[Line]:
    """Yield the columns by kind, those that are left out with the reasons, and the notes of the source.

    Yield nothing if all columns of the table are plain numbers.
    """
    left_out = [column for column in encoding.left_out if column.name != target]
    if encoding.is_plain and not left_out and not notes:
        return
    for place, kind in enumerate(dict.fromkeys(column.kind for column in encoding.columns)):
        yield ("" if place else "columns"), _described(encoding, kind)
    for column in left_out[:MAX_LEFT_OUT]:
        yield "left out", f"{quoted(column.name)} {column.reason}"
    if len(left_out) > MAX_LEFT_OUT:
        yield "", f"and {len(left_out) - MAX_LEFT_OUT} more columns"
    yield from (("note", note) for note in notes)


def _described(encoding: Encoding, kind: Kind) -> str:
    """Return the columns of a kind, such as '2 categories: city (5 levels), heating (4 levels, gaps)'."""
    columns = [column for column in encoding.columns if column.kind == kind]
    shown = []
    for column in columns[:MAX_NAMED]:
        levels = len(column.column.levels)
        facts = [f"{levels} {'level' if levels == 1 else 'levels'}"] * isinstance(column, CategoryColumn)
        facts += ["gaps"] * column.has_gaps
        shown.append(column.name + (f" ({', '.join(facts)})" if facts else ""))
    more = [f"and {len(columns) - MAX_NAMED} more"] if len(columns) > MAX_NAMED else []
    return f"{len(columns)} {kind if len(columns) == 1 else PLURALS[kind]}: {', '.join([*shown, *more])}"


def _terms(training: Training) -> Iterator[Line]:
    chosen = [candidate for candidate in training.candidates if candidate.chosen]
    for candidate in chosen:
        others = (f"{other.name} {other.r2:.4f}" for other in training.candidates if not other.chosen)
        compared = f" ({', '.join(others)})" if len(training.candidates) > 1 else ""
        facts = f"{candidate.terms} {'term' if candidate.terms == 1 else 'terms'}, penalty {candidate.penalty:.3g}"
        yield "terms", f"{candidate.name}: {facts}, cross-validated R² {candidate.r2:.4f}{compared}"


def _model(training: Training) -> Iterator[Line]:
    model, target = training.fit.model, training.split.train.target_name
    if model.encoding.is_plain and len(model.coefficients) <= MAX_FORMULA_TERMS:
        weights = zip(model.coefficients.tolist(), model.term_names, strict=True)
        terms = "".join(f" {'-' if weight < 0 else '+'} {abs(weight):.6g}·{name}" for weight, name in weights)
        yield "model", f"{target} = {model.intercept:.6g}{terms}"
        return
    shown = (f"{each.name} {number_text(each.spread, 3)}" for each in training.importances[:MAX_STRONGEST])
    scale = " on the logarithmic scale" if model.target_transform.log else ""
    yield "model", f"{target}; typical change{scale} by column: {', '.join(shown)}"


def _fit_and_scores(training: Training) -> Iterator[Line]:
    report, scores = training.fit.report, training.scores
    train_rows, test_rows = len(training.split.train), len(training.split.test)
    passes = f"{report.passes:,} {'pass' if report.passes == 1 else 'passes'}"
    near = f", excess loss {report.relative_excess_loss[-1]:.1e}" if report.relative_excess_loss else ""
    yield "fit", f"{train_rows:,} rows, {passes}{near}, stopped by {report.stop_reason}, {report.total_seconds:.2g} s"
    shown = f"R² {scores.r2:.4f}, RMSE {number_text(scores.rmse, 6)}, MAE {number_text(scores.mae, 6)}"
    yield "scores", f"{shown} on {test_rows:,} held-out rows"
    if training.intervals:
        named = (
            f"{METRICS[name].label} {number_text(low)} to {number_text(high)}"
            for name, (low, high) in training.intervals.items()
        )
        yield "", f"95 % intervals: {', '.join(named)}"
    if training.calibration:
        statement = interval_statement(training.fit.model, training.fit.moments, training.calibration)
        yield "", f"prediction intervals: {statement}"


def _decision(outcome: TrainingOutcome) -> Iterator[Line]:
    decision, version = outcome.decision, outcome.version
    kept = "" if outcome.run_id == version.lineage.run_id else ", unchanged"
    yield "version", f"{version.name}{kept} (run {outcome.run_id})"
    first, *others = decision.reasons
    outcome_in_words = "promoted" if decision.promote else "rollout started" if decision.rollout else "not promoted"
    yield "decision", f"{outcome_in_words}: {first}"
    yield from (("", line) for line in (*others, *decision_hints(version.name, decision)))


def suggestions(training: Training) -> Iterator[str]:
    """Yield options that may improve the model, by a sample of the training rows."""
    rows, model = training.split.train, training.fit.model
    if len(training.split.test) < FEW_ROWS:
        yield "--holdout 20 or more rows; ENDEAVOUR_MIN_HOLDOUT_ROWS is how many a promotion needs"
    try:
        features, target = rows.sample(SAMPLE_ROWS, seed=0)
    except InvalidData:  # the files have changed since the training, which is done
        return
    is_skewed = target.min() > 0 and np.mean(target) > SKEWED * np.median(target)
    if training.candidates and is_skewed and not model.target_transform.log:
        yield "--log-target, because the target is positive and skewed"
    codes = [
        column.name
        for column, values in zip(rows.columns, features.T, strict=True)
        if training.candidates and column.kind == "number" and _may_be_codes(values)
    ]
    if codes:
        shown = ",".join(f"category:{name}" for name in codes[:MAX_STRONGEST])
        yield f"--as {shown}, if these whole numbers are codes"


def _may_be_codes(values: "np.typing.NDArray[np.floating]") -> bool:
    """Return whether a column has a few whole numbers that are neither counts from 0 or 1 nor a pair."""
    found = np.unique(values[~np.isnan(values)])
    few = 2 < len(found) <= MAX_CODES and bool((found == np.round(found)).all())  # noqa: PLR2004  # more than a pair
    return few and bool(np.diff(found).max() > 1)
