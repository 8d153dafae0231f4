"""Try it: predicts a row that a person fills in, with its interval and what each column adds."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import orjson
from markupsafe import Markup

from application.serving.current_model import CurrentModel
from application.serving.try_row import Trial, TriedRow, TryRow
from domain.delivery.errors import NoModelLoaded
from domain.features.cells import Cell
from domain.model.column_bins import NumberBins
from domain.model.errors import InvalidRow
from domain.model.example_cells import example_rows
from domain.model.explanation import Explanation
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.bars import part
from entrypoints.web.console.charts.density import Bins
from entrypoints.web.console.charts.ranges import Range, axis, ranges
from entrypoints.web.console.numerals import number, signed
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.row_fields import RowField, row_fields, row_of

# Columns with a field of their own, and steps of an explanation, at most.
MAX_FIELDS, MAX_STEPS = 24, 12
# Width of an interval, in those of a typical row, from which on the row counts as unlike the training rows.
MIN_UNLIKE_SCALE = 1.5
# Share of the largest contribution below which one is rounding.
SMALLEST_SHARE = 1e-9
NOT_JSON = "the row must be a JSON object of the columns by name"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum: a name, its size in words, and its bar."""

    name: str
    text: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class TryView:
    """View of the page.

    Parameters
    ----------
    title : str
    problem : str
        Why there is no prediction; empty if there is one.
    problem_place : int or None
        Place of the column whose cell is refused.
    version : ModelVersion or None
        The champion; None if no model is loaded.
    fields : tuple of RowField
        Empty for a model of too many columns, whose row is `text`.
    text, curl_row : str
        The row as JSON, for people and within single quotes of a shell.
    tried : TriedRow or None
    chart : Markup or None
        Predictions and their intervals.
    steps : tuple of Step
        From the typical prediction to that of the row.
    wider : str
        How many times as wide the interval is as that of a typical row; empty if the row is like the training rows.
    other : str
        How far the challenger's prediction is from the champion's.
    """

    title: str
    problem: str = ""
    problem_place: int | None = None
    version: ModelVersion | None = None
    fields: tuple[RowField, ...] = ()
    text: str = ""
    curl_row: str = ""
    tried: TriedRow | None = None
    chart: Markup | None = None
    steps: tuple[Step, ...] = field(default=())
    wider: str = ""
    other: str = ""


def try_page(current_model: CurrentModel, try_row: TryRow) -> Page:
    """Return the page."""

    def view(query: Query) -> TryView:
        try:
            version = current_model.snapshot.version
        except NoModelLoaded as error:
            return TryView("No model", str(error))
        return _view(version, query, try_row)

    return Page("try", "Try it", "try.html", view, json="../model", every=30)


def _view(version: ModelVersion, query: Query, try_row: TryRow) -> TryView:
    encoding = version.model.encoding
    examples = example_rows(encoding, version.reference_predictions)
    example = examples[1 if query.get("row") == "2" else 0]
    if len(encoding.columns) > MAX_FIELDS:
        fields: tuple[RowField, ...] = ()
        text = query.get("json", _json(dict(zip(encoding.feature_names, example, strict=True))))
        row = _parsed(text)
    else:
        fields = row_fields(encoding, example, query)
        row = row_of(encoding, fields)
        text = _json(row)
    if row is None:
        return TryView("Not a row", NOT_JSON, None, version, fields, text)
    try:
        tried = try_row(row)
    except InvalidRow as error:
        places = [each.place for each in fields if each.name == error.field]
        named = f"{error.field}: {error.why}" if error.field and not places else error.why
        return TryView("No prediction", named, places[0] if places else None, version, fields, text)
    return TryView(
        title=f"{number(tried.champion.prediction)} by version {version.name}",
        version=version,
        fields=fields,
        text=text,
        curl_row=_json(row).replace("'", "\\u0027"),
        tried=tried,
        chart=_chart(tried),
        steps=tuple(_steps(tried.explanation, tried.champion.prediction)),
        wider=number(tried.champion.scale, 2) if tried.champion.scale > MIN_UNLIKE_SCALE else "",
        other=signed(tried.challenger.prediction - tried.champion.prediction) if tried.challenger else "",
    )


def _json(row: dict[str, Cell]) -> str:
    """Return the row as JSON, whole numbers without a decimal point."""
    short = {name: int(cell) if isinstance(cell, float) and cell.is_integer() else cell for name, cell in row.items()}
    return json.dumps(short, ensure_ascii=False)


def _parsed(text: str) -> dict[str, Cell] | None:
    """Return the row, None if the text is no JSON object of cells."""
    try:
        row = orjson.loads(text)
    except ValueError:
        return None
    is_row = isinstance(row, dict) and all(isinstance(cell, str | int | float | None) for cell in row.values())
    return row if is_row else None


def _chart(tried: TriedRow) -> Markup | None:
    """Return the predictions on an axis; None without any interval."""
    drawn = [_range(trial) for trial in (tried.champion, tried.challenger) if trial]
    if not any(trial.interval for trial in (tried.champion, tried.challenger) if trial):
        return None
    bins = _bins(tried.champion.version)
    low, high = map(number, axis(drawn, bins))
    return ranges(drawn, bins, f"Predictions and their intervals, from {low} to {high}", low, high)


def _bins(version: ModelVersion) -> Bins:
    """Return the ranges that predictions for the training rows were counted in, but for the two without an end."""
    predictions = version.distributions.predictions if version.distributions else None
    if predictions is None or not isinstance(predictions.bins, NumberBins):
        return ()
    counted = zip(pairwise(predictions.bins.edges), predictions.counts[1:], strict=False)
    return tuple((low, high, count) for (low, high), count in counted)


def _range(trial: Trial) -> Range:
    low, high = trial.interval or (trial.prediction, trial.prediction)
    return Range(low, trial.prediction, high)


def _steps(explanation: Explanation, prediction: float) -> Iterator[Step]:
    """Yield the typical prediction, the largest contributions, the sum of the others, and the prediction."""
    added = list(_largest(explanation))
    reached, heights = explanation.base, [0.0, explanation.base, prediction]
    for _, value in added:
        reached += value
        heights.append(reached)
    low, high = min(heights), max(heights)
    yield Step("typical row", number(explanation.base), part(0.0, explanation.base, low, high))
    reached = explanation.base
    for name, value in added:
        yield Step(name, signed(value), part(reached, reached + value, low, high))
        reached += value
    yield Step("prediction", number(prediction), part(0.0, prediction, low, high))


def _largest(explanation: Explanation) -> Iterator[tuple[str, float]]:
    pairs = list(zip(explanation.names, explanation.contributions[0].tolist(), strict=True))
    ranked: Sequence[tuple[str, float]] = sorted(pairs, key=lambda pair: -abs(pair[1]))
    least = SMALLEST_SHARE * abs(ranked[0][1])
    shown = [pair for pair in ranked if abs(pair[1]) > least]
    yield from shown[:MAX_STEPS]
    if rest := shown[MAX_STEPS:]:
        yield f"{len(rest)} others", sum(value for _, value in rest)
