"""`python -m benchmarks.scale`: measure a cluster of this machine, and write part of docs/benchmarks.md."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from pyarrow import parquet

from benchmarks import report
from benchmarks.learning.contest import true_excess
from benchmarks.learning.streamed import drawn, write_parquet
from benchmarks.report import MEGABYTES, ROOT, SECONDS, SHARE, Finding
from benchmarks.scale.cluster_turns import pairs, peaks, ratios
from benchmarks.scale.loopback import privately
from benchmarks.scale.tiny_round import PIECES, tiny_rounds

COLUMNS, FILES, FILE_ROWS = 20, 20, 1_000_000
WORKERS = 2
# Rows in memory and iterations make dask-ml's fit minutes long.
BESIDE_FILES, BESIDE_ROWS = 8, 250_000
CONTENDERS = {
    "Endeavour": (sys.executable, "benchmarks.scale.endeavour_contender"),
    "dask-ml `LinearRegression`": (str(ROOT / ".venv-dask-ml/bin/python"), "benchmarks.scale.dask_ml_contender"),
}
# What is compared with dask-ml, and the least ratio.
COMPARED: Sequence[tuple[str, str, float | None]] = (
    ("fit_seconds", "reading included, faster than dask-ml in memory, median of pairs", None),
    ("megabytes", "fewer bytes between processes than dask-ml", 100),
)
HEADER = ("program", "seconds from files", "seconds of the fit", "sent", "true excess", "rounds")
Taken = Mapping[str, Any]


@click.command()
@click.option("--quick", is_flag=True, help="Measure small tables once, without dask-ml, and only print.")
def main(*, quick: bool) -> None:
    """Measure the cluster beside one process and dask-ml; end with 1 if a bar is missed."""
    share, turns = (50, 1) if quick else (1, 5)
    with TemporaryDirectory(prefix="endeavour-bench-") as name:
        large, small = Path(name, "large"), Path(name, "small")
        write_tables(large, FILES, FILE_ROWS // share)
        write_tables(small, BESIDE_FILES, BESIDE_ROWS // share)
        os.sync()  # so that the disk is idle while the files are read
        findings = [*paired_findings(large, turns), *memory_findings(large), *tiny_round_findings(turns)]
        beside, contest = beside_dask_ml(small, list(CONTENDERS)[: 1 if quick else None])
    parts = {
        "scale findings": report.findings_table([*findings, *beside]),
        "scale contenders": contest,
        "scale environment": report.environment(("numpy", "pyarrow", "distributed"), **{"dask-ml": dask_ml_version()}),
    }
    sys.exit(report.publish([*findings, *beside], parts, quick=quick))


def write_tables(folder: Path, files: int, rows: int) -> None:
    folder.mkdir()
    for number in range(files):
        write_parquet(drawn(rows, COLUMNS, number + 1), folder / f"{number:02}.parquet")


def half(folder: Path) -> str:
    """Return the pattern of the first ten files."""
    return f"{folder}/0*.parquet"


def rows_in(place: Path) -> str:
    return f"{sum(parquet.read_metadata(path).num_rows for path in place.parent.glob(place.name)):,} × {COLUMNS}"


def paired_findings(folder: Path, turns: int) -> list[Finding]:
    """Return the time and the CPU time of one worker and of two, over those of one process."""
    work, found = f"Parquet, {rows_in(Path(half(folder)))}", []
    for workers, most in ((1, (1.6, 1.9)), (WORKERS, (None, None))):
        seconds, cpu = ratios(pairs(half(folder), workers, turns))
        side = f"{workers} worker{'s' * (workers > 1)}"
        found += [
            Finding(f"{work}, {side}", "the time of one process, median of pairs", seconds, most=most[0], rounds=turns),
            Finding(f"{work}, {side}", "its CPU time, client and workers", cpu, most=most[1], rounds=turns),
        ]
    return found


def memory_findings(folder: Path) -> list[Finding]:
    """Return the largest peak memory of a worker, and its growth from half of the files to all."""
    places = (Path(half(folder)), folder / "*.parquet")
    few, many = (max(peaks(str(place), WORKERS)) for place in places)
    work = "peak memory of a worker"
    return [
        Finding(work, rows_in(places[1]), many, most=400, unit=MEGABYTES, rounds=1),
        Finding(work, "all rows over half of them", many / few, least=0.9, most=1.1, rounds=1),
    ]


def tiny_round_findings(turns: int) -> list[Finding]:
    taken_by, work = tiny_rounds(turns), f"a round of {PIECES} pieces without rows"
    seconds, cpu = (median(getattr(one, name) for one in taken_by) for name in ("seconds", "cpu_seconds"))
    return [
        Finding(work, "time", seconds, most=1, unit=SECONDS, rounds=turns),
        Finding(work, "CPU time of client, scheduler and workers", cpu, most=1, unit=SECONDS, rounds=turns),
    ]


def beside_dask_ml(folder: Path, names: Sequence[str], rounds: int = 3) -> tuple[list[Finding], str]:
    """Return what is found of the learner beside dask-ml, and the table of both."""
    excess = true_excess((table[:, :-1], table[:, -1]) for table in map(numbers_of, sorted(folder.iterdir())))
    turns = [{name: taken(name, folder) for name in names} for _ in range(rounds)]
    rows = []
    for name in names:
        each = [turn[name] for turn in turns]
        middle = {key: median(one[key] for one in each) for key in ("seconds", "fit_seconds", "megabytes")}
        away = max(excess(np.array(one["answer"])) for one in each)
        shown = [f"{middle[key]:.3g}" for key in ("seconds", "fit_seconds")]
        rows.append((name, *shown, MEGABYTES.format(middle["megabytes"]), SHARE.format(away), str(rounds)))
    ours, others = next(iter(CONTENDERS)), names[1:]
    work = f"Parquet, {rows_in(folder / '*.parquet')}, {WORKERS} workers"
    found = [finding(work, [(turn[name], turn[ours]) for turn in turns], *one) for name in others for one in COMPARED]
    return found, report.table(HEADER, rows)


def finding(
    work: str, turns: Sequence[tuple[Taken, Taken]], key: str, measure: str, least: float | None = None
) -> Finding:
    return Finding(work, measure, median(other[key] / ours[key] for other, ours in turns), least, rounds=len(turns))


def taken(name: str, folder: Path) -> Taken:
    """Return what a contender prints of its fit; bytes are NaN where no network of its own is permitted."""
    python, module = CONTENDERS[name]
    command, alone = privately([python, "-m", module, str(folder), str(WORKERS)])
    printed = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    return printed if alone else {**printed, "megabytes": float("nan")}


def numbers_of(path: Path) -> np.ndarray:
    return np.column_stack([column.to_numpy() for column in parquet.read_table(path).columns])


def dask_ml_version() -> str:
    lock = Path(__file__).with_name("requirements-dask-ml.in").read_text(encoding="utf-8")
    return lock.partition("dask-ml==")[2].split()[0]


if __name__ == "__main__":
    main()
