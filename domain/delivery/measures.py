"""Measures of a rollout: the counts that each reads, and its evidence that the candidate is worse, or good enough."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.counts import TRUTH_POINTS, RolloutCounts
from domain.delivery.evidence import (
    GRID,
    Value,
    mean_above,
    mean_below,
    share_above,
    share_below,
    sign_test,
    two_shares_harm,
    two_shares_pass,
)

# The grid reaches to this many times the baseline's hold-out MSE.
ERROR_SCALE = 4.0


@dataclass(frozen=True, slots=True)
class Measure:
    """One aspect in which a candidate may be worse than the baseline.

    Parameters
    ----------
    unit : str
        Name of the observations.
    observed : callable
        Number of observations of counts.
    facts : callable
        Numbers that the measure reads from counts, by name.
    harm : callable
        Log e that the candidate is worse, of counts; they may be arrays.
    good_enough : callable
        Log e that the candidate's harm is below a limit, of counts and the limit; either may be arrays.
    harmless : callable
        Counts of a number of observations without any harm.
    """

    unit: str
    observed: Callable[[RolloutCounts], int]
    facts: Callable[[RolloutCounts], Mapping[str, float]]
    harm: Callable[[RolloutCounts], FloatArray]
    good_enough: Callable[[RolloutCounts, Value], FloatArray]
    harmless: Callable[[int], RolloutCounts]


def discordant_pairs(candidate: str, baseline: str, prior: int) -> Measure:
    """Measure pairs in which one model alone failed or was slow; `candidate` and `baseline` name their counts.

    The candidate is worse if it is more often the one. Its harm is its share of all pairs, whose prior is
    Beta(1, prior).
    """
    of_candidate, of_baseline = attrgetter(candidate), attrgetter(baseline)
    return Measure(
        unit="pairs",
        observed=lambda counts: counts.pairs,
        facts=lambda counts: {"candidate": of_candidate(counts), "baseline": of_baseline(counts), "of": counts.pairs},
        harm=lambda counts: sign_test(of_candidate(counts), of_baseline(counts)),
        good_enough=lambda counts, limit: share_below(of_candidate(counts), counts.pairs, limit, prior),
        harmless=lambda total: RolloutCounts(pairs=total),
    )


def differing_pairs(most: float, prior: int) -> Measure:
    """Measure pairs whose predictions differ much: the candidate is worse if their share is above `most`."""
    return Measure(
        unit="pairs",
        observed=lambda counts: counts.pairs,
        facts=lambda counts: {"differ": counts.differences, "of": counts.pairs},
        harm=lambda counts: share_above(counts.differences, counts.pairs, most, prior),
        good_enough=lambda counts, limit: share_below(counts.differences, counts.pairs, limit, prior),
        harmless=lambda total: RolloutCounts(pairs=total),
    )


def squared_errors() -> Measure:
    """Measure labels: the candidate is worse if its mean squared error is larger.

    Its harm is the increase, as a share of the baseline's hold-out MSE.
    """
    sides = (0,) * (TRUTH_POINTS // 2)

    def facts(counts: RolloutCounts) -> Mapping[str, float]:
        labels = sum(counts.squared_errors)
        increase = ERROR_SCALE * float(np.dot(counts.squared_errors, GRID)) / max(labels, 1)
        return {"labels": labels, "increase": round(increase, 4)}

    return Measure(
        unit="labels",
        observed=lambda counts: sum(counts.squared_errors),
        facts=facts,
        harm=lambda counts: mean_above(counts.squared_errors, 0.0),
        good_enough=lambda counts, limit: mean_below(counts.squared_errors, limit / ERROR_SCALE),
        harmless=lambda total: RolloutCounts(squared_errors=(*sides, total, *sides)),
    )


def bad_answers(share: float) -> Measure:
    """Measure answers routed by request id: the candidate is worse if more of its own failed or were slow.

    The counts are those of one stage, because rates that change between stages would look like a difference of the
    models (Simpson's paradox). `share` is the share of the requests that the candidate answers in the stage.
    """
    shares = attrgetter("bad_candidate", "answers_candidate", "bad_baseline", "answers_baseline")
    names = ("candidate", "of", "baseline", "of baseline")

    def harmless(total: int) -> RolloutCounts:
        return RolloutCounts(answers_candidate=total, answers_baseline=round(total * (1 - share) / share))

    return Measure(
        unit="answers",
        observed=lambda counts: counts.answers_candidate,
        facts=lambda counts: dict(zip(names, shares(counts), strict=True)),
        harm=lambda counts: two_shares_harm(*shares(counts)),
        good_enough=lambda counts, limit: two_shares_pass(*shares(counts), limit),
        harmless=harmless,
    )
