"""File task: a file to score, and the plan for all files, as plain data that another process can run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.pyarrow.csv_files import open_csv
from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.scoring.csv_table_file import CsvTableFile
from adapters.pyarrow.scoring.parquet_table_file import ParquetTableFile
from adapters.pyarrow.scoring.table_file import TableFile, WantedColumns
from adapters.pyarrow.table_files import is_parquet
from adapters.pyarrow.table_path import TablePath
from domain.model.linear_model import LinearModel
from domain.model.prediction_intervals import PredictionIntervals
from domain.model.scoring import OnBadRow


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
    level : float or None
        Of prediction intervals; None without them.
    """

    keep: tuple[str, ...]
    markers: tuple[str, ...]
    encoding: str
    on_bad_row: OnBadRow = "stop"
    level: float | None = None

    @property
    def text(self) -> str:
        """The options as the record of a scored file has them."""
        level = () if self.level is None else (self.level,)
        return json.dumps([self.keep, self.markers, self.encoding, self.on_bad_row, *level])


@dataclass(frozen=True, slots=True)
class ScoringPlan:
    """What the scoring of all files of a table has in common.

    Parameters
    ----------
    version : str
    model : LinearModel
    options : ScoringOptions
    program : str
        Version of the program.
    intervals : PredictionIntervals or None
        Those at the level of the options.
    """

    version: str
    model: LinearModel
    options: ScoringOptions
    program: str
    intervals: PredictionIntervals | None = None


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
    """

    source: TablePath
    target: TablePath
    name: str
    partition: Mapping[str, str | None]

    def open(self, plan: ScoringPlan) -> TableFile:
        """Read the header or footer of the source, or raise `UnreadableData`."""
        return open_table_file(self.source, self.partition, plan.model, plan.options)


def open_table_file(
    source: TablePath, partition: Mapping[str, str | None], model: LinearModel, options: ScoringOptions
) -> TableFile:
    """Read the header or footer of a file with the columns of a model, or raise `UnreadableData`."""
    columns = _wanted_columns(model, options.keep)
    if is_parquet(source):
        return ParquetTableFile(read_footer(source, partition=partition), columns)
    return CsvTableFile(open_csv(source, options.encoding, partition), columns, list(options.markers))


def _wanted_columns(model: LinearModel, keep: tuple[str, ...]) -> WantedColumns:
    """Return the columns to read from a file."""
    texts = (
        column.name for column in model.encoding.columns if column.kind != "number" or column.column.format is not None
    )
    return WantedColumns(model.feature_names, frozenset(texts), keep)
