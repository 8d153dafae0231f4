"""CSV files that are too large for memory, copied once into temporary Parquet files, which are faster to read again."""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from adapters.tables.csv_dialect import batches, refuse_text, require_columns
from adapters.tables.number_columns import numbers, refuse_empty
from adapters.tables.parquet_files import ParquetFile, read_footer
from adapters.tables.read_ahead import read_ahead
from adapters.tables.unreadable import reason, unreadable_as
from domain.errors import UnreadableData
from domain.rows import Numbers
from domain.usable_numbers import refuse_unusable_cell


class Spool:
    """A temporary directory that is removed with this object, or at the latest when the program ends.

    It is made where `tempfile` makes its own: the variable TMPDIR chooses the disk.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="endeavour-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)


def spooled(paths: Sequence[Path], columns: Sequence[str]) -> tuple[Spool, list[ParquetFile]]:
    """Return copies of columns of CSV files, every cell of which has been checked; errors name the CSV file.

    Raises
    ------
    BadCell
        Naming file, row and column.
    UnreadableData
        If a file lacks a column or cannot be taken apart into cells, or if the disk is too full for the copies.
    """
    with _enough_disk(paths[0]):
        spool = Spool()
    try:
        return spool, [
            _copy(path, columns, spool.directory / f"{number:06}.parquet") for number, path in enumerate(paths)
        ]
    except BaseException:
        spool.remove()
        raise


def _copy(path: Path, columns: Sequence[str], copy: Path) -> ParquetFile:
    schema = pa.schema([(name, pa.float64()) for name in columns])
    digests = [hashlib.sha256() for _ in columns]
    with _enough_disk(path), parquet.ParquetWriter(copy, schema, compression="none", use_dictionary=False) as writer:
        for values in read_ahead(_checked(path, columns)):
            for digest, column in zip(digests, values, strict=True):
                digest.update((column + 0.0).data)  # negative zero is zero
            writer.write(pa.record_batch(values, schema=schema))
        # So the copy's footer, and with it the fingerprint, tells values apart.
        writer.add_key_value_metadata({"values": " ".join(digest.hexdigest() for digest in digests)})
    return read_footer(copy, place=str(path))


def _checked(path: Path, columns: Sequence[str]) -> Generator[list[Numbers]]:
    """Yield the columns' numbers in batches, or raise `BadCell`."""
    place, first = str(path), 0
    require_columns(path, columns)
    for batch in _numbers(path, columns):
        for name in columns:
            refuse_empty(batch.column(name), name, first, place)
        values = [numbers(batch.column(name), np.float64) for name in columns]
        features = np.reshape(values[:-1], (len(columns) - 1, len(batch))).T
        refuse_unusable_cell(features, values[-1], columns, range(first, first + len(batch)), place)
        yield values
        first += len(batch)


def _numbers(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with unreadable_as(str(path)):
        try:
            yield from batches(path, columns, pa.float64())
        except pa.ArrowInvalid:
            refuse_text(path, columns, place=str(path))
            raise


@contextmanager
def _enough_disk(path: Path) -> Iterator[None]:
    """Turn a disk's refusal into `UnreadableData`; what reading raises is the domain's already."""
    try:
        yield
    except OSError as error:
        where = tempfile.gettempdir()
        raise UnreadableData(
            str(path),
            f"it is larger than the memory for data, and its temporary copy does not fit into {where} "
            f"({reason(error)}): set TMPDIR to a directory with more room, or convert it to Parquet",
        ) from error
