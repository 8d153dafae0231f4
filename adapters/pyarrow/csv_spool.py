"""CSV spool: temporary Parquet copies of CSV files that exceed the memory budget, because they are faster to read."""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from adapters.pyarrow.csv_files import csv_blocks
from adapters.pyarrow.parquet_files import ParquetFile, read_footer
from adapters.pyarrow.parquet_rows import ParquetRows, parquet_rows
from adapters.pyarrow.prefetch import prefetch
from adapters.pyarrow.read_errors import reason
from domain.data.errors import UnreadableData


class Spool:
    """A temporary directory that is removed with this object, or at the latest when the program ends.

    The variable TMPDIR chooses the disk.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="endeavour-"))
        self.remove = weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)


def spooled(paths: Sequence[Path], target: str, features: Sequence[str]) -> ParquetRows:
    """Return the rows of copies of these columns; every cell has been validated.

    Raises
    ------
    InvalidCell
        Naming the CSV file, row and column.
    UnreadableData
        If a file is not valid CSV, or if the disk is too full for the copies.
    """
    with _enough_disk(paths[0]):
        spool = Spool()
    try:
        names = (*features, target)
        copies = [_copy(path, names, spool.directory / f"{number:06}.parquet") for number, path in enumerate(paths)]
    except BaseException:
        spool.remove()
        raise
    return parquet_rows(copies, target, features, keeps=spool)


def _copy(path: Path, names: Sequence[str], copy: Path) -> ParquetFile:
    schema = pa.schema([(name, pa.float64()) for name in names])
    digests = [hashlib.sha256() for _ in names]
    with _enough_disk(path), parquet.ParquetWriter(copy, schema, compression="none", use_dictionary=False) as writer:
        for features, target in prefetch(csv_blocks(path, names)):
            columns = [*features.T, target]
            for digest, column in zip(digests, columns, strict=True):
                digest.update((column + 0.0).data)  # negative zero is zero
            writer.write(pa.record_batch(columns, schema=schema))
        # Footers hold ranges, not values. With the digests, footer and fingerprint differ whenever a value does.
        writer.add_key_value_metadata({"values": " ".join(digest.hexdigest() for digest in digests)})
    return read_footer(copy, place=str(path))


@contextmanager
def _enough_disk(path: Path) -> Iterator[None]:
    """Translate an `OSError` from writing to `UnreadableData`; reading raises `InvalidData` itself."""
    try:
        yield
    except OSError as error:
        where = tempfile.gettempdir()
        raise UnreadableData(
            str(path),
            f"it is larger than the memory for data, and its temporary copy cannot be written to {where} "
            f"({reason(error)}); set TMPDIR to a directory with more space, or convert the file to Parquet",
        ) from error
