"""Tables in files, written without the reader's help, and their rows."""

from functools import partial

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from adapters.pyarrow.csv_files import open_csv
from adapters.pyarrow.csv_loading import csv_table
from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.parquet_table import parquet_table
from adapters.pyarrow.plan import request_of


def write_parquet(path, columns, group=None):
    """Write columns, given by name, in row groups of `group` rows."""
    parquet.write_table(pa.table(columns), path, row_group_size=group)
    return path


def read(paths, target="y", features=("a",)):
    """Return the rows of Parquet files, which each pass reads."""
    files = [read_footer(path) for path in paths]
    return parquet_table(files, request_of(files, target, features, (), None), [""], fits=False).rows


def spooled(paths, target="y", features=("a",)):
    """Return the rows of temporary copies of CSV files."""
    files = [open_csv(path) for path in paths]
    return csv_table(files, request_of(files, target, features, (), None), [""], fits=False).rows


def parquet_files(directory, table, files=1, group=None):
    """Write a table into some files of equal length and return their paths."""
    return _files(directory, table, files, "parquet", partial(parquet.write_table, row_group_size=group))


def csv_files(directory, table, files=1):
    """Write a table into some CSV files of equal length and return their paths."""
    return _files(directory, table, files, "csv", csv.write_csv)


def _files(directory, table, files, suffix, write):
    columns = {name: table.features[:, index] for index, name in enumerate(table.feature_names)}
    whole = pa.table({**columns, table.target_name: table.target})
    paths = [directory / f"part-{number}.{suffix}" for number in range(files)]
    for path, part in zip(paths, np.array_split(np.arange(len(table.target)), files), strict=True):
        write(whole.take(part), path)
    return paths
