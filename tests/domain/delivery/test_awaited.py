"""Awaited: the sentence about the present stage."""

from dataclasses import replace

import pytest

from domain.delivery.awaited import awaited
from domain.delivery.rollout import Phase
from domain.delivery.shown_tests import shown_tests
from tests.support.rollouts import a_rollout

RESULT = {
    "name": "failures",
    "verdict": "pass",
    "counts": {"candidate": 0, "baseline": 0, "of": 433},
    "limit": 0.05,
    "log_harm": 0.0,
    "log_pass": 2.0,
    "needed": 0,
    "unit": "pairs",
}
SLOW = RESULT | {"name": "slow evaluations", "verdict": "inconclusive", "needed": 44}
CANARY = replace(a_rollout(), phase=Phase.CANARY, stage=1, why="All tests pass for 1 % of requests.")


def test_present_stage_is_described_and_not_the_one_before():
    before = replace(CANARY, analysis={"results": [RESULT], "why": CANARY.why})
    waits = replace(CANARY, analysis={"results": [RESULT, SLOW], "why": "x"})
    passes = replace(CANARY, analysis={"results": [RESULT], "why": "x"})

    begun, half, whole = map(awaited, (before, waits, passes))
    aborting = replace(before, phase=Phase.ABORTING)

    assert begun == "Step 1 of 5 (1 % of requests) has begun: its tests have not been evaluated yet."
    assert [len(shown_tests(each)) for each in (before, waits, aborting)] == [0, 2, 1]
    assert "1 of 2 required tests pass for 5 % of the requests; not yet: slow evaluations (about 44 more)." in half
    assert "all required tests pass for 5 % of the requests. A stage takes at least" in whole


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"increase": 0.0, "labels": 9}, "the challenger's squared error is that of the champion"),
        ({"increase": 0.25, "labels": 9}, "the challenger's squared error is 25 % larger"),
        ({"increase": -0.25, "labels": 9}, "the challenger's squared error is 25 % smaller"),
        ({"differ": 1, "of": 100}, "1 % differ"),
        ({"candidate": 1, "baseline": 2, "of": 10, "of baseline": 40}, "challenger 10 %, champion 5 %"),
    ],
)
def test_numbers_of_a_test_name_the_versions(counts, words):
    rollout = replace(CANARY, analysis={"results": [RESULT | {"counts": counts}]})

    assert shown_tests(rollout)[0].versus == words
