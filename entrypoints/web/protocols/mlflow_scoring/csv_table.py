"""CSV tables: a line of names, then a line for each row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from operator import itemgetter

import numpy as np
import orjson

from domain.data.arrays import FloatArray
from domain.features.encoding import Encoding
from domain.model.prediction_input import PredictionInput
from entrypoints.web.protocols.mlflow_scoring.tables import feature_positions, not_numbers
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.json_body import too_many_rows
from entrypoints.web.wire.problems import ErrorLocation, ProblemError
from entrypoints.web.wire.schemas import NUMBERS


def decode_utf8(raw: bytes) -> str:
    """Return the text without a byte order mark, or raise `ProblemError`."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "invalid_encoding", "the body is not UTF-8") from error


@dataclass(frozen=True, slots=True)
class CsvTable(PredictionInput):
    """At most `max_rows` lines of cells; every line must have as many cells as the line of names."""

    text: str
    max_rows: int

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the features by name, of shape (n_rows, n_features), or raise `ProblemError`."""
        feature_names = encoding.feature_names
        cells = self._cells(feature_names)
        values = _parse_as_json(cells)
        if values is None:
            values = _parse_as_floats(cells)
        if values is None:
            suspects = in_invalid_chunks(cells, lambda chunk: _parse_as_floats(chunk) is not None)
            raise not_numbers((number for number, cell in suspects if _parse_as_floats([cell]) is None), feature_names)
        return np.fromiter(values, np.float64, len(values)).reshape(-1, len(feature_names))

    def _cells(self, feature_names: Sequence[str]) -> list[str]:
        lines = _lines(self.text)
        columns = next(lines, [])
        positions = feature_positions(columns, feature_names)
        cells = map(itemgetter(*positions), self._rows(lines, len(columns)))
        return list(cells if len(positions) == 1 else chain.from_iterable(cells))

    def _rows(self, lines: Iterable[list[str]], width: int) -> Iterator[list[str]]:
        for number, cells in enumerate(lines):
            if number == self.max_rows:
                raise too_many_rows(self.max_rows)
            if len(cells) != width:
                place, detail = f"rows[{number}]", f"must have {width} cells, as the line of names has"
                raise ProblemError(400, "wrong_shape", f"{place} {detail}", [ErrorLocation(place, detail)])
            yield cells


def _lines(text: str) -> Iterator[list[str]]:
    try:
        for cells in csv.reader(StringIO(text, newline=""), strict=True):
            if cells and not (len(cells) == 1 and cells[0].isspace()):
                yield cells
    except csv.Error as error:
        raise ProblemError(400, "bad_csv", "not CSV: a quote is open or out of place, or a cell is too long") from error


def _parse_as_json(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers if all are written as in JSON, else None; this takes two thirds of the time of `float`.

    A cell that is not a number causes an error, another type or another count.
    """
    try:
        values: list[float] = orjson.loads(f"[{','.join(cells)}]")
    except orjson.JSONDecodeError:
        return None
    return values if len(values) == len(cells) and set(map(type, values)) <= NUMBERS else None


def _parse_as_floats(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers as `float` reads them, None if a cell is not a number.

    1_000 and digits of other scripts are not numbers.
    """
    text = "".join(cells)
    if "_" in text or not text.isascii():
        return None
    try:
        return list(map(float, cells))
    except ValueError:
        return None
