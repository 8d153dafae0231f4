"""Scoring code of MLflow's own servers for a model of Endeavour; every registered model has a copy of this file.

It runs where this project is not installed, so it imports nothing of it, and reads the model's record as data.
"""

import json
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property, partial
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no annotations
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.model import PythonModel, PythonModelContext

Column = dict[str, Any]
"""A column of the training table: its name, its kind, and the numbers that turn its cells into terms."""
Array = Any

MIN_LEVEL, MAX_LEVEL = 0.5, 0.99
# Rows whose terms are in memory at once.
BLOCK_ROWS = 1024


class LinearScorer(PythonModel):
    """y = terms(X) · coefficients + intercept, limited and on the target's scale as the record has it."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the record; MLflow calls this once."""
        record = json.loads(Path(context.artifacts["weights"]).read_bytes())
        self.columns: list[Column] = record["encoding"]["columns"]
        self.products: list[list[int]] = record["encoding"]["products"]
        self.factors = {place for product in self.products for place in product}
        self.coefficients = np.array(record["coefficients"], dtype=np.float64)
        self.intercept = record["intercept"]
        self.target_transform = record["target_transform"]
        self.calibration, self.moments = record.get("calibration"), record.get("moments")

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Array:
        """Return one prediction a row, in target units; columns beside the model's are not read.

        With a level as the parameter `interval`, the result is a table of predictions and their bounds.
        """
        del context
        level = (params or {}).get("interval")
        quantile = None if level is None else self._quantile(level)
        table = _table(model_input, [column["name"] for column in self.columns])
        values = [_values(column, table) for column in self.columns]
        sums = self._sums(values)
        predictions = self._on_target_scale(sums)
        if quantile is None:
            return predictions
        lows, highs = self._around(sums, quantile * self._error_scale(values))
        bounds = {"prediction_low": np.minimum(lows, predictions), "prediction_high": np.maximum(highs, predictions)}
        return pd.DataFrame({"prediction": predictions, **bounds})

    def _sums(self, values: list[Array]) -> Array:
        """Return the intercept and the terms times their coefficients, for the values of each column."""
        if not self.products and all(map(_is_plain, self.columns)):
            rows = np.ascontiguousarray(np.column_stack(list(map(_filled, self.columns, values))))
            # Each row is summed as the project itself sums it: the same to the last bit.
            return np.einsum("ij,j->i", rows, self.coefficients) + self.intercept
        sums = np.full(len(values[0]), self.intercept)
        for coefficient, term in zip(self.coefficients, self._terms(values), strict=True):
            sums += coefficient * term
        return sums

    def _terms(self, values: list[Array]) -> Iterator[Array]:
        """Yield the terms of the columns, and the products of some."""
        factors, place = {}, 0
        for column, numbers in zip(self.columns, values, strict=True):
            center, scale = column.get("center", 0.0), column.get("scale", 1.0)
            for term in _TERMS[column["kind"]](column, numbers):
                yield term
                if place in self.factors:
                    factors[place] = (term - center) / scale
                center, scale, place = 0.0, 1.0, place + 1  # only a column's first term is standardized
        for first, second in self.products:
            yield factors[first] * factors[second]

    def _quantile(self, level: float) -> float:
        """Return the largest score of a held-out row that is within intervals of this level."""
        if not MIN_LEVEL <= level <= MAX_LEVEL:
            raise MlflowException.invalid_parameter_value(f"interval must be from {MIN_LEVEL} to {MAX_LEVEL}")
        if self.calibration is None:
            raise MlflowException.invalid_parameter_value("the version was trained without a calibration")
        rows, scores = self.calibration["rows"], self.calibration["conformity_scores"]
        place = ceil((rows + 1) * Fraction(str(level)))
        if place > len(scores):
            raise MlflowException.invalid_parameter_value(f"{rows} held-out rows are too few for the interval {level}")
        return float(scores[place - 1])

    def _error_scale(self, values: list[Array]) -> Array:
        """Return √(1 + leverage) of each row, 1 without moments."""
        scale = np.ones(len(values[0]))
        if self.moments is None:
            return scale
        for start, end in pairwise([*range(0, len(scale), BLOCK_ROWS), len(scale)]):
            terms = np.column_stack(list(self._terms([numbers[start:end] for numbers in values])))
            parts = np.einsum("ij,kj->ik", terms - self.moments["mean"], self._whitening)
            scale[start:end] = np.sqrt(1 + 1 / self.moments["rows"] + np.einsum("ij,ij->i", parts, parts))
        return scale

    @cached_property
    def _whitening(self) -> Array:
        """A matrix W with Wᵀ W = (n Cov + S²)⁻¹, for the variances S² of the terms."""
        count = len(self.moments["mean"])
        factor = np.zeros((count, count))
        factor[np.triu_indices(count)] = np.frombuffer(b64decode(self.moments["factor"]), "<f8")
        deviations = np.linalg.norm(factor, axis=0)
        deviations[deviations == 0] = 1.0
        scaled = factor / deviations
        return np.linalg.inv(np.linalg.cholesky(self.moments["rows"] * scaled.T @ scaled + np.eye(count))) / deviations

    def _around(self, sums: Array, reach: Array) -> tuple[Array, Array]:
        """Return the least and the largest target within `reach` of sums, which are moved to the limits first."""
        transform = self.target_transform
        low = -np.inf if transform["low"] is None else transform["low"]
        high = np.inf if transform["high"] is None else transform["high"]
        if not transform["log"]:
            centers = np.clip(sums, low, high)
            return centers - reach, centers + reach
        with np.errstate(divide="ignore"):
            centers = np.clip(sums, *np.log(np.maximum([low, high], 0.0) / transform["correction"]))
        return np.exp(centers - reach), np.exp(centers + reach)

    def _on_target_scale(self, sums: Array) -> Array:
        transform = self.target_transform
        predictions = transform["correction"] * np.exp(sums) if transform["log"] else sums
        low, high = transform["low"], transform["high"]
        return predictions if low is None and high is None else np.clip(predictions, low, high)


def _table(model_input: Any, names: list[str]) -> pd.DataFrame:
    """Return the input as a table with stripped names; an array has the columns of the model."""
    if isinstance(model_input, dict) and not any(map(np.ndim, model_input.values())):
        model_input = [model_input]  # one record
    try:
        table = pd.DataFrame(model_input, columns=names if isinstance(model_input, np.ndarray) else None)
        if not isinstance(model_input, pd.DataFrame):
            # MLflow makes an array of each value of a record.
            table = table.map(lambda cell: cell.item() if isinstance(cell, np.ndarray) else cell)
        return table.set_axis(list(map(_text, table.columns)), axis="columns")
    except (TypeError, ValueError) as error:
        raise MlflowException.invalid_parameter_value("the input is not a table of the model's columns") from error


def _values(column: Column, table: pd.DataFrame) -> Array:
    """Return the cells of the column as numbers, NaN for an empty cell; a column that had gaps may be absent."""
    name, kind = _text(column["name"]), column["kind"]
    if name not in table.columns and not column["has_gaps"]:
        raise MlflowException.invalid_parameter_value(f"there is no column {name!r}")
    cells = table[name] if name in table.columns else pd.Series(None, index=table.index, dtype=object)
    try:
        if form := column.get("format"):
            cells = cells.astype(object).map(partial(_to_plain, form))
        values = _VALUES[kind](column, cells)
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise MlflowException.invalid_parameter_value(f"column {name!r} has a cell that is no {kind}") from error
    # The median of the training rows replaces an empty cell, as in held-out rows, if it was measured.
    unusable = np.flatnonzero(np.isinf(values) | (np.isnan(values) & (column.get("fill", 0.0) is None)))
    if len(unusable):
        raise MlflowException.invalid_parameter_value(f"row {unusable[0]}, column {name!r}: empty or infinite")
    return values


def _to_plain(form: dict[str, Any], cell: Any) -> Any:
    """Return a number as JSON has it, or a date in the form of ISO 8601, in place of a text in the column's format."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if not re.fullmatch(form["accepted"], text, re.ASCII):
        raise ValueError
    for pattern, replacement in form["rules"]:
        text = re.sub(pattern, replacement, text, flags=re.ASCII)
    return text


def _from_numbers(column: Column, cells: pd.Series) -> Array:
    """Return numbers, or booleans as 0 or 1."""
    del column
    # A cast by way of objects refuses dates, which numpy would read as nanoseconds.
    cells = cells if cells.dtype.kind in "biuf" else cells.astype(object)
    return cells.to_numpy(dtype=np.float64, na_value=np.nan)


def _from_texts(column: Column, cells: pd.Series) -> Array:
    """Return the place of each text's term, and -1 for a text without one; the last term is that of empty cells."""
    levels, pooled = column["levels"], column["pooled"]
    places = {text: place for place, text in enumerate(levels)} | dict.fromkeys(pooled, len(levels))
    codes, texts = pd.factorize(cells)
    # pandas reads codes such as postcodes as whole numbers, without the zeros before them.
    widths = {len(text) if text.isdecimal() else 0 for text in places}
    width = widths.pop() if len(widths) == 1 and cells.dtype.kind in "iuf" else 0
    return np.array([*(places.get(_text(text).zfill(width), -1.0) for text in texts.tolist()), np.nan])[codes]


def _text(value: Any) -> str:
    """Return the text of a cell; a column of whole numbers with gaps has them as floats."""
    whole = isinstance(value, float) and value.is_integer()
    return unicodedata.normalize("NFC", str(int(value) if whole else value)).strip()


def _from_dates(column: Column, cells: pd.Series) -> Array:
    """Return seconds since 1970 in UTC, for dates or texts in the form of ISO 8601; no zone is UTC."""
    del column
    moments = pd.to_datetime(cells, utc=True, format="ISO8601").to_numpy(dtype="M8[us]")
    return (moments - np.datetime64(0, "us")) / np.timedelta64(1, "s")


def _is_plain(column: Column) -> bool:
    return column["kind"] == "number" and not column["spline"] and not column["has_gaps"]


def _filled(column: Column, values: Array) -> Array:
    fill = column["fill"]
    return values if fill is None else np.where(np.isnan(values), fill, values)


def _number_terms(column: Column, values: Array) -> Iterator[Array]:
    filled = _filled(column, values)
    yield from _spline_terms(column["spline"], filled) if column["spline"] else [filled]
    if column["has_gaps"]:
        yield np.isnan(values)


def _spline_terms(spline: dict[str, Any], values: Array) -> Iterator[Array]:
    """Yield the value within the training range, and how far it is above each knot."""
    within = np.clip(values, spline["low"], spline["high"])
    yield within
    for knot in spline["knots"]:
        yield np.maximum(within - knot, 0.0)


def _category_terms(column: Column, places: Array) -> Iterator[Array]:
    count = len(column["levels"]) + bool(column["pooled"])
    for place in range(count):
        yield places == place
    if column["has_gaps"]:
        yield np.isnan(places)


def _datetime_terms(column: Column, seconds: Array) -> Iterator[Array]:
    filled = _filled(column, seconds)
    yield from _spline_terms(column["elapsed"], (filled - column["origin"]) / 86_400)
    moments = np.floor(filled).astype(np.int64).astype("M8[s]")
    for part in column["parts"]:
        unit, count, offset = _PARTS[part]
        values = (moments.astype(f"M8[{unit}]").astype(np.int64) + offset) % count
        for value in range(count):
            yield values == value
    if column["has_gaps"]:
        yield np.isnan(seconds)


# Unit, number of values, and units from the first value to 1970-01-01, a Thursday in January.
_PARTS = {"month": ("M", 12, 0), "weekday": ("D", 7, 3), "hour": ("h", 24, 0)}
_VALUES = {"number": _from_numbers, "boolean": _from_numbers, "category": _from_texts, "datetime": _from_dates}
_TERMS = {
    "number": _number_terms,
    "boolean": _number_terms,
    "category": _category_terms,
    "datetime": _datetime_terms,
}

mlflow.models.set_model(LinearScorer())
