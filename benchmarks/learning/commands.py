"""Whole commands, each in a process of its own: `endeavour train` beside others, and those that people wait for.

`endeavour train` runs beside pandas with scikit-learn, and beside a bare scan. The first two read a file, hold out a
tenth, fit and score. `endeavour train` also compares terms by cross-validation, draws charts, and keeps the model with
what drift and prediction intervals need.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from pyarrow import csv, parquet

from benchmarks.learning.streamed import GROUP_ROWS, drawn, write_parquet
from benchmarks.report import ROOT, SECONDS, Finding

TRAIN, PANDAS, SCAN = "`endeavour train`", "pandas and LinearRegression", "a bare scan"
ENDEAVOUR = ("-m", "entrypoints")
TRAIN_TABLE = (*ENDEAVOUR, "train", "--target", "y", "--holdout", "0.1", "--data")
PANDAS_JOB = """import sys, pandas
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
path = sys.argv[1]
table = pandas.read_csv(path) if path.endswith("csv") else pandas.read_parquet(path)
train, test, train_target, test_target = train_test_split(table.drop(columns="y"), table["y"], test_size=0.1)
print(LinearRegression().fit(train, train_target).score(test, test_target))"""
SCANS = {
    "parquet": f"""import sys; from collections import deque; from pyarrow import parquet
deque(parquet.ParquetFile(sys.argv[1]).iter_batches({GROUP_ROWS}), maxlen=0)""",
    "csv": """import sys; from collections import deque; from pyarrow import csv
deque(csv.open_csv(sys.argv[1]), maxlen=0)""",
}
# A process that is smaller than those it measures, because their peaks begin with that of the process that starts them.
MEASURED = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)"""

# Rows, columns and formats.
TABLES = ((442, 10, ("csv", "parquet")), (1_000_000, 20, ("csv", "parquet")), (5_000_000, 10, ("parquet",)))
# The most CPU seconds of commands on the diabetes data; the first one saves what the others read.
MAX_SECONDS = {"train": 1.5, "--help": 0.5, "predict 0.2": 0.5, "models": 0.5}
HEADER = ("table", "command", "CPU seconds", "÷ a bare scan", "÷ pandas", "peak MiB", "rounds")


class Use(NamedTuple):
    """CPU seconds and peak KiB of a process."""

    seconds: float
    kibibytes: float


@dataclass(frozen=True, slots=True)
class CommandContest:
    """What each command used for one table; medians."""

    table: str
    uses: dict[str, Use]
    rounds: int

    def finding(self, other: str, most: float) -> Finding:
        """Return the CPU time of `endeavour train` over that of another command."""
        ratio, measure = self.uses[TRAIN].seconds / self.uses[other].seconds, f"the CPU time of {other}"
        return Finding(f"{self.table}, {TRAIN}", measure, ratio, most=most, rounds=self.rounds)

    def rows(self) -> Iterator[tuple[str, ...]]:
        for name, use in self.uses.items():
            ratios = (f"{use.seconds / self.uses[other].seconds:.3g}" for other in (SCAN, PANDAS))
            memory = f"{use.kibibytes / 1024:,.0f}"
            yield self.table, name, f"{use.seconds:.3g}", *ratios, memory, str(self.rounds)


def command_contests(rounds: int, *, quick: bool) -> list[CommandContest]:
    """Let the commands take turns at tables of each size and format; if `quick`, at the smallest one."""
    contests: list[CommandContest] = []
    for rows, columns, formats in TABLES[:1] if quick else TABLES:
        with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name:
            path = Path(name, "table.parquet")
            write_parquet(drawn(rows, columns), path)
            for suffix in formats:
                place = path.with_suffix(f".{suffix}")
                if suffix == "csv":
                    csv.write_csv(parquet.read_table(path), place)
                table = f"{rows:,} × {columns}, {'CSV' if suffix == 'csv' else 'Parquet'}"
                if not contests:  # so that modules are compiled
                    _contest(table, place, 1)
                contests.append(_contest(table, place, rounds))
    return contests


def start_findings(rounds: int) -> list[Finding]:
    """Return the CPU time of commands on little data, which is that of their start."""
    uses = _medians({name: (*ENDEAVOUR, *name.split()) for name in MAX_SECONDS}, rounds)
    return [
        Finding(f"`endeavour {name}`, csv store", "CPU time", use.seconds, None, MAX_SECONDS[name], SECONDS, rounds)
        for name, use in uses.items()
    ]


def _contest(table: str, path: Path, rounds: int) -> CommandContest:
    jobs = {TRAIN: TRAIN_TABLE, PANDAS: ("-c", PANDAS_JOB), SCAN: ("-c", SCANS[path.suffix[1:]])}
    return CommandContest(table, _medians({name: (*job, str(path)) for name, job in jobs.items()}, rounds), rounds)


def _medians(jobs: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Use]:
    """Let the jobs take turns with an empty csv store, and return the medians of each."""
    with tempfile.TemporaryDirectory(prefix="endeavour-bench-") as name:
        environment = os.environ | {"ENDEAVOUR_STORE": "csv", "ENDEAVOUR_DATA_DIR": name}
        turns = [[_used(job, environment) for job in jobs.values()] for _ in range(rounds)]
    medians = [Use(*map(median, zip(*each, strict=True))) for each in zip(*turns, strict=True)]
    return dict(zip(jobs, medians, strict=True))


def _used(words: Sequence[str], environment: dict[str, str]) -> Use:
    command = [sys.executable, "-c", MEASURED, sys.executable, *words]
    shown = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    return Use(*map(float, shown.split()))
