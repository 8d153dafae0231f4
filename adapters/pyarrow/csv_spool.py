"""CSV spool: temporary Parquet copies of CSV files that exceed the memory budget, because they are faster to read."""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from adapters.pyarrow.arrays import from_array
from adapters.pyarrow.cells import Reading
from adapters.pyarrow.csv_files import CsvFile
from adapters.pyarrow.csv_table import CsvTable
from adapters.pyarrow.gaps import Gaps
from adapters.pyarrow.parquet_files import ParquetFile, read_footer
from adapters.pyarrow.parquet_rows import parquet_rows
from adapters.pyarrow.plan import Plan
from adapters.pyarrow.prefetch import prefetch
from adapters.pyarrow.read_errors import reason
from adapters.pyarrow.table_path import TablePath
from domain.data.arrays import Block
from domain.data.columns import Column
from domain.data.errors import UnreadableData
from domain.data.table import Table


class Spool:
    """A temporary directory that is removed with this object, or at the latest when the program ends.

    The variable TMPDIR chooses the disk.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="endeavour-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)


def spooled(table: CsvTable, plan: Plan) -> Table:
    """Return the rows of copies of these columns, in which each value is a number; every cell has been validated.

    Raises
    ------
    UnreadableData
        If a file is not valid CSV, or if the disk is too full for the copies.
    """
    with _enough_disk(table.files[0].place):
        spool = Spool()
    *features, target = plan.columns
    gaps = Gaps(features, target.name)
    try:
        copies = []
        for number, file in enumerate(table.files):
            copy = spool.directory / f"{number:06}.parquet"
            copies.append(_copy(file, map(gaps.without, prefetch(table.blocks(file, plan))), plan.columns, copy))
    except BaseException:
        spool.remove()
        raise
    readings = {column.name: Reading(column) for column in (*gaps.nullable_columns, target)}
    return Table(parquet_rows(copies, readings, keeps=spool), plan.left_out, (*plan.notes, *gaps.notes))


def _copy(file: CsvFile, blocks: Iterable[Block], columns: Sequence[Column], copy: Path) -> ParquetFile:
    schema = pa.schema([(column.name, pa.float64()) for column in columns])
    digests = [hashlib.sha256() for _ in columns]
    with (
        _enough_disk(file.place),
        parquet.ParquetWriter(copy, schema, compression="none", use_dictionary=False) as writer,
    ):
        for features, target in blocks:
            values = [*features.T, target]
            for digest, value in zip(digests, values, strict=True):
                digest.update(np.ascontiguousarray(value + 0.0).data)  # negative zero is zero
            writer.write(pa.RecordBatch.from_arrays(list(map(from_array, values)), schema=schema))
        # Footers hold ranges, not values. With the digests, footer and fingerprint differ whenever a value does.
        writer.add_key_value_metadata({"values": " ".join(digest.hexdigest() for digest in digests)})
    return read_footer(TablePath(str(copy)), place=file.place)


@contextmanager
def _enough_disk(place: str) -> Iterator[None]:
    """Translate an `OSError` from writing to `UnreadableData`; reading raises `InvalidData` itself."""
    try:
        yield
    except OSError as error:
        where = tempfile.gettempdir()
        raise UnreadableData(
            place,
            f"it is larger than the memory for data, and its temporary copy cannot be written to {where} "
            f"({reason(error)}); set TMPDIR to a directory with more space, or convert the file to Parquet",
        ) from error
