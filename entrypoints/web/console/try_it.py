"""Try it: predicts a row that a person fills in, with its interval and what each column adds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from markupsafe import Markup

from application.serving.current_model import CurrentModel
from application.serving.describe_model import DescribeModel
from application.serving.try_row import TriedRow, TryRow
from domain.delivery.errors import NoModelLoaded
from domain.features.cells import Cell
from domain.model.errors import InvalidRow
from domain.model.example_cells import example_rows
from domain.model.model_version import ModelVersion
from entrypoints.web.console.numerals import number, signed
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.prediction_chart import middle_predictions, prediction_chart
from entrypoints.web.console.row_fields import MAX_FIELDS, RowField, is_wide, row_fields, row_of
from entrypoints.web.console.steps import Step, steps

# Of the box for JSON, because the row is in the address of the page, of which a proxy takes 8 KB.
MAX_BOX_CHARACTERS = 4_000
# Width of an interval, in those of a typical row, from which on the row counts as unlike the training rows.
MIN_UNLIKE_SCALE = 1.5
NOT_JSON = "the row must be a JSON object of the columns by name"


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
        The row as JSON, for people and within single quotes of a shell; of many columns, those that differ from the
        example row.
    max_characters : int
        Of the text.
    tried : TriedRow or None
    chart : Markup or None
        Predictions and their intervals.
    bars : str
        What the bars of the chart show; empty without bars.
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
    curl_row: str = "{}"
    max_characters: int = MAX_BOX_CHARACTERS
    tried: TriedRow | None = None
    chart: Markup | None = None
    bars: str = ""
    steps: tuple[Step, ...] = ()
    wider: str = ""
    other: str = ""

    @property
    def is_wide(self) -> bool:
        """Whether the model has too many columns for fields."""
        return self.version is not None and is_wide(self.version.model.encoding)

    @property
    def refused(self) -> str:
        """Name of the column whose cell is refused; empty if there is none, or the problem names it."""
        return next((field.name for field in self.fields if field.place == self.problem_place), "")


def try_page(current_model: CurrentModel, try_row: TryRow, describe: DescribeModel) -> Page:
    """Return the page."""

    def view(query: Query) -> TryView:
        try:
            version = current_model.snapshot.version
        except NoModelLoaded as error:
            return TryView("No model", str(error))
        return _view(version, query, try_row, describe)

    return Page("try", "Try it", "try.html", view, json="../model", every=10)


def _view(version: ModelVersion, query: Query, try_row: TryRow, describe: DescribeModel) -> TryView:
    encoding = version.model.encoding
    examples = example_rows(encoding, version.reference_predictions)
    example = examples[1 if query.get("row") == "2" else 0]
    if is_wide(encoding):
        fields: tuple[RowField, ...] = ()
        names = encoding.feature_names
        text = query["json"] if "json" in query else _first_box(describe, dict(zip(names, example, strict=True)))
        given = _parsed(text)
        if given is None:
            return TryView("Not a row", NOT_JSON, version=version, text=text)
        row = dict(zip(names, examples[0], strict=True)) | given
    else:
        fields = row_fields(version, example, query)
        row = given = row_of(encoding, fields)
        text = _json(row)
    curl_row = _json(given).replace("'", "\\u0027")
    try:
        tried = try_row(row)
    except InvalidRow as error:
        places = [each.place for each in fields if each.name == error.field]
        named = f"{error.field}: {error.why}" if error.field and not places else error.why
        return TryView("No prediction", named, places[0] if places else None, version, fields, text, curl_row)
    return TryView(
        title=f"{number(tried.champion.prediction)} by version {version.name}",
        version=version,
        fields=fields,
        text=text,
        curl_row=curl_row,
        tried=tried,
        chart=prediction_chart(tried),
        bars=middle_predictions(version),
        steps=tuple(steps(tried.explanation, tried.champion.prediction)),
        wider=number(tried.champion.scale, 2) if tried.champion.scale > MIN_UNLIKE_SCALE else "",
        other=signed(tried.challenger.prediction - tried.champion.prediction) if tried.challenger else "",
    )


def _first_box(describe: DescribeModel, example: Mapping[str, Cell]) -> str:
    """Return the cells of the columns with the largest effects, as many as there is room for."""
    # The champion may be another one by now.
    names = [effect.name for effect in describe().effects[:MAX_FIELDS] if effect.name in example]
    texts = (_json({name: example[name] for name in names[:count]}) for count in range(len(names), -1, -1))
    return next(text for text in texts if len(text) <= MAX_BOX_CHARACTERS)


def _json(row: dict[str, Cell]) -> str:
    """Return the row as JSON, whole numbers without a decimal point."""
    short = {name: int(cell) if isinstance(cell, float) and cell.is_integer() else cell for name, cell in row.items()}
    return json.dumps(short, ensure_ascii=False)


def _parsed(text: str) -> dict[str, Cell] | None:
    """Return the row, None if the text is no JSON object of cells."""
    try:
        row = orjson.loads(text)
    except ValueError:
        row = _with_large_numbers(text)
    is_row = isinstance(row, dict) and all(isinstance(cell, str | int | float | None) for cell in row.values())
    return row if is_row else None


def _with_large_numbers(text: str) -> object:
    """Return JSON whose numbers may be too large for a double, which the model refuses; None if it is no JSON."""
    try:
        return json.loads(text, parse_int=float, parse_constant=_reject)
    except (ValueError, RecursionError):
        return None


def _reject(constant: str) -> None:
    """Raise ValueError for NaN and Infinity, which are no JSON."""
    raise ValueError(f"{constant} is no JSON")
