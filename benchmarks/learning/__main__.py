"""`python -m benchmarks.learning`: measure, compare with the bars, and write part of docs/benchmarks.md."""

import sys

import click
from threadpoolctl import threadpool_info, threadpool_limits

from adapters.pyarrow.table_source import TableSource
from benchmarks import report
from benchmarks.learning import commands, contest
from benchmarks.learning.contest import CERTIFIED, LINEAR_REGRESSION, ONE_PASS, PRODUCT, Contest, compare_on_table
from benchmarks.learning.streamed import drawn, encoded_finding, streamed_findings
from benchmarks.report import ROOT, Finding

HEADER = ("table", "contender", f"time ÷ {CERTIFIED}", f"time ÷ {PRODUCT}", "true excess", "rounds")
MILLION = 1_000_000


@click.command()
@click.option("--quick", is_flag=True, help="Measure small tables once, and only print.")
def main(*, quick: bool) -> None:
    """Measure the learner beside others; end with 1 if a bar is missed."""
    share, rounds = (50, 1) if quick else (1, 5)
    contests, default_threads = _contests(share, rounds)
    whole = commands.command_contests(quick=quick)
    streamed = [*streamed_findings(share, rounds), encoded_finding(share, rounds)]
    findings = [*_findings(*contests), *streamed, *commands.command_findings(whole)]
    blas = {f"{each['internal_api']} {each['version']}" for each in threadpool_info() if each["user_api"] == "blas"}
    parts = {
        "learner findings": report.findings_table(findings),
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
    tuned, near, careful = (name for name in long.seconds if "SGDRegressor(" in name)
    a_row, turns = huge.seconds[CERTIFIED] / long.seconds[CERTIFIED] / 10, huge.turns[CERTIFIED]
    return [
        long.faster(LINEAR_REGRESSION, least=12),
        long.faster(tuned, 25, "SGDRegressor, quickest settings within 1e-6"),
        long.faster(near, None, "SGDRegressor, quickest settings as near as the fit"),
        long.faster(careful, None, "SGDRegressor, scaled and shuffled, within 1e-6"),
        long.slower(CERTIFIED, PRODUCT, most=3.5),
        long.true_excess(CERTIFIED, 1e-6),
        long.slower(ONE_PASS, PRODUCT, most=1.8),
        long.true_excess(ONE_PASS, 1e-7),
        long.slower(CERTIFIED, ONE_PASS),
        wide.faster(LINEAR_REGRESSION, least=50),
        wide.true_excess(CERTIFIED, 1e-6),
        huge.faster(LINEAR_REGRESSION, least=15),
        Finding(huge.work(CERTIFIED), f"time a row, over that of {long.size}", a_row, most=1.3, rounds=turns),
        huge.true_excess(CERTIFIED, 1e-6),
        small.faster(LINEAR_REGRESSION, least=1),
        small.true_excess(CERTIFIED, 1e-6),
    ]


if __name__ == "__main__":
    main()
