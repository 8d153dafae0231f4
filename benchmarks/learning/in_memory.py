"""What is asked of the learner on tables in memory, and of the textbook method."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.learning.contest import (
    BUILD,
    CERTIFIED,
    DEFAULT_REGRESSOR,
    LINEAR_REGRESSION,
    LSTSQ,
    NORMAL_EQUATIONS,
    ONE_PASS,
    PRODUCT,
    RIDGE,
    Contest,
    contest,
)
from benchmarks.learning.findings import Bar, Finding, Unit
from benchmarks.learning.optimum import Answer, FloatArray
from benchmarks.learning.rounds import Contender, take_turns
from benchmarks.learning.scale import Scale
from benchmarks.learning.sgd_regressor import Settings, default_settings, quickest
from benchmarks.learning.tables import Table, diabetes, drawn
from domain.sgd import SGD, Fit

TOL = 1e-6
RATE, STEPS = 0.1, 15_000


def long_contests(scale: Scale) -> tuple[Contest, Contest, list[str]]:
    """Return the contest on the long table with one BLAS thread, and with the default number of them.

    The names come last of `SGDRegressor` in its quickest settings: within `TOL`; as near as the certified fit; and
    within `TOL` where neither the scale nor the order of the rows is known to be good.
    """
    table = drawn(*scale.long)
    with threadpool_limits(1):
        best = quickest(table, TOL, scale.epochs, scaled=False, shuffle=False)
        near = quickest(table, _reached(table), scale.epochs, scaled=False, shuffle=False)
        careful = quickest(table, TOL, scale.epochs, scaled=True, shuffle=True)
        regressors = [
            _contender(best, table, scale.rounds),
            _contender(near, table, scale.few_rounds),
            _contender(careful, table, scale.few_rounds),
        ]
        as_it_comes = Contender(DEFAULT_REGRESSOR, partial(default_settings, table), scale.few_rounds)
        one_thread = contest(table, scale.rounds, {}, [*regressors, as_it_comes])
    default_threads = contest(table, scale.rounds, {RIDGE: 0, LSTSQ: 0})
    return one_thread, default_threads, [each.name for each in regressors]


def wide_contest(scale: Scale) -> Contest:
    """Return the contest on the table of many columns."""
    slow = {LSTSQ: scale.few_rounds, LINEAR_REGRESSION: scale.few_rounds}
    with threadpool_limits(1):
        return contest(drawn(*scale.wide), scale.rounds, slow)


def huge_contest(scale: Scale) -> Contest:
    """Return the contest on the table of many rows."""
    slow = {LSTSQ: scale.few_rounds, LINEAR_REGRESSION: scale.few_rounds, RIDGE: scale.few_rounds}
    with threadpool_limits(1):
        return contest(drawn(*scale.huge), scale.rounds, slow)


def small_contest(scale: Scale) -> Contest:
    """Return the contest on the diabetes data."""
    with threadpool_limits(1):
        return contest(diabetes(), scale.small_rounds, {})


def long_findings(one_thread: Contest, regressors: list[str]) -> Iterator[Finding]:
    """Yield what is asked of a million rows of 20 columns."""
    certified, one_pass = f"{one_thread.size}, certified ≤ 1e-6", f"{one_thread.size}, one pass"
    yield _faster(one_thread, LINEAR_REGRESSION, 12)
    for name, settings, bar in zip(
        regressors,
        ("quickest settings within 1e-6", "quickest settings as near as the fit", "scaled and shuffled, within 1e-6"),
        (Bar(least=25), None, None),
        strict=True,
    ):
        ratio, rounds = one_thread.ratio(name, CERTIFIED), one_thread.rounds(CERTIFIED, name)
        yield Finding(certified, f"faster than SGDRegressor, {settings}", ratio, bar, rounds=rounds)
    yield _products(one_thread, certified, CERTIFIED, 3.5)
    yield _excess(one_thread, certified, CERTIFIED, TOL)
    yield _products(one_thread, one_pass, ONE_PASS, 1.8)
    yield _excess(one_thread, one_pass, ONE_PASS, 1e-7)
    yield Finding(certified, "the time of one pass", one_thread.ratio(CERTIFIED, ONE_PASS), rounds=_all(one_thread))


def wide_findings(wide: Contest) -> Iterator[Finding]:
    """Yield what is asked of a million rows of 100 columns."""
    yield _faster(wide, LINEAR_REGRESSION, 50)
    yield _excess(wide, f"{wide.size}, certified ≤ 1e-6", CERTIFIED, TOL)


def huge_findings(huge: Contest, long: Contest) -> Iterator[Finding]:
    """Yield what is asked of ten million rows of 20 columns."""
    certified = f"{huge.size}, certified ≤ 1e-6"
    yield _faster(huge, LINEAR_REGRESSION, 15)
    per_row = huge.results[CERTIFIED].seconds / huge.rows / (long.results[CERTIFIED].seconds / long.rows)
    yield Finding(certified, f"time a row, over that of {long.size}", per_row, Bar(most=1.3), rounds=_all(huge))
    yield _excess(huge, certified, CERTIFIED, TOL)


def small_findings(small: Contest) -> Iterator[Finding]:
    """Yield what is asked of the diabetes data."""
    work = f"diabetes, {small.size}"
    yield Finding(
        work,
        "faster than LinearRegression",
        small.ratio(LINEAR_REGRESSION, CERTIFIED),
        Bar(least=1),
        rounds=small.rounds(CERTIFIED, LINEAR_REGRESSION),
    )
    yield _excess(small, work, CERTIFIED, TOL)


def building_findings(*contests: Contest) -> Iterator[Finding]:
    """Yield what checking the numbers adds, which a `Dataset` does once, before the fit."""
    for each in contests:
        work = f"{each.size}, building the Dataset"
        yield Finding(work, "the time of the certified fit", each.ratio(BUILD, CERTIFIED), rounds=_all(each))
        yield Finding(
            work,
            "both faster than LinearRegression",
            each.ratio(LINEAR_REGRESSION, BUILD, CERTIFIED),
            rounds=each.rounds(CERTIFIED, LINEAR_REGRESSION),
        )


def default_thread_findings(default_threads: Contest) -> Iterator[Finding]:
    """Yield how it stands when nobody limits the threads of BLAS."""
    work = f"{default_threads.size}, certified ≤ 1e-6, default number of BLAS threads"
    for other in (LINEAR_REGRESSION, NORMAL_EQUATIONS):
        ratio = default_threads.ratio(other, CERTIFIED)
        yield Finding(work, f"faster than {other}", ratio, rounds=_all(default_threads))
    yield Finding(
        work, "the time of one X @ v", default_threads.ratio(CERTIFIED, PRODUCT), rounds=_all(default_threads)
    )


def textbook_findings(scale: Scale) -> Iterator[Finding]:
    """Yield how long 15,000 steps of gradient descent with all losses take, and whether they are those of a loop."""
    table = diabetes()
    closed = Contender("closed form", partial(_textbook, table), scale.rounds)
    loop = Contender("loop", partial(_loop, table), scale.few_rounds)
    with threadpool_limits(1):
        take_turns([closed, loop])
    fit, (weights, losses) = closed.result, loop.result
    found = np.append(fit.model.coefficients, fit.model.intercept)
    of_losses = float(np.max(np.abs(np.array(fit.report.losses) / losses - 1)))
    of_weights = float(np.max(np.abs(found / weights - 1)))
    work, rounds = f"textbook, {STEPS:,} steps, diabetes, all losses", f"{closed.rounds} and {loop.rounds}"
    yield Finding(work, "time", closed.median * 1e3, Bar(most=10), Unit.MILLISECONDS, str(closed.rounds))
    yield Finding(
        work, "difference from the step-by-step loop", max(of_losses, of_weights), Bar(most=1e-12), Unit.SHARE
    )
    yield Finding(work, "faster than the step-by-step loop", loop.median / closed.median, rounds=rounds)


def _reached(table: Table) -> float:
    """Return the true excess of the certified fit."""
    model = SGD().fit(table.dataset()).model
    return table.optimum.excess(Answer(model.coefficients, model.intercept))


def _contender(settings: Settings, table: Table, rounds: int) -> Contender:
    return Contender(str(settings), partial(settings.fit, table), rounds)


def _faster(found: Contest, other: str, least: float) -> Finding:
    work = f"{found.size}, certified ≤ 1e-6"
    ratio = found.ratio(other, CERTIFIED)
    return Finding(work, f"faster than {other}", ratio, Bar(least=least), rounds=found.rounds(CERTIFIED, other))


def _products(found: Contest, work: str, name: str, most: float) -> Finding:
    ratio = found.ratio(name, PRODUCT)
    return Finding(work, "the time of one X @ v", ratio, Bar(most=most), rounds=found.rounds(name, PRODUCT))


def _excess(found: Contest, work: str, name: str, most: float) -> Finding:
    excess = found.results[name].excess
    return Finding(work, "true excess", float("nan") if excess is None else excess, Bar(most=most), Unit.SHARE)


def _all(found: Contest) -> str:
    return found.rounds(CERTIFIED)


def _textbook(table: Table) -> Fit:
    return SGD.textbook(RATE, STEPS).fit(table.dataset())


def _loop(table: Table) -> tuple[FloatArray, FloatArray]:
    features = np.column_stack((table.features, np.ones(len(table.target))))
    weights, losses = np.zeros(features.shape[1]), np.empty(STEPS)
    residuals = features @ weights - table.target
    for step in range(STEPS):
        weights -= RATE * 2 / len(residuals) * (residuals @ features)
        residuals = features @ weights - table.target
        losses[step] = residuals @ residuals / len(residuals)
    return weights, losses
