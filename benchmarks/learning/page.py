"""The page docs/benchmarks.md: what was measured, the tables, and when to use something else."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks.learning.contest import (
    CERTIFIED,
    DEFAULT_REGRESSOR,
    LINEAR_REGRESSION,
    NORMAL_EQUATIONS,
    ONE_PASS,
    Contest,
)
from benchmarks.learning.markdown import contests_table, findings_table, table
from benchmarks.learning.measurements import Measurements
from benchmarks.serving.section import PAGE, kept

TEXT = Path(__file__).with_name("page.md")


def write(found: Measurements, facts: Mapping[str, str], group_rows: int) -> None:
    """Write the page, but for the part on the server."""
    server = kept(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(page(found, facts, group_rows) + server, encoding="utf-8")


def page(found: Measurements, facts: Mapping[str, str], group_rows: int) -> str:
    """Return the page as Markdown, one sentence a line."""
    small, long, *_ = found.one_thread
    best = min((name for name in long.results if name.startswith("SGDRegressor(")), key=_seconds_in(long))
    return TEXT.read_text(encoding="utf-8").format(
        groups=f"{group_rows:,}",
        findings=findings_table(found.findings, judged=True),
        build=next(name for name in long.results if name.startswith("Dataset")),
        one_thread=contests_table(found.one_thread),
        default_threads=contests_table([found.default_threads]),
        environment=table(("what", "which"), list(facts.items())),
        normal_equations=_listed(
            f"{each.ratio(NORMAL_EQUATIONS, CERTIFIED):.2g} × the time at {each.size}" for each in found.one_thread
        ),
        normal_default=f"{found.default_threads.ratio(NORMAL_EQUATIONS, CERTIFIED):.2g} × the time at {long.size}",
        linear_small=f"{small.ratio(LINEAR_REGRESSION, CERTIFIED):.2g} ×",
        regressor=f"{long.ratio(best, CERTIFIED):.2g} ×",
        default_regressor=f"{long.ratio(DEFAULT_REGRESSOR, CERTIFIED):.2g} ×",
        default_excess=f"{long.results[DEFAULT_REGRESSOR].excess:.0e}",
        tried=f"`{best}`",
        certificate=_listed(
            f"{each.ratio(CERTIFIED, ONE_PASS):.2g} × the time of one pass at {each.size}"
            for each in found.one_thread[1:]
        ),
    )


def _seconds_in(contest: Contest) -> Callable[[str], float]:
    return lambda name: contest.results[name].seconds


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
