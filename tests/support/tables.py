"""Tables in files, written without the reader's help, and their rows."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from adapters.pyarrow.csv_files import open_csv
from adapters.pyarrow.csv_loading import csv_table
from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.parquet_table import parquet_table
from adapters.pyarrow.request import request_of
from adapters.pyarrow.table_path import TablePath


def write_parquet(path, columns, group=None):
    """Write columns, given by name, in row groups of `group` rows."""
    parquet.write_table(pa.table(columns), path, row_group_size=group)
    return path


def read(paths, target="y", features=("a",)):
    """Return the rows of Parquet files, which each pass reads."""
    files = [read_footer(TablePath(str(path))) for path in paths]
    return parquet_table(files, request_of(files, target, features, (), None), [""], fits=False).rows


def spooled(paths, target="y", features=("a",)):
    """Return the rows of temporary copies of CSV files."""
    files = [open_csv(TablePath(str(path))) for path in paths]
    return csv_table(files, request_of(files, target, features, (), None), [""], fits=False).rows


def parquet_files(directory, table, files=1, group=None):
    """Write a table into some files of equal length and return their paths."""
    return _files(directory, table, files, "parquet", partial(parquet.write_table, row_group_size=group))


def csv_files(directory, table, files=1):
    """Write a table into some CSV files of equal length and return their paths."""
    return _files(directory, table, files, "csv", csv.write_csv)


def _cells(column, values):
    """Return the cells that stand for the values of a column in a block."""
    found = pa.array(np.where(np.isnan(values), 0, values))
    if column.kind == "category":
        found = pa.array(column.levels).take(found.cast(pa.int32()))
    elif column.kind == "datetime":
        found = found.cast(pa.int64()).cast(pa.timestamp("s"))
    elif column.kind == "boolean":
        found = found.cast(pa.bool_())
    return pc.if_else(pa.array(np.isnan(values)), None, found)


def _files(directory, table, files, suffix, write):
    columns = {
        column.name: _cells(column, values) for column, values in zip(table.columns, table.features.T, strict=True)
    }
    whole = pa.table({**columns, table.target_name: table.target})
    paths = [directory / f"part-{number}.{suffix}" for number in range(files)]
    for path, part in zip(paths, np.array_split(np.arange(len(table.target)), files), strict=True):
        write(whole.take(part), path)
    return paths
