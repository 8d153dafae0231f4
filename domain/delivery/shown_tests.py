"""Shown tests: the tests of a stage with their numbers, limits and evidence, as people read them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.delivery.analysis import Verdict
from domain.delivery.plan import EVERYONE
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.stage_tests import RolloutTest

# Logarithm of the largest e-value that is shown, which is about a million.
MAX_LOG = 13.8
# Phases that a passed stage leads to, without writing anything else first.
BEGUN = (Phase.SHADOW, Phase.CANARY, Phase.WATCH)
# E-values from here on are shown without decimals.
LARGE = 10


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A test of the last analysis.

    Parameters
    ----------
    name, seen, compared, versus, limit, harm, verdict : str
        In words: observations, numbers of both models for a column and for a sentence, limit, evidence of harm, and
        what follows.
    kind : {'pass', 'fail', 'wait', 'only fails'}
    failing : float
        Evidence so far that the candidate is worse: logarithm of the e-value, as a share of that at which the test
        fails, from 0 to 1.
    """

    name: str
    seen: str
    compared: str
    versus: str
    limit: str
    harm: str
    verdict: str
    kind: str
    failing: float


def shown_tests(rollout: Rollout) -> tuple[ShownTest, ...]:
    """Return the tests of the stage; none before its first analysis."""
    # The reason of a transition is the analysis of the stage before, until the next one.
    if rollout.phase in BEGUN and rollout.analysis.get("why") == rollout.why:
        return ()
    # A step has every test; a rollout that a person promoted has the analysis of its last step.
    tests = {test.name: test for test in rollout.plan.tests(stage=1)}
    results = rollout.analysis.get("results", ())
    is_last = rollout.is_after_promotion
    return tuple(_shown(result, tests[result["name"]], is_last) for result in results if result["name"] in tests)


def _shown(result: Mapping[str, Any], test: RolloutTest, is_last: bool) -> ShownTest:
    may_pass = result["limit"] is not None and not is_last
    evidence = math.exp(min(result["log_harm"], MAX_LOG))
    return ShownTest(
        name=result["name"],
        seen=f"{_seen(result['counts']):,} {result['unit']}",
        compared=_compared(result["counts"]),
        versus=_versus(result["counts"]),
        limit="" if result["limit"] is None else f"{100 * result['limit']:.3g} %",
        harm=f"{evidence:,.{0 if evidence > LARGE else 2}f} of {math.exp(test.harm_level):,.0f}",
        verdict=_verdict(result, may_pass=may_pass),
        kind=_kind(result, may_pass=may_pass),
        failing=_share_of(result["log_harm"], test.harm_level),
    )


def next_weight(rollout: Rollout) -> str:
    """Return the share of the requests that the tests are about: that of the next stage."""
    return f"{100 * rollout.plan.next_weight(rollout.stage) / EVERYONE:g} %"


def tests_table(rollout: Rollout) -> Iterator[tuple[str, ...]]:
    """Yield the header, and a row for each test; nothing before the first analysis of the stage."""
    tests = shown_tests(rollout)
    if tests:
        last = "verdict" if rollout.is_after_promotion else f"for {next_weight(rollout)}"
        yield "test", "seen", "challenger : champion", "limit", "evidence of harm", last
    for test in tests:
        yield test.name, test.seen, test.compared, test.limit, test.harm, test.verdict


def _compared(counts: Mapping[str, float]) -> str:
    """Return the numbers of both models: shares of their answers, or counts of the same pairs."""
    if "increase" in counts:
        return f"squared error {100 * counts['increase']:+.2g} %"
    if "differ" in counts:
        return f"{_share(counts['differ'], counts['of'])} differ"
    if "of baseline" in counts:
        return f"{_share(counts['candidate'], counts['of'])} : {_share(counts['baseline'], counts['of baseline'])}"
    return f"{counts['candidate']:,} : {counts['baseline']:,}"


def _versus(counts: Mapping[str, float]) -> str:
    """Return the same numbers as part of a sentence, each with its version."""
    if "increase" in counts:
        change = 100 * counts["increase"]
        if not change:
            return "the challenger's squared error is that of the champion"
        return f"the challenger's squared error is {abs(change):.2g} % {'larger' if change > 0 else 'smaller'}"
    if "differ" in counts:
        return f"{_share(counts['differ'], counts['of'])} differ"
    challenger, champion = _compared(counts).split(" : ")
    return f"challenger {challenger}, champion {champion}"


def _seen(counts: Mapping[str, float]) -> float:
    return counts["labels"] if "labels" in counts else counts["of"]


def _share(count: float, total: float) -> str:
    return f"{100 * count / total:.3g} %" if total else "0 %"


def _share_of(evidence: float, level: float) -> float:
    return min(max(evidence / level, 0.0), 1.0)


def _kind(result: Mapping[str, Any], *, may_pass: bool) -> str:
    if result["verdict"] == Verdict.FAIL:
        return "fail"
    if not may_pass:
        return "only fails"
    return "pass" if result["verdict"] == Verdict.PASS else "wait"


def _verdict(result: Mapping[str, Any], *, may_pass: bool) -> str:
    if result["verdict"] == Verdict.FAIL:
        return "fails"
    if not may_pass:
        return "no failure so far"
    if result["verdict"] == Verdict.PASS:
        return "passes"
    return f"about {result['needed']:,} more" if result["needed"] else "too many so far"
