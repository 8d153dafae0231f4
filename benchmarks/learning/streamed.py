"""Learning from Parquet files in blocks, beside a bare scan of the same files.

`python -m benchmarks.learning.streamed PLACE` learns once and writes the peak of the process's memory in KiB.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from threadpoolctl import threadpool_limits

from adapters.tables.table_source import TableSource
from benchmarks.learning.contest import Block, take_turns, true_excess
from benchmarks.report import ROOT, SHARE, Finding
from domain.dataset import Dataset
from domain.sgd import SGD, Fit

COLUMNS, FILES, FILE_ROWS, GROUP_ROWS = 10, 8, 2_500_000, 250_000
NAMES = [*(f"x{column}" for column in range(COLUMNS)), "y"]


def drawn(rows: int, columns: int) -> Dataset:
    """Return independent standard normal features, and a linear target with standard normal noise."""
    features, target, size = np.empty((rows, columns)), np.empty(rows), min(rows, GROUP_ROWS)
    for number, block in enumerate(_blocks(columns, rows, size)):
        at = slice(number * size, (number + 1) * size)
        features[at], target[at] = block
    return Dataset(features, target, [f"x{column}" for column in range(columns)], "y")


def _blocks(columns: int, rows: int, block_rows: int) -> Iterator[Block]:
    generator = np.random.default_rng(20_240_229)
    coefficients = generator.standard_normal(columns)
    for _ in range(rows // block_rows):
        features = generator.standard_normal((block_rows, columns))
        yield features, generator.standard_normal(block_rows) + features @ coefficients + 3.0


def streamed_findings(share: int, rounds: int) -> Iterator[Finding]:
    """Yield times over that of a bare scan, true excesses, and the growth of memory with the rows."""
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name, threadpool_limits(1):
        folder, rows = Path(name), FILE_ROWS // share
        paths = [folder / f"part-{number}.parquet" for number in range(FILES)]
        _write(paths, rows, GROUP_ROWS // share)
        yield from _times(folder, paths, FILES * rows, rounds)
        few, many = (_peak(folder / pattern) for pattern in (f"part-[0-{FILES // 2 - 1}].parquet", "*.parquet"))
    work = f"Parquet, peak memory of a process that learns ({many / 2**10:,.0f} MiB)"
    measure = f"{FILES * rows:,} rows over {FILES // 2 * rows:,}"
    yield Finding(work, measure, many / few, least=0.9, most=1.1, rounds="1")


def _write(paths: Sequence[Path], rows: int, group_rows: int) -> None:
    """Write random rows: float64, snappy, without dictionaries, which such numbers do not need."""
    blocks = _blocks(COLUMNS, FILES * rows, group_rows)
    schema = pa.schema([(name, pa.float64()) for name in NAMES])
    for path in paths:
        with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
            for _ in range(rows // group_rows):
                features, target = next(blocks)
                writer.write_table(pa.table([*features.T.copy(), target], NAMES), group_rows)
    os.sync()  # so that the disk is idle while the files are read


def _times(folder: Path, paths: list[Path], rows: int, rounds: int) -> Iterator[Finding]:
    works = {
        "scan": lambda: sum(len(batch) for batch in _batches(paths)),
        "one pass": partial(_fit, SGD(max_passes=1), folder),
        "certified ≤ 1e-6": partial(_fit, SGD(), folder),
    }
    found = take_turns(works, dict.fromkeys(works, rounds))
    excess = true_excess(
        (np.column_stack(batch.columns[:-1]), batch.columns[-1].to_numpy()) for batch in _batches(paths)
    )
    for name, most, most_excess in (("one pass", 1.6, None), ("certified ≤ 1e-6", None, 1e-6)):
        (seconds, fit), work = found[name], f"Parquet, {rows:,} × {COLUMNS}, {name}"
        ratio, measure = seconds / found["scan"][0], "the time of a bare scan (file by file, whole row groups)"
        yield Finding(work, measure, ratio, most=most, rounds=str(rounds))
        yield Finding(work, "true excess", excess(fit.model), most=most_excess, unit=SHARE)


def _fit(learner: SGD, place: Path) -> Fit:
    """Learn from the files and hold a block of them at a time."""
    return learner.fit(TableSource(str(place), memory_budget=0).load("y", NAMES[:-1]))


def _batches(paths: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(GROUP_ROWS, columns=NAMES)


def _peak(place: Path) -> int:
    """Return the peak memory of a process that learns from `place`, in KiB."""
    return int(subprocess.check_output([sys.executable, "-m", "benchmarks.learning.streamed", str(place)], cwd=ROOT))


if __name__ == "__main__":
    with threadpool_limits(1):
        _fit(SGD(), Path(sys.argv[1]))
    # The kernel's own account: `ru_maxrss` would count the process that started this one.
    print(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
