"""`python -m benchmarks.learning`: measure, compare with the bars, and write part of docs/benchmarks.md."""

import sys
from collections.abc import Sequence

import click
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from adapters.pyarrow.table_source import TableSource
from benchmarks import report
from benchmarks.learning import commands, contest
from benchmarks.learning.contest import (
    CERTIFIED,
    LINEAR_REGRESSION,
    ONE_PASS,
    PRODUCT,
    SCAN,
    TUNED,
    Contest,
    compare_on_table,
)
from benchmarks.learning.streamed import drawn, encoded_finding, streamed_contest
from benchmarks.report import ROOT, SHARE, Finding

HEADER = ("table", "contender", f"time ÷ {CERTIFIED}", f"time ÷ {PRODUCT}", "true excess", "rounds")
MILLION = 1_000_000


@click.command()
@click.option("--quick", is_flag=True, help="Measure small tables once, and only print.")
def main(*, quick: bool) -> None:
    """Measure the learner beside others; end with 1 if a bar is missed."""
    share, rounds = (50, 1) if quick else (1, 5)
    contests, default_threads = _contests(share, rounds)
    streamed, memory = streamed_contest(share, rounds)
    whole = commands.command_contests(rounds, quick=quick)
    findings = [
        *_findings(*contests),
        *_streamed_findings(streamed),
        memory,
        encoded_finding(share, rounds),
        _largest_excess([*contests, streamed]),
        whole[-1].finding(commands.SCAN, most=4.0),
        whole[-1].finding(commands.PANDAS, most=0.7),
        *commands.start_findings(rounds),
    ]
    blas = {f"{each['internal_api']} {each['version']}" for each in threadpool_info() if each["user_api"] == "blas"}
    parts = {
        "learner bars": report.bars_table(findings),
        "learner comparisons": report.comparisons_table(findings),
        "learner contenders": report.table(HEADER, [row for each in contests for row in each.rows()]),
        "learner contenders with default threads": report.table(HEADER, list(default_threads.rows())),
        "learner commands": report.table(commands.HEADER, [row for each in whole for row in each.rows()]),
        "learner environment": report.environment(("numpy", "scipy", "scikit-learn", "pyarrow"), BLAS=", ".join(blas)),
    }
    sys.exit(report.publish(findings, parts, quick=quick))


def _contests(share: int, rounds: int) -> tuple[list[Contest], Contest]:
    """Return the contests with one BLAS thread, and that on the long table with the default number of threads."""
    diabetes = TableSource(str(ROOT / "entrypoints/data/diabetes.csv"), memory_budget=MILLION)
    table = drawn(MILLION // share, 20)
    default_threads = compare_on_table(table, rounds)
    with threadpool_limits(1):
        small = compare_on_table(diabetes.load("progression", diabetes.columns()[:-1]).rows, rounds)
        long = compare_on_table(table, rounds, contest.regressors(table))
        wide = compare_on_table(drawn(MILLION // share, 100), rounds)
        huge = compare_on_table(drawn(10 * MILLION // share, 20), rounds)
        return [small, long, wide, huge], default_threads


def _findings(small: Contest, long: Contest, wide: Contest, huge: Contest) -> list[Finding]:
    a_row = huge.seconds[CERTIFIED] / long.seconds[CERTIFIED] / 10
    return [
        long.faster(LINEAR_REGRESSION, least=12),
        long.faster(TUNED, 25, "SGDRegressor, quickest settings within 1e-6"),
        long.slower(CERTIFIED, PRODUCT, most=3.5),
        long.slower(ONE_PASS, PRODUCT, most=1.8),
        Finding(long.work(ONE_PASS), "true excess", long.excess[ONE_PASS], most=1e-7, unit=SHARE, rounds=1),
        long.slower(CERTIFIED, ONE_PASS),
        wide.faster(LINEAR_REGRESSION, least=50),
        huge.faster(LINEAR_REGRESSION, least=15),
        Finding(huge.work(CERTIFIED), f"time a row, over that of {long.size}", a_row, most=1.3, rounds=huge.rounds),
        small.faster(LINEAR_REGRESSION, least=1),
    ]


def _streamed_findings(streamed: Contest) -> list[Finding]:
    return [streamed.slower(ONE_PASS, SCAN, most=1.6), streamed.slower(CERTIFIED, SCAN)]


def _largest_excess(contests: Sequence[Contest]) -> Finding:
    excess = float(np.max([each.excess[CERTIFIED] for each in contests]))  # NaN if one is
    work = f"the {len(contests)} tables, {CERTIFIED.removeprefix('SGD, ')}"
    return Finding(work, "largest true excess", excess, most=1e-6, unit=SHARE, rounds=1)


if __name__ == "__main__":
    main()
