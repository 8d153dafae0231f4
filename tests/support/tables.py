"""Tables in files, written without the reader's help."""

from functools import partial

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.parquet_rows import parquet_rows


def write_parquet(path, columns, group=None):
    """Write columns, given by name, in row groups of `group` rows."""
    parquet.write_table(pa.table(columns), path, row_group_size=group)
    return path


def read(paths, target="y", features=("a",)):
    """Return the rows of Parquet files."""
    return parquet_rows([read_footer(path) for path in paths], target, features)


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
