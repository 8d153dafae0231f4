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
from statistics import median

import numpy as np
import pyarrow as pa
from pyarrow import dataset, parquet
from threadpoolctl import threadpool_limits

from adapters.tables.table_source import TableSource
from benchmarks.learning.contenders import answer_of
from benchmarks.learning.contest import take_turns
from benchmarks.learning.tables import SEED, draw, true_excess
from benchmarks.report import ROOT, SHARE, Finding
from domain.sgd import SGD, Fit

COLUMNS, FILES, FILE_ROWS, GROUP_ROWS, BATCH_ROWS = 10, 8, 2_500_000, 250_000, 131_072
TARGET = "y"
NAMES = [*(f"x{column}" for column in range(COLUMNS)), TARGET]


def streamed_findings(share: int, rounds: int) -> Iterator[Finding]:
    """Yield times over that of the fastest bare scan, true excesses, and the growth of memory with the rows."""
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name, threadpool_limits(1):
        folder, rows = Path(name), FILE_ROWS // share
        paths = [folder / f"part-{number}.parquet" for number in range(FILES)]
        _write(paths, rows, GROUP_ROWS // share)
        yield from _times(folder, paths, rows, rounds)
        few, many = (_peak(folder / pattern) for pattern in (f"part-[0-{FILES // 2 - 1}].parquet", "*.parquet"))
    work = f"Parquet, peak memory of a process that learns ({many / 2**10:,.0f} MiB)"
    measure = f"{FILES * rows:,} rows over {FILES // 2 * rows:,}"
    yield Finding(work, measure, many / few, least=0.9, most=1.1, rounds="1")


def _write(paths: Sequence[Path], rows: int, group_rows: int) -> None:
    """Write random rows: float64, snappy, without dictionaries, which such numbers do not need."""
    generator = np.random.default_rng(SEED)
    coefficients = generator.standard_normal(COLUMNS)
    features, target = np.empty((group_rows, COLUMNS)), np.empty(group_rows)
    schema = pa.schema([(name, pa.float64()) for name in NAMES])
    for path in paths:
        with parquet.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
            for _ in range(rows // group_rows):
                draw(generator, coefficients, features, target)
                writer.write_table(pa.table([*features.T.copy(), target], NAMES), group_rows)
    os.sync()  # so that the disk is idle while the files are read


def _times(folder: Path, paths: list[Path], rows: int, rounds: int) -> Iterator[Finding]:
    certificates: list[float] = []
    scans = {
        "file by file": partial(_scan_files, paths, BATCH_ROWS),
        "file by file, whole row groups": partial(_scan_files, paths, GROUP_ROWS),
        "as a dataset": partial(_scan_dataset, folder),
    }
    fits = {
        "one pass": partial(_fit, SGD(max_passes=1), folder, []),
        "certified ≤ 1e-6": partial(_fit, SGD(), folder, certificates),
    }
    found = take_turns({**scans, **fits}, dict.fromkeys((*scans, *fits), rounds))
    scan = min(scans, key=lambda name: found[name][0])
    excess = true_excess(_block(batch) for path in paths for batch in _batches(path, BATCH_ROWS))
    seconds = {**{name: found[name][0] for name in fits}, "a certifying pass": median(certificates)}
    for name, most in (("one pass", 1.6), ("a certifying pass", 1.5), ("certified ≤ 1e-6", None)):
        work, ratio = f"Parquet, {FILES * rows:,} × {COLUMNS}, {name}", seconds[name] / found[scan][0]
        yield Finding(work, f"the time of a bare scan ({scan})", ratio, most=most, rounds=str(rounds))
        if name in fits:
            far = excess(answer_of(found[name][1]))
            yield Finding(work, "true excess", far, most=None if most else 1e-6, unit=SHARE)


def _fit(learner: SGD, place: Path, certificates: list[float]) -> Fit:
    """Learn from the files, hold a block of them at a time, and note the seconds of one certificate."""
    fit = learner.fit(TableSource(str(place), memory_budget=0).load(TARGET, NAMES[:-1]))
    certificates.append(fit.report.seconds.get("certificate", 0.0) / max(len(fit.report.excess_risk), 1))
    return fit


def _scan_files(paths: Sequence[Path], batch_rows: int) -> int:
    return sum(len(batch) for path in paths for batch in _batches(path, batch_rows))


def _scan_dataset(folder: Path) -> int:
    scanner = dataset.dataset(str(folder)).scanner(columns=NAMES, batch_size=BATCH_ROWS)
    return sum(len(batch) for batch in scanner.to_batches())


def _batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    with parquet.ParquetFile(path) as file:
        yield from file.iter_batches(rows, columns=NAMES)


def _block(batch: pa.RecordBatch) -> tuple[np.ndarray, np.ndarray]:
    return np.column_stack(batch.columns[:-1]), batch.columns[-1].to_numpy()


def _peak(place: Path) -> int:
    """Return the peak memory of a process that learns from `place`, in KiB."""
    program = [sys.executable, "-m", "benchmarks.learning.streamed", str(place)]
    return int(subprocess.run(program, check=True, capture_output=True, text=True, cwd=ROOT).stdout)  # noqa: S603  # ours


if __name__ == "__main__":
    with threadpool_limits(1):
        _fit(SGD(), Path(sys.argv[1]), [])
    # The kernel's own account: `ru_maxrss` would count the process that started this one.
    sys.stdout.write(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
