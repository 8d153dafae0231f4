"""What is asked of the learner on a table that is read anew in every pass."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from threadpoolctl import threadpool_limits

from adapters.tables.table_source import TableSource
from benchmarks.learning import parquet_table
from benchmarks.learning.findings import Bar, Finding, Unit
from benchmarks.learning.optimum import Answer
from benchmarks.learning.rounds import Contender, take_turns
from benchmarks.learning.scale import Scale
from domain.sgd import SGD, Fit

ROOT = Path(__file__).parents[2]
SCANS: Mapping[str, Callable[[Sequence[Path]], int]] = {
    "file by file": partial(parquet_table.scan_file_by_file, batch_rows=parquet_table.BATCH_ROWS),
    "file by file, 65,536 rows": partial(parquet_table.scan_file_by_file, batch_rows=65_536),
    "file by file, whole row groups": partial(parquet_table.scan_file_by_file, batch_rows=10**9),
    "as a dataset": parquet_table.scan_as_dataset,
}


def streamed_findings(scale: Scale) -> Iterator[Finding]:
    """Yield time over that of a bare scan, true excess, and memory; the files are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name, threadpool_limits(1):
        directory = Path(name)
        paths = parquet_table.write(directory, scale)
        yield from _times(directory, paths, scale)
        yield _memory(directory, scale)


def fit(learner: SGD, place: str) -> Fit:
    """Learn from the files without ever holding them all."""
    return learner.fit(TableSource(place, memory_budget=0).load(parquet_table.TARGET, parquet_table.NAMES[:-1]))


def _times(directory: Path, paths: list[Path], scale: Scale) -> Iterator[Finding]:
    scans = [Contender(f"scan, {name}", partial(scan, paths), scale.rounds) for name, scan in SCANS.items()]
    one_pass = Contender("one pass", partial(fit, SGD(max_passes=1), str(directory)), scale.rounds)
    certificates: list[float] = []
    certified = Contender("certified", partial(_timed_fit, str(directory), certificates), scale.rounds)
    take_turns([*scans, one_pass, certified])
    fastest = min(scans, key=lambda scan: scan.median)
    judge = parquet_table.optimum(paths)
    work, rounds = f"Parquet, {scale.files * scale.file_rows:,} × {parquet_table.COLUMNS}", str(scale.rounds)
    of_scan = f"the time of a bare scan ({fastest.name.removeprefix('scan, ')})"
    yield Finding(f"{work}, one pass", of_scan, one_pass.median / fastest.median, Bar(most=1.6), rounds=rounds)
    yield Finding(f"{work}, one pass", "true excess", judge.excess(_answer(one_pass.result)), None, Unit.SHARE)
    ratio = median(certificates) / fastest.median
    yield Finding(f"{work}, a certifying pass", of_scan, ratio, Bar(most=1.5), rounds=rounds)
    excess = judge.excess(_answer(certified.result))
    yield Finding(f"{work}, certified ≤ 1e-6", "true excess", excess, Bar(most=1e-6), Unit.SHARE)
    yield Finding(f"{work}, certified ≤ 1e-6", of_scan, certified.median / fastest.median, rounds=rounds)


def _timed_fit(place: str, certificates: list[float]) -> Fit:
    """Fit, and note the seconds of one certificate."""
    found = fit(SGD(), place)
    certificates.append(found.report.seconds["certificate"] / len(found.report.excess_risk))
    return found


def _answer(found: Fit) -> Answer:
    return Answer(found.model.coefficients, found.model.intercept)


def _memory(directory: Path, scale: Scale) -> Finding:
    half, rows = scale.files // 2, scale.files * scale.file_rows
    few, all_files = (_peak(str(directory / pattern)) for pattern in (f"part-[0-{half - 1}].parquet", "*.parquet"))
    return Finding(
        f"Parquet, peak memory of a process that learns ({all_files / 2**20:,.0f} MiB)",
        f"{rows:,} rows over {rows // 2:,}",
        all_files / few,
        Bar(0.9, 1.1),
        rounds="1",
    )


def _peak(place: str) -> int:
    program = [sys.executable, "-m", "benchmarks.learning.peak_memory", place]
    return int(subprocess.run(program, check=True, capture_output=True, text=True, cwd=ROOT).stdout)  # noqa: S603  # ours
