"""CSV table: how the columns of CSV files are read, and their rows as blocks."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from adapters.pyarrow.cells import Reading
from adapters.pyarrow.column_survey import MAX_EXACT, ColumnSurvey, Location, Place
from adapters.pyarrow.csv_files import TEXT, CsvFile, UnfitNumbers
from adapters.pyarrow.plan import Plan, new_survey, partition_surveys, plan_of, surveyed
from adapters.pyarrow.request import Request
from adapters.pyarrow.verdict import Verdict
from domain.data.arrays import Block
from domain.data.columns import Column
from domain.data.text_formats import PLAIN


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows of CSV files with the same columns.

    Parameters
    ----------
    files : sequence of CsvFile
    request : Request
    markers : list of str
        Texts of an empty cell.
    """

    files: Sequence[CsvFile]
    request: Request
    markers: list[str]

    def plan(self, *, thorough: bool = False) -> Plan:
        """Return how the columns are read.

        Columns of numbers at the beginning of the first file are read as numbers. If a later cell is none, `blocks`
        raises `UnfitNumbers`, and a `thorough` plan, made from all cells, is needed.
        """
        surveys = partition_surveys(self.files, self.request, self.markers)
        names = [name for name in self.request.names if name not in surveys]
        seen = {} if thorough else self._head_surveys(names)
        complete = self.files[0].complete and len(self.files) == 1
        numbers = [name for name, survey in seen.items() if not complete and self._looks_plain(name, survey)]
        surveys |= seen if seen and complete else self._surveys([name for name in names if name not in numbers])
        verdicts = {name: Verdict(Reading(Column(name))) for name in numbers}
        for name, survey in surveys.items():
            verdicts[name] = surveyed(self.request, name, survey, self._locate)
        return plan_of(self.request, verdicts)

    def blocks(self, file: CsvFile, plan: Plan) -> Generator[Block]:
        """Yield the columns of a plan; NaN is an empty cell.

        Raises
        ------
        UnfitNumbers
            If a cell is no number, or one that a float64 may not hold, in a column that is read as numbers.
        """
        keys = self._keys(file)
        types = {keys[name]: TEXT if one.as_text else pa.float64() for name, one in plan.readings.items()}
        for batch in file.batches(types, self.markers):
            readings = zip(plan.readings.values(), batch.columns, strict=True)
            columns = np.stack([one.numbers(cells) for one, cells in readings])
            for column, one in zip(columns, plan.readings.values(), strict=True):
                if not one.as_text and np.fmax.reduce(np.abs(column), initial=0) > MAX_EXACT:
                    raise UnfitNumbers
            yield Block(columns[:-1].T, columns[-1])

    def _looks_plain(self, name: str, survey: ColumnSurvey) -> bool:
        kind = self.request.kind_of(name)
        return (
            kind in (None, "number")
            and survey.filled > 0
            and PLAIN in survey.formats
            and not survey.leading_zero
            and not survey.collapses
            and (kind == "number" or not survey.may_be_codes)
        )

    def _head_surveys(self, names: Sequence[str]) -> dict[str, ColumnSurvey]:
        """Return surveys of the beginning of the first file; none if it cannot be read without the rest."""
        file = self.files[0]
        surveys, keys = self._new_surveys(names), self._keys(file)
        batch = file.head([keys[name] for name in names])
        if batch is None:
            return surveys if file.rows == 0 else {}
        for survey, cells in zip(surveys.values(), batch.columns, strict=True):
            survey.add(cells, 0, np.arange(len(batch)))
        return surveys

    def _surveys(self, names: Sequence[str]) -> dict[str, ColumnSurvey]:
        """Return surveys of all cells of these columns."""
        surveys = self._new_surveys(names)
        for number, file in enumerate(self.files):
            keys, first = self._keys(file), 0
            for batch in file.batches({keys[name]: TEXT for name in names}, []):
                for survey, cells in zip(surveys.values(), batch.columns, strict=True):
                    survey.add(cells, number, np.arange(first, first + len(batch)))
                first += len(batch)
        return surveys

    def _new_surveys(self, names: Iterable[str]) -> dict[str, ColumnSurvey]:
        comma = self.files[0].dialect.delimiter == ";"
        return {name: new_survey(self.request, name, self.markers, decimal_comma=comma) for name in names}

    def _locate(self, place: Place) -> Location:
        file = self.files[place.file]
        return Location(file.line(place.row), "line", file.place, len(self.files) > 1)

    def _keys(self, file: CsvFile) -> dict[str, str]:
        keys = {field.name: field.key for field in file.fields}
        return {name: keys[name] for name in self.request.names}
