"""A table in CSV: a line of names, then a line for each row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from operator import itemgetter

import numpy as np
import orjson

from domain.data.arrays import FloatArray
from domain.model.prediction_input import PredictionInput
from entrypoints.web.protocols.mlflow_scoring.tables import not_numbers, positions
from entrypoints.web.wire.json_body import too_many
from entrypoints.web.wire.problems import Place, ProblemError
from entrypoints.web.wire.schemas import NUMBERS
from entrypoints.web.wire.suspects import suspects


def decoded(raw: bytes) -> str:
    """Return the text, without the mark that some programs put before UTF-8, or raise `ProblemError`."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "invalid_encoding", "the body is not UTF-8") from error


@dataclass(frozen=True, slots=True)
class CsvTable(PredictionInput):
    """At most `most` rows as lines of cells; every line has as many of them as the first, which has their names."""

    text: str
    most: int

    def matrix(self, feature_names: tuple[str, ...]) -> FloatArray:
        """Return the features by name."""
        cells = self._cells(feature_names)
        values = _of_json(cells)
        if values is None:
            values = _of_python(cells)
        if values is None:
            suspected = suspects(cells, lambda piece: _of_python(piece) is not None)
            raise not_numbers((number for number, cell in suspected if _of_python([cell]) is None), feature_names)
        return np.fromiter(values, np.float64, len(values)).reshape(-1, len(feature_names))

    def _cells(self, feature_names: Sequence[str]) -> list[str]:
        lines = _lines(self.text)
        columns = next(lines, [])
        places = positions(columns, feature_names)
        cells = map(itemgetter(*places), self._rows(lines, len(columns)))
        return list(cells if len(places) == 1 else chain.from_iterable(cells))

    def _rows(self, lines: Iterable[list[str]], width: int) -> Iterator[list[str]]:
        for number, cells in enumerate(lines):
            if number == self.most:
                raise too_many(self.most)
            if len(cells) != width:
                detail = f"must have {width} cells, as the line of names has"
                raise ProblemError(400, "wrong_shape", f"rows[{number}] {detail}", [Place(f"rows[{number}]", detail)])
            yield cells


def _lines(text: str) -> Iterator[list[str]]:
    try:
        for cells in csv.reader(StringIO(text, newline=""), strict=True):
            if cells and not (len(cells) == 1 and cells[0].isspace()):
                yield cells
    except csv.Error as error:
        raise ProblemError(400, "bad_csv", "not CSV: a quote is open or out of place, or a cell is too long") from error


def _of_json(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers if all are written as in JSON, which takes two thirds of the time of `float`.

    A cell that is no number makes an error, another type or another count.
    """
    try:
        values: list[float] = orjson.loads(f"[{','.join(cells)}]")
    except orjson.JSONDecodeError:
        return None
    return values if len(values) == len(cells) and set(map(type, values)) <= NUMBERS else None


def _of_python(cells: Sequence[str]) -> list[float] | None:
    """Return the numbers as `float` reads them, None if a cell is none; 1_000 and digits of other scripts are none."""
    text = "".join(cells)
    if "_" in text or not text.isascii():
        return None
    try:
        return list(map(float, cells))
    except ValueError:
        return None
