"""CSV as this project reads it: a header, commas between cells, empty cells empty, newlines only in quotes."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from adapters.tables.unreadable import reason, unreadable_as
from domain.column_names import refuse_repeated
from domain.errors import BadCell, UnreadableData

# Characters of a header; a longer first line belongs to a file of another kind.
LONGEST_HEADER = 1024 * 1024
# Characters of a bad cell that an error message shows.
SHOWN = 40
# Bytes that become one batch; pyarrow reads 32 of them ahead.
READ_BYTES = 4 * 1024 * 1024

PARSE = arrow_csv.ParseOptions(newlines_in_values=True)


def header(path: Path) -> tuple[str, ...]:
    """Return the names in the first line, or raise `BadData`."""
    try:
        with unreadable_as(str(path)), path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(iter(lambda: file.readline(LONGEST_HEADER), "")), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableData(str(path), str(error)) from error
    if not names:
        raise UnreadableData(str(path), "it is empty; its first line must name the columns")
    if "" in names:
        raise UnreadableData(str(path), f"column {names.index('') + 1} has no name in the first line")
    refuse_repeated(names)
    return tuple(names)


def require_columns(path: Path, names: Sequence[str]) -> None:
    """Raise `UnreadableData` for the first of the `names` that is not in the header."""
    known = frozenset(header(path))
    for name in names:
        if name not in known:
            raise UnreadableData(str(path), f"it has no column {name!r}, which other files of the table have")


def convert_options(columns: Sequence[str], cell_type: pa.DataType) -> arrow_csv.ConvertOptions:
    """Return how cells are read: empty ones as null, all others as `cell_type`."""
    return arrow_csv.ConvertOptions(
        include_columns=list(dict.fromkeys(columns)),
        column_types=dict.fromkeys(columns, cell_type),
        null_values=[""],
        strings_can_be_null=True,
    )


def batches(
    path: Path, columns: Sequence[str], cell_type: pa.DataType, *, threads: bool = True
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file in batches, or raise what pyarrow raises."""
    read = arrow_csv.ReadOptions(use_threads=threads, block_size=READ_BYTES)
    with arrow_csv.open_csv(path, read, PARSE, convert_options(columns, cell_type)) as reader:
        yield from reader


def refuse_text(path: Path, columns: Sequence[str], place: str = "") -> None:
    """Raise `BadCell` for the first cell that is no number; slow, but only on the way to an error."""
    first = 1
    try:
        # With one thread, pyarrow knows the row of a line that has too few or too many cells.
        for batch in batches(path, columns, pa.string(), threads=False):
            for name in columns:
                for row, cell in enumerate(batch.column(name).to_pylist(), start=first):
                    if cell is not None and not _is_number(cell):
                        raise BadCell(row, name, f"{cell[:SHOWN]!r} is not a number", place)
            first += len(batch)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableData(str(path), reason(error)) from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell  # Python reads 1_000 and digits of any script; pyarrow does not
