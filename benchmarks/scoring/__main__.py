"""`python -m benchmarks.scoring`: CPU time and memory of batch scoring beside a bare scan and write of its columns."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from adapters.pyarrow.scoring.file_task import FileTask, ScoringOptions, ScoringPlan
from adapters.pyarrow.scoring.score_file import score_file
from adapters.pyarrow.table_path import TablePath
from benchmarks.report import MEGABYTES, Finding, findings_table
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel

ROWS, GROUP_ROWS, BATCH_ROWS, LEVELS = 2_500_000, 250_000, 131_072, 20
NUMBERS, TEXTS = [f"x{number}" for number in range(20)], ["city", "color"]
# The peak of `getrusage` would include that of the parent process.
PEAK = """
import re, sys
from pathlib import Path
from benchmarks.scoring.__main__ import model, score
score(Path(sys.argv[1]), model(with_texts=True))
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@click.command()
@click.option("--rows", default=ROWS, show_default=True)
@click.option("--rounds", default=9, show_default=True, help="Paired measurements, of which medians are compared.")
def main(*, rows: int, rounds: int) -> None:
    """Measure; end with 1 if a bar is missed."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "table.parquet"
        write_table(path, rows)
        findings = [
            paired(f"{rows:,} × 20 numbers, 1 kept column", path, NUMBERS, rounds, most=1.4),
            paired(f"{rows:,} × 20 numbers and 2 texts, 1 kept column", path, [*NUMBERS, *TEXTS], rounds, most=2.5),
            peak(path),
        ]
    print(findings_table(findings))
    sys.exit(any(finding.missed for finding in findings))


def write_table(path: Path, rows: int) -> None:
    random = np.random.default_rng(0)
    levels = pa.array([f"level {number:02}" for number in range(LEVELS)])
    columns = {name: random.standard_normal(rows) for name in NUMBERS}
    columns |= {name: levels.take(pa.array(random.integers(LEVELS, size=rows))) for name in TEXTS}
    parquet.write_table(pa.table({"id": np.arange(rows), **columns}), path, row_group_size=GROUP_ROWS)


def model(*, with_texts: bool) -> LinearModel:
    levels = tuple(f"level {number:02}" for number in range(LEVELS))
    texts = [CategoryColumn(name, levels) for name in TEXTS] if with_texts else []
    encoding = Encoding((*(NumberColumn(name, fill=0.0) for name in NUMBERS), *texts))
    return LinearModel(np.random.default_rng(1).standard_normal(len(encoding.term_names)), 1.0, encoding)


def paired(work: str, path: Path, columns: list[str], rounds: int, most: float) -> Finding:
    scoring = model(with_texts=len(columns) > len(NUMBERS))
    ratios = [
        cpu_seconds(lambda: score(path, scoring)) / cpu_seconds(lambda: scan_and_write(path, columns))
        for _ in range(rounds)
    ]
    return Finding(work, "CPU ÷ bare scan and write, median of pairs", median(ratios), most=most, rounds=rounds)


def peak(path: Path) -> Finding:
    shown = subprocess.check_output([sys.executable, "-c", PEAK, path], text=True)
    return Finding(
        "numbers and texts", "peak memory of a process", int(shown) / 1e3, most=400, unit=MEGABYTES, rounds=1
    )


def cpu_seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def score(path: Path, scoring: LinearModel) -> None:
    target = path.with_name("scored.parquet")
    target.unlink(missing_ok=True)
    plan = ScoringPlan("1", scoring, ScoringOptions(("id",), ("",), "utf-8"), "")
    score_file(plan, FileTask(TablePath(str(path)), TablePath(str(target)), path.name, {}))


def scan_and_write(path: Path, columns: list[str]) -> None:
    """Read the columns in batches, and write the kept one and one of them as a scored file has them."""
    with parquet.ParquetFile(path, memory_map=False, pre_buffer=False, read_dictionary=TEXTS) as file:
        schema = pa.schema([("id", pa.int64()), ("prediction", pa.float64())])
        with parquet.ParquetWriter(path.with_name("bare.parquet"), schema, use_dictionary=["id"]) as writer:
            for batch in file.iter_batches(BATCH_ROWS, columns=["id", *columns]):
                writer.write_batch(pa.record_batch([batch.column("id"), batch.column(columns[0])], schema=schema))


if __name__ == "__main__":
    main()
