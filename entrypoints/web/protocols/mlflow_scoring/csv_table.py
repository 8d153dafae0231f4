"""CSV tables: a line of names, then a line for each row."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.encoding import Encoding
from domain.model.prediction_input import PredictionInput, part_of, values_of_columns
from entrypoints.web.protocols.mlflow_scoring.columns import feature_places, not_numbers
from entrypoints.web.protocols.mlflow_scoring.csv_cells import parse_numbers, to_cells
from entrypoints.web.protocols.mlflow_scoring.tables import pick_values
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.json_body import too_many_rows
from entrypoints.web.wire.problems import ErrorLocation, ProblemError


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
        lines = _lines(self.text)
        names = list(map(str.strip, next(lines, [])))
        places = feature_places(names, encoding)
        rows = self._rows(lines, len(names))
        if encoding.is_plain:
            return _plain_values(pick_values(rows, places), encoding.feature_names)
        table = list(rows)
        cells = (
            [None] * len(table) if place is None else to_cells(pick_values(table, [place]), column)
            for column, place in zip(encoding.columns, places, strict=True)
        )
        return values_of_columns(cells, encoding)

    def part(self, rows: int, place: float) -> "CsvTable":
        """Return a copy of the names and of some rows, or raise `ProblemError`."""
        names, *lines = _lines(self.text)
        text = StringIO(newline="")
        csv.writer(text).writerows([names, *lines[part_of(len(lines), rows, place)]])
        return CsvTable(text.getvalue(), rows)

    def _rows(self, lines: Iterable[list[str]], width: int) -> Iterator[list[str]]:
        for number, cells in enumerate(lines):
            if number == self.max_rows:
                raise too_many_rows(self.max_rows)
            if len(cells) != width:
                place, detail = f"rows[{number}]", f"must have {width} cells, as the line of names has"
                raise ProblemError(400, "wrong_shape", f"{place} {detail}", [ErrorLocation(place, detail)])
            yield cells


def _plain_values(cells: Sequence[str], feature_names: Sequence[str]) -> FloatArray:
    values = parse_numbers(cells)
    if values is None:
        suspects = in_invalid_chunks(cells, lambda chunk: parse_numbers(chunk) is not None)
        raise not_numbers((number for number, cell in suspects if parse_numbers([cell]) is None), feature_names)
    return np.fromiter(values, np.float64, len(values)).reshape(-1, len(feature_names))


def _lines(text: str) -> Iterator[list[str]]:
    try:
        for cells in csv.reader(StringIO(text, newline=""), strict=True):
            if cells and not (len(cells) == 1 and cells[0].isspace()):
                yield cells
    except csv.Error as error:
        raise ProblemError(400, "bad_csv", "not CSV: a quote is open or out of place, or a cell is too long") from error
