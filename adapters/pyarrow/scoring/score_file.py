"""ScoreFile: scores one file of a table; a task holds no connection, so that another process can run it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from adapters.pyarrow.cells import to_text
from adapters.pyarrow.csv_files import UnfitNumbers
from adapters.pyarrow.scoring.feature_cells import FeatureCells, MisfitError
from adapters.pyarrow.scoring.output_files import output_file, write_errors_of
from adapters.pyarrow.scoring.scored_files import (
    Record,
    ScoredCsv,
    ScoredFile,
    ScoredParquet,
    is_parquet_name,
    read_record,
)
from adapters.pyarrow.scoring.table_file import TableBatch, TableFile, WantedColumns, open_table_file
from adapters.pyarrow.table_path import TablePath
from domain.data.arrays import FloatArray
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted
from domain.model.errors import InvalidRow, UnpredictableCell, WrongCell
from domain.model.linear_model import LinearModel
from domain.model.scoring import PREDICTION, OnBadRow, Scored, ScoredBlock, score_block

# Rows that are predicted at once: their values stay in the cache of a core.
PREDICTED_ROWS = 8192


@dataclass(frozen=True, slots=True)
class ScoringOptions:
    """How files are read and scored.

    Parameters
    ----------
    keep : tuple of str
        Columns that the scored files have beside the prediction.
    markers : tuple of str
        Texts of an empty cell, but for those that are levels of their column.
    encoding : str
        Of CSV files.
    on_bad_row : {'stop', 'null'}
    """

    keep: tuple[str, ...]
    markers: tuple[str, ...]
    encoding: str
    on_bad_row: OnBadRow = "stop"

    @property
    def text(self) -> str:
        """The options as the record of a scored file has them."""
        return json.dumps([self.keep, self.markers, self.encoding, self.on_bad_row])


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to score.

    Parameters
    ----------
    source, target : TablePath
    name : str
        Of the source, below the place of the table.
    partition : mapping of str to str or None
        Columns in the path of the source.
    options : ScoringOptions
    version : str
    model : LinearModel
    program : str
        Version of the program.
    """

    source: TablePath
    target: TablePath
    name: str
    partition: Mapping[str, str | None]
    options: ScoringOptions
    version: str
    model: LinearModel
    program: str

    def open(self) -> TableFile:
        """Read the header or footer of the source, or raise `UnreadableData`."""
        columns = wanted_columns(self.model, self.options.keep)
        return open_table_file(self.source, columns, self.partition, list(self.options.markers), self.options.encoding)


class FileScored(NamedTuple):
    """The counts of a scored file, and whether an earlier run had completed it."""

    counts: Scored
    was_complete: bool


def wanted_columns(model: LinearModel, keep: tuple[str, ...]) -> WantedColumns:
    """Return the columns to read from a file."""
    texts = (
        column.name for column in model.encoding.columns if column.kind != "number" or column.column.format is not None
    )
    return WantedColumns(model.feature_names, frozenset(texts), keep)


def score_file(task: FileTask, on_rows: Callable[[int], None] = lambda _: None) -> FileScored:
    """Score the file unless its target is complete; `on_rows` receives the number of rows that are done.

    Raises
    ------
    InvalidData
        If the source cannot be read, or has a cell of another kind, or a bad row and the policy is to stop.
    OutputUnavailable
        If the target cannot be written; it is then as it was.
    """
    source = task.open()
    origin = {
        "version": task.version,
        "digest": task.model.digest,
        "input": task.name,
        "input_digest": source.digest,
        "options": task.options.text,
    }
    with write_errors_of(task.target):
        record = read_record(task.target)
        if record is not None and origin.items() <= record.items():
            return FileScored(Scored(**json.loads(record["counts"])), was_complete=True)
        try:
            return FileScored(_write(task, source, origin, on_rows), was_complete=False)
        except UnfitNumbers:
            return FileScored(_write(task, source.as_text(), origin, on_rows), was_complete=False)


def _write(task: FileTask, source: TableFile, origin: Record, on_rows: Callable[[int], None]) -> Scored:
    schema = pa.schema([*source.kept_fields, pa.field(PREDICTION, pa.float64())])
    scored, scorer = Scored(), _FileScorer(task, source)
    with output_file(task.target) as path, _scored_file(task.target, path, schema, source.delimiter) as file:
        for batch in source.batches():
            predictions, counts = scorer.predict(batch)
            file.write(pa.record_batch([*batch.kept, predictions], schema=schema))
            scored += counts
            on_rows(scored.rows)
        counted = {"rows": scored.rows, "bad_rows": scored.bad_rows, "counts": json.dumps(scored.as_dict())}
        file.finish({**origin, "program": task.program, **{name: str(value) for name, value in counted.items()}})
    return scored


def _scored_file(target: TablePath, path: Path, schema: pa.Schema, delimiter: str) -> ScoredFile:
    return ScoredParquet(path, schema) if is_parquet_name(target) else ScoredCsv(path, schema, target, delimiter)


class _FileScorer:
    """Predictions for batches of one file, with errors that name its rows."""

    def __init__(self, task: FileTask, source: TableFile) -> None:
        encoding = task.model.encoding
        self._place, self._source = str(task.source), source
        self._model, self._on_bad_row = task.model, task.options.on_bad_row
        self._cells = [
            FeatureCells(column, places, pa.array([each for each in task.options.markers if each not in places]))
            for column, places in zip(encoding.columns, encoding.level_places, strict=True)
        ]

    def predict(self, batch: TableBatch) -> tuple[pa.Array, Scored]:
        """Return the predictions of a batch, null for bad rows, and its counts."""
        columns = [
            self._values(cells, feature, batch) for cells, feature in zip(self._cells, batch.features, strict=True)
        ]
        predictions, bad = np.empty(len(columns[0])), np.zeros(len(columns[0]), np.bool_)
        counts = Scored()
        for start in range(0, len(predictions), PREDICTED_ROWS):
            rows = slice(start, start + PREDICTED_ROWS)
            block = self._block(np.column_stack([column[rows] for column in columns]), batch.first + start)
            predictions[rows], counts = block.predictions, counts + block.counts
            if block.bad is not None:
                bad[rows] = block.bad
        return pa.array(predictions, mask=bad if counts.bad_rows else None), counts

    def _values(self, cells: FeatureCells, feature: pa.Array, batch: TableBatch) -> FloatArray:
        name = cells.column.name
        try:
            return cells.values(feature)
        except MisfitError as error:
            row, unit = self._source.location(batch.first + error.position)
            why = f"{quoted(_text(feature[error.position : error.position + 1]))} is not {error.expected}"
            raise WrongCell(row, name, why, self._place, unit) from None
        except pa.ArrowInvalid:
            why = f"column {quoted(name)} is not UTF-8; read the file with --encoding latin-1"
            raise UnreadableData(self._place, why) from None

    def _block(self, values: FloatArray, first: int) -> ScoredBlock:
        try:
            return score_block(self._model, values, self._on_bad_row)
        except InvalidRow as error:
            row, unit = self._source.location(first + error.row)
            name, why = error.field or PREDICTION, error.why
            if error.field and np.isnan(values[error.row, self._model.feature_names.index(error.field)]):
                why = "is empty, which it was in no row that the model has learned from"
            raise UnpredictableCell(row, name, why, self._place, unit) from None


def _text(cell: pa.Array) -> str:
    """Return the one cell as text; Python has no object for some moments."""
    try:
        text = to_text(cell)[0].as_py()
    except pa.ArrowException:
        return str(cell.type)
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
