"""A table in Parquet files, made for the occasion, and how quickly pyarrow alone reads it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import dataset, parquet

from benchmarks.learning.optimum import FloatArray, Optimum
from benchmarks.learning.scale import Scale
from benchmarks.learning.tables import SEED, draw, names

COLUMNS = 10
TARGET = "y"
NAMES = (*names(COLUMNS), TARGET)
BATCH_ROWS = 131_072


def write(directory: Path, scale: Scale) -> list[Path]:
    """Write random rows: float64, snappy, without dictionaries, which such numbers have no use for."""
    generator = np.random.default_rng(SEED)
    coefficients = generator.standard_normal(COLUMNS)
    schema = pa.schema([(name, pa.float64()) for name in NAMES])
    features, target = np.empty((scale.group_rows, COLUMNS)), np.empty(scale.group_rows)
    paths = [directory / f"part-{number}.parquet" for number in range(scale.files)]
    for path in paths:
        with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
            for _ in range(scale.file_rows // scale.group_rows):
                draw(generator, coefficients, features, target)
                table = pa.table([*features.T.copy(), target], schema=schema)
                writer.write_table(table, row_group_size=scale.group_rows)
    os.sync()  # so that no disk is busy with them while they are read
    return paths


def optimum(paths: Sequence[Path]) -> Optimum:
    """Return the judge of those who learn from the files."""
    return Optimum.of(_blocks(paths))


def scan_file_by_file(paths: Sequence[Path], batch_rows: int) -> int:
    """Decode all columns and do nothing with them; return the number of rows."""
    rows = 0
    for path in paths:
        with parquet.ParquetFile(path) as file:
            rows += sum(len(batch) for batch in file.iter_batches(batch_rows, columns=list(NAMES)))
    return rows


def scan_as_dataset(paths: Sequence[Path]) -> int:
    """Decode all columns with pyarrow's scanner, which reads ahead; return the number of rows."""
    found = dataset.dataset([str(path) for path in paths], format="parquet")
    batches = found.scanner(columns=list(NAMES), batch_size=BATCH_ROWS).to_batches()
    return sum(len(batch) for batch in batches)


def _blocks(paths: Sequence[Path]) -> Iterator[tuple[FloatArray, FloatArray]]:
    for path in paths:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=list(NAMES)):
                columns = [batch.column(name).to_numpy() for name in NAMES]
                yield np.column_stack(columns[:-1]), columns[-1]
