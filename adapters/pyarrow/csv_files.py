"""CSV files: a header, commas between cells, numbers in the columns that are read.

Other columns may hold anything. Errors name file, row and column.
"""

import csv
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from adapters.pyarrow.number_columns import numbers, require_filled
from adapters.pyarrow.read_errors import read_errors_of
from domain.data.arrays import Block
from domain.data.column_names import require_unique_names
from domain.data.columns import to_columns
from domain.data.dataset import Dataset
from domain.data.errors import InvalidCell, UnreadableData
from domain.data.validation import validate_cells

# Characters of a header, at most; a longer first line belongs to a file of another kind.
MAX_HEADER_CHARACTERS = 1024 * 1024
# Characters of an invalid cell that an error message shows, at most.
MAX_CELL_CHARACTERS = 40
# Bytes that become one batch; pyarrow reads 32 of them ahead.
READ_BYTES = 4 * 1024 * 1024
# Bytes at the beginning of a file that the number of its lines is estimated from.
ESTIMATE_BYTES = 256 * 1024


def header(path: Path) -> tuple[str, ...]:
    """Return the names in the first line, or raise `InvalidData`."""
    try:
        with read_errors_of(str(path)), path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(iter(lambda: file.readline(MAX_HEADER_CHARACTERS), "")), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableData(str(path), str(error)) from error
    if not names:
        raise UnreadableData(str(path), "it is empty; its first line must name the columns")
    if "" in names:
        raise UnreadableData(str(path), f"column {names.index('') + 1} has no name in the first line")
    require_unique_names(names)
    return tuple(names)


def estimated_rows(path: Path) -> int:
    """Return about how many lines the file has, estimated from its size and its first lines."""
    with path.open("rb") as file:
        beginning = file.read(ESTIMATE_BYTES)
    return round(path.stat().st_size * max(1, beginning.count(b"\n")) / max(1, len(beginning)))


def load_csv(paths: Sequence[Path], target: str, features: Sequence[str]) -> Dataset:
    """Return these columns of all files in one table in memory, rows in the order of the files."""
    blocks = [Block(np.empty((0, len(features))), np.empty(0))]
    for path in paths:
        blocks.extend(csv_blocks(path, (*features, target)))
    rows, targets = map(np.concatenate, zip(*blocks, strict=True))
    return Dataset(rows, targets, to_columns(features), target)


def csv_blocks(path: Path, names: Sequence[str]) -> Generator[Block]:
    """Yield the columns `names`, the target last, block by block, or raise `InvalidData`."""
    place, first = str(path), 0
    for batch in _number_batches(path, names):
        for name in names:
            require_filled(batch.column(name), name, first, place)
        columns = np.stack([numbers(batch.column(name), np.float64) for name in names])
        block = Block(columns[:-1].T, columns[-1])
        validate_cells(*block, to_columns(names), range(first, first + len(batch)), place)
        yield block
        first += len(batch)


def require_columns(path: Path, names: Sequence[str]) -> None:
    """Raise `InvalidData` if the header of a further file of a table lacks one of the `names`."""
    known = frozenset(header(path))
    for name in names:
        if name not in known:
            raise UnreadableData(str(path), f"it has no column {name!r}, which other files of the table have")


def _number_batches(path: Path, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with read_errors_of(str(path)):
        try:
            yield from _batches(path, names, pa.float64())
        except pa.ArrowInvalid:
            _reject_text(path, names)
            raise


def _batches(
    path: Path, names: Sequence[str], cell_type: pa.DataType, *, threads: bool = True
) -> Iterator[pa.RecordBatch]:
    """Yield the rows in batches: empty cells as null, all others as `cell_type`; newlines may stand in quotes."""
    read = arrow_csv.ReadOptions(use_threads=threads, block_size=READ_BYTES)
    convert = arrow_csv.ConvertOptions(
        include_columns=list(names),
        column_types=dict.fromkeys(names, cell_type),
        null_values=[""],
        strings_can_be_null=True,
    )
    with arrow_csv.open_csv(path, read, arrow_csv.ParseOptions(newlines_in_values=True), convert) as reader:
        yield from reader


def _reject_text(path: Path, names: Sequence[str]) -> None:
    """Raise `InvalidCell` for the first cell that is not a number. It is slow, and runs before an error only."""
    first = 1
    # With one thread, pyarrow names the row of a line that has too few or too many cells.
    for batch in _batches(path, names, pa.string(), threads=False):
        for name in names:
            for row, cell in enumerate(batch.column(name).to_pylist(), start=first):
                if cell is not None and not _is_number(cell):
                    raise InvalidCell(row, name, f"{cell[:MAX_CELL_CHARACTERS]!r} is not a number", str(path))
        first += len(batch)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell  # Python reads 1_000 and digits of any script; pyarrow does not
