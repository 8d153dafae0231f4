"""Tests table: the tests of a stage with their numbers, limits and evidence, in columns."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from domain.delivery.analysis import Verdict
from domain.delivery.plan import EVERYONE
from domain.delivery.rollout import Rollout

# Logarithm of the largest e-value that is shown, which is about a million.
MAX_LOG = 13.8
# E-values from here on are shown without decimals.
LARGE = 10


def tests_table(rollout: Rollout) -> Iterator[tuple[str, ...]]:
    """Yield the header, and a row for each test of the last analysis; nothing before the first one."""
    results = rollout.analysis.get("results", ())
    if not results:
        return
    is_last = rollout.is_after_promotion
    next_weight = f"for {100 * rollout.plan.next_weight(rollout.stage) / EVERYONE:g} %"
    yield "test", "seen", "candidate : baseline", "limit", "evidence of harm", "verdict" if is_last else next_weight
    # A step has every test; the last analysis may be of the stage before.
    levels = {test.name: math.exp(test.harm_level) for test in rollout.plan.tests(stage=1)}
    for result in results:
        evidence = math.exp(min(result["log_harm"], MAX_LOG))
        yield (
            result["name"],
            f"{_seen(result['counts']):,} {result['unit']}",
            _compared(result["counts"]),
            "" if result["limit"] is None else f"{100 * result['limit']:.3g} %",
            f"{evidence:,.{0 if evidence > LARGE else 2}f} of {levels[result['name']]:,.0f}",
            _verdict(result, may_pass=result["limit"] is not None and not is_last),
        )


def _compared(counts: Mapping[str, float]) -> str:
    """Return the numbers of both models: shares of their answers, or counts of the same pairs."""
    if "increase" in counts:
        return f"{100 * counts['increase']:+.2g} % of the MSE"
    if "differ" in counts:
        return f"{_share(counts['differ'], counts['of'])} differ"
    if "of baseline" in counts:
        return f"{_share(counts['candidate'], counts['of'])} : {_share(counts['baseline'], counts['of baseline'])}"
    return f"{counts['candidate']:,} : {counts['baseline']:,}"


def _seen(counts: Mapping[str, float]) -> float:
    return counts["labels"] if "labels" in counts else counts["of"]


def _share(count: float, total: float) -> str:
    return f"{100 * count / total:.3g} %" if total else "0 %"


def _verdict(result: Mapping[str, Any], *, may_pass: bool) -> str:
    if result["verdict"] == Verdict.FAIL:
        return "fails"
    if not may_pass:
        return "may only fail"
    if result["verdict"] == Verdict.PASS:
        return "passes"
    return f"about {result['needed']:,} more" if result["needed"] else "too many so far"
