"""CSV loading: the rows of CSV files in memory, or of their copies if they exceed the memory budget."""

from collections.abc import Sequence

import numpy as np

from adapters.pyarrow.csv_files import CsvFile, UnfitNumbers
from adapters.pyarrow.csv_spool import spooled
from adapters.pyarrow.csv_table import CsvTable
from adapters.pyarrow.gaps import Gaps
from adapters.pyarrow.plan import Plan
from adapters.pyarrow.request import Request
from domain.data.arrays import Block
from domain.data.dataset import Dataset
from domain.data.table import Table


def csv_table(files: Sequence[CsvFile], request: Request, markers: list[str], fits: bool) -> Table:
    """Return the rows of the files: in memory if the table `fits`, else of temporary copies.

    Raises
    ------
    InvalidData
        If the target or a named feature cannot be used, or a file is not valid CSV.
    """
    table, read = CsvTable(files, request, markers), loaded if fits else spooled
    try:
        return read(table, table.plan())
    except UnfitNumbers:
        return read(table, table.plan(thorough=True))


def loaded(table: CsvTable, plan: Plan) -> Table:
    """Return the rows in memory, in the order of the files."""
    *features, target = plan.columns
    blocks, gaps = [Block(np.empty((0, len(features))), np.empty(0))], Gaps(features, target.name)
    for file in table.files:
        blocks.extend(map(gaps.without, table.blocks(file, plan)))
    rows, targets = map(np.concatenate, zip(*blocks, strict=True))
    table_in_memory = Dataset(rows, targets, gaps.nullable_columns, target.name)
    return Table(table_in_memory, plan.left_out, (*plan.notes, *gaps.notes))
