"""Learning from Parquet files in blocks, beside a bare scan of the same files."""

import os
import re
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from timeit import timeit

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from threadpoolctl import threadpool_limits

from adapters.pyarrow.table_source import TableSource
from benchmarks.learning.contest import CERTIFIED, ONE_PASS, SCAN, Contest, compare, learned
from benchmarks.report import Finding
from domain.data.arrays import FloatArray
from domain.data.dataset import Dataset
from domain.features.encoded_rows import EncodedRows
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms

COLUMNS, FILES, FILE_ROWS, GROUP_ROWS = 10, 8, 2_500_000, 250_000
TEXTS, LEVELS = ["city", "color"], 20


def drawn(rows: int, columns: int, part: int = 0) -> Dataset:
    """Return independent standard normal features and a linear target with such noise; each part has its own rows."""
    generator = np.random.default_rng(20_240_229)
    coefficients = generator.standard_normal(columns)
    generator = np.random.default_rng(part) if part else generator
    features, target = np.empty((rows, columns)), np.empty(rows)
    for start in range(0, rows, GROUP_ROWS):
        block = slice(start, start + GROUP_ROWS)
        features[block] = generator.standard_normal(features[block].shape)
        target[block] = generator.standard_normal(target[block].shape) + features[block] @ coefficients + 3.0
    return Dataset(features, target, [f"x{column}" for column in range(columns)], "y")


def streamed_contest(share: int, rounds: int) -> tuple[Contest, Finding]:
    """Let fits and a bare scan take turns at files; return its result, and the growth of memory with the rows."""
    rows = FILE_ROWS // share
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name, threadpool_limits(1):
        folder = Path(name)
        for part in range(FILES):
            write_parquet(drawn(rows, COLUMNS, part), folder / f"{part}.parquet")
        os.sync()  # so that the disk is idle while the files are read
        fits = {ONE_PASS: partial(_learned, SGD(max_passes=1), folder), CERTIFIED: partial(_learned, SGD(), folder)}
        works = {SCAN: lambda: deque(_batches(folder), maxlen=0), **fits}
        blocks = ((np.column_stack(batch.columns[:-1]), batch.columns[-1].to_numpy()) for batch in _batches(folder))
        contest = compare(f"Parquet, {FILES * rows:,} × {COLUMNS}", works, blocks, rounds)
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
            few, many = processes.map(_peak, (folder / f"[0-{FILES // 2 - 1}].parquet", folder / "*.parquet"))
    work, measure = f"Parquet, peak memory of a process ({many / 2**10:,.0f} MiB)", "all rows over half of them"
    return contest, Finding(work, measure, many / few, least=0.9, most=1.1, rounds=1)


def encoded_finding(share: int, rounds: int) -> Finding:
    """Return the time of a pass over the terms of numbers and texts, over that of a bare scan of the same columns."""
    levels = np.random.default_rng(2).integers(LEVELS, size=(len(TEXTS), FILE_ROWS // share))
    texts = pa.array([f"level {level}" for level in range(LEVELS)])
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name, threadpool_limits(1):
        write_parquet(drawn(FILE_ROWS // share, COLUMNS - len(TEXTS)), path := Path(name, "table.parquet"))
        table = parquet.read_table(path)
        for text, places in zip(TEXTS, levels, strict=True):
            table = table.append_column(text, texts.take(pa.array(places)))
        parquet.write_table(table, path, GROUP_ROWS)
        rows = TableSource(str(path), memory_budget=0).load("y").rows
        choice = choose_terms(rows, "linear", None, seed=0)
        learner, encoded = SGD(max_passes=1, penalty=choice.penalty), EncodedRows(rows, choice.encoding)
        works = (lambda: deque(_batches(path.parent), maxlen=0), lambda: learner.fit(encoded))
        turns = [[timeit(work, number=1) for work in works] for _ in range(rounds)]
    scan, one_pass = map(median, zip(*turns, strict=True))
    work = f"Parquet, {len(rows):,} × {COLUMNS} with {len(TEXTS)} texts, {len(encoded.columns)} terms, one pass"
    return Finding(work, "the time of a bare scan", one_pass / scan, most=2.5, rounds=rounds)


def write_parquet(table: Dataset, path: Path) -> None:
    """Write float64, snappy, without dictionaries, which random numbers do not need."""
    columns = pa.table([*table.features.T.copy(), table.target], [*table.feature_names, "y"])
    parquet.write_table(columns, path, GROUP_ROWS, compression="snappy", use_dictionary=False)


def _learned(learner: SGD, place: Path) -> FloatArray:
    """Learn from the files and hold a block of them at a time."""
    source = TableSource(str(place), memory_budget=0)
    return learned(learner, source.load("y", source.columns()[:-1]).rows)


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    for path in sorted(folder.iterdir()):
        with parquet.ParquetFile(path) as file:
            yield from file.iter_batches(GROUP_ROWS)


def _peak(place: Path) -> int:
    """Learn from `place` and return the peak memory of this process, in KiB."""
    with threadpool_limits(1):
        _learned(SGD(), place)
    # `ru_maxrss` would count the process that started this one.
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
