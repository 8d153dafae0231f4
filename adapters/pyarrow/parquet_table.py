"""Parquet table: how the columns of Parquet files are read, and their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from adapters.pyarrow.arrays import from_array
from adapters.pyarrow.arrow_kinds import is_whole, kind_of
from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import MAX_EXACT, ColumnSurvey, Counts, Location, Place
from adapters.pyarrow.fields import Field
from adapters.pyarrow.gaps import Gaps
from adapters.pyarrow.parquet_files import ParquetFile, row_group_runs
from adapters.pyarrow.parquet_rows import parquet_rows
from adapters.pyarrow.parquet_sample import Draw, draws
from adapters.pyarrow.plan import Plan, new_survey, partition_surveys, plan_of, surveyed
from adapters.pyarrow.request import Request
from adapters.pyarrow.row_selection import RowSelection
from adapters.pyarrow.verdict import EMPTY, ROUNDED, Verdict
from domain.data.columns import Column, Kind
from domain.data.errors import InvalidCell
from domain.data.table import Table

# Rows all over a table that the kinds and the levels of its texts are taken from, if the table exceeds the memory.
SAMPLE_ROWS = 16_384
# The number of empty cells of a row group whose footer does not state it.
UNKNOWN = float("nan")
# Cells that are decoded for a sample: it is spread over as much of each run as that allows.
DECODED_CELLS = 1024 * 1024
# Rows that are decoded at once.
DECODED_ROWS = 65_536


def parquet_table(files: Sequence[ParquetFile], request: Request, markers: list[str], fits: bool) -> Table:
    """Return the rows of the files: in memory if the table `fits`, else to be read in each pass.

    Kinds and levels of texts come from all rows of a table in memory, and from a sample of another.

    Raises
    ------
    InvalidData
        If the target or a named feature cannot be used.
    """
    planning = ParquetPlanning(files, request, markers, fits)
    if not fits:
        return _table(files, request, planning.plan(), fits)
    try:
        return _table(files, request, planning.plan(), fits)
    except InvalidCell:
        # Footers do not count NaN, which is an empty cell.
        return _table(files, request, planning.plan(nan_anywhere=True), fits)


def _table(files: Sequence[ParquetFile], request: Request, plan: Plan, fits: bool) -> Table:
    rows = parquet_rows(files, plan.readings)
    gaps = Gaps(rows.columns, request.target)
    if plan.target_has_gaps:
        rows = rows.with_target(gaps)
    return Table(rows.loaded() if fits else rows, plan.left_out, (*plan.notes, *gaps.notes))


class ParquetPlanning:
    """Finds how the columns of Parquet files are read; the parameters are those of `parquet_table`."""

    def __init__(self, files: Sequence[ParquetFile], request: Request, markers: list[str], fits: bool) -> None:
        self._files, self._request, self._markers, self._fits = files, request, markers, fits
        self._fields = [dict(zip(request.names, file.fields_of(request.names), strict=True)) for file in files]
        self._numbers = {file: number for number, file in enumerate(files)}
        self._stated = [
            file.statistics([field.key for field in fields.values()])
            for file, fields in zip(files, self._fields, strict=True)
        ]

    def plan(self, *, nan_anywhere: bool = False) -> Plan:
        """Return how the columns are read, or raise `UnusableColumns`.

        Columns of floats are nullable if the footers count an empty cell, if a row of a stream's sample is NaN, or if
        NaN may be anywhere.
        """
        verdicts = {name: found for name in self._request.names if (found := self._typed(name))}
        in_path = partition_surveys(self._files, self._request, self._markers)
        floats = [name for name, found in verdicts.items() if found.reading and self._may_hold_nan(name)]
        surveys = {
            name: new_survey(self._request, name, self._markers)
            for name in self._request.names
            if name not in verdicts and name not in in_path
        }
        with_nan = self._survey(surveys, () if self._fits else floats)
        for name in floats if nan_anywhere else with_nan:
            verdicts[name] = Verdict(Reading(Column(name, nullable=True)))
        for name, survey in (surveys | in_path).items():
            verdicts[name] = self._with_gaps(name, surveyed(self._request, name, survey, self._locate))
        return plan_of(self._request, verdicts)

    def _typed(self, name: str) -> Verdict | None:
        """Return how a column is read whose type has a kind of its own; None if its cells are read as texts."""
        fields = [fields[name] for fields in self._fields]
        kinds = {field.type: kind_of(field.type) for field in fields}
        wanted = self._request.kind_of(name)
        for held, kind in kinds.items():
            if kind == "other" or (kind == "datetime" and wanted in ("number", "boolean")):
                return Verdict(problem=f"holds {held}" + (f", not a {wanted}" if wanted else ""))
        found = set(kinds.values()) - {"empty"}
        if found == {"boolean"} and wanted == "number":
            return self._measured(Column(name, "boolean" if name == self._request.target else "number"), fields)
        if len(found) == 1 and found != {"text"} and wanted in (None, *found):
            return self._measured(Column(name, cast(Kind, found.pop())), fields)
        return None if found or self._request.may_be_empty(name) else Verdict(problem=EMPTY)

    def _measured(self, column: Column, fields: Sequence[Field]) -> Verdict:
        """Return how a column with a type of its own is read, from what the footers state."""
        stated, counts = self._statistics(column.name), self._empty_counts(column.name)
        if sum(counts) == sum(file.rows for file in self._files) > 0 and not self._request.may_be_empty(column.name):
            return Verdict(problem=EMPTY)
        whole = all(is_whole(field.type) for field in fields)
        if whole and any(max(abs(one.min), abs(one.max)) > MAX_EXACT for one in stated if one and one.has_min_max):
            return Verdict(problem=ROUNDED)
        return Verdict(Reading(replace(column, nullable=any(count != 0 for count in counts))))

    def _statistics(self, name: str) -> list[parquet.Statistics | None]:
        """Return what the footers state of each row group of a column."""
        fields = [fields[name].key for fields in self._fields]
        return [one for file, key in zip(self._stated, fields, strict=True) for one in file.get(key, ())]

    def _empty_counts(self, name: str) -> list[float]:
        return [one.null_count if one and one.has_null_count else UNKNOWN for one in self._statistics(name)]

    def _with_gaps(self, name: str, found: Verdict) -> Verdict:
        """Return a verdict from a sample with a nullable column if the footers do not exclude empty cells."""
        if self._fits or not found.reading or not any(count != 0 for count in self._empty_counts(name)):
            return found
        column = replace(found.reading.column, nullable=True)
        return replace(found, reading=replace(found.reading, column=column))

    def _may_hold_nan(self, name: str) -> bool:
        return any(pa.types.is_floating(fields[name].type) for fields in self._fields)

    def _survey(self, surveys: Mapping[str, ColumnSurvey], floats: Sequence[str]) -> set[str]:
        """Add cells to the surveys, and return those of the columns `floats` that hold NaN."""
        with_nan: set[str] = set()
        for file, rows, columns in self._cells((*surveys, *floats)):
            for name, survey in surveys.items():
                survey.add(columns[name], file, rows)
            with_nan.update(name for name in floats if pc.any(pc.is_nan(columns[name])).as_py())
        return with_nan

    def _cells(self, names: Sequence[str]) -> Iterator[tuple[int, Counts, dict[str, pa.Array]]]:
        """Yield a file's number, the numbers of its rows and their cells: of all rows if they fit, else of a sample."""
        for draw in self._draws(names) if names else ():
            number = self._numbers[draw.run.file]
            keys, first = {name: self._fields[number][name].key for name in names}, 0
            for batch in draw.run.read(draw.opened, list(keys.values()), min(DECODED_ROWS, int(draw.rows[-1]) + 1)):
                chosen = draw.rows[np.searchsorted(draw.rows, first) : np.searchsorted(draw.rows, first + len(batch))]
                part = batch if len(chosen) == len(batch) else batch.take(from_array(chosen - first))
                yield number, draw.run.first + chosen, dict(zip(keys, part.columns, strict=True))
                first += len(batch)
                if first > draw.rows[-1]:
                    break

    def _draws(self, texts: Sequence[str]) -> Iterator[Draw]:
        runs = row_group_runs(self._files)
        every = RowSelection(np.array([run.count for run in runs], dtype=np.int64))
        if self._fits or every.total <= SAMPLE_ROWS:
            opened = lru_cache(maxsize=1)(partial(ParquetFile.open, texts=texts))
            return (Draw(run, opened(run.file), np.arange(run.count)) for run in runs)
        return draws(runs, every, DECODED_CELLS // len(texts), SAMPLE_ROWS, np.random.default_rng(0), texts)

    def _locate(self, place: Place) -> Location:
        return Location(place.row + 1, "row", self._files[place.file].place, len(self._files) > 1)
