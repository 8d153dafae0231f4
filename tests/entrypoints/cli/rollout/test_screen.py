from dataclasses import replace
from datetime import timedelta

from domain.delivery.analysis import analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.rollout import Phase
from domain.delivery.rollout_text import from_text, to_text
from domain.ports import ReplicaReport
from entrypoints.cli.rollout.screen import SILENT, facts, screen, transition
from tests.support.rollouts import STARTED, a_rollout

COUNTS = RolloutCounts(
    pairs=61_234,
    failed_candidate=1,
    failed_baseline=2,
    slow_candidate=12,
    slow_baseline=15,
    differences=551,
    squared_errors=(*[0] * 15, 300, 2_511, 100, *[0] * 15),
    answers_candidate=10,
    answers_baseline=200,
    bad_baseline=1,
)
"""Counts of a canary's second step, whose errors are smaller than the champion's."""


def a_canary():
    first = a_rollout()
    analysis = analyze(COUNTS, COUNTS, first.plan, 2).to_values()
    state = {"phase": Phase.CANARY, "stage": 2, "generation": 1234, "beat": 831, "writer": "c0ffee12"}
    return from_text(to_text(replace(first, **state, counts=COUNTS, analysis=analysis, why="All tests pass.")))


def test_screen_shows_stage_tests_replicas_and_reasons():
    rollout = a_canary()
    reports = [
        ReplicaReport("10.0.0.1:9100", rollout=rollout.id, ready=True, weight=500, generation=1234),
        ReplicaReport("10.0.0.2:9100", rollout="another", generation=7),
        *(ReplicaReport(f"10.0.0.{number}:9100", "no answer in time") for number in range(3, 13)),
    ]

    first = screen(a_rollout(), (), STARTED + timedelta(seconds=4)).splitlines()
    lines = screen(replace(rollout, held="Kim paused it."), reports, STARTED + timedelta(seconds=250)).splitlines()

    assert first[0] == "1 → 2   the preflight for 4 s   no controller yet: `endeavour rollout run` drives it"
    assert lines[0] == (
        "1 → 2   step 2 of 5 (5 % of requests), held for 4.17 min of at least 10 min   beat 831 of controller c0ffee12"
    )
    assert [line.split("  ")[0] for line in lines[1:7]] == [
        *("test", "failures", "slow evaluations", "differences", "error", "answers"),
    ]
    assert lines[1].endswith("for 10 %")
    assert lines[2].split() == ["failures", "61,234", "pairs", "1", ":", "2", "5", "%", "0.42", "of", "100", "passes"]
    assert lines[4].endswith("passes")
    assert lines[5].endswith("no failure so far")
    assert "more" in lines[6]
    assert lines[7] == ("replicas: 2 of 12 read, 1 with this rollout, 1 ready, 1 at generation 1,234")
    assert lines[8] == "  10.0.0.3:9100: no answer in time"
    assert lines[16:] == ["  and 2 more", "last: All tests pass.", "HELD: Kim paused it."]
    assert SILENT in screen(rollout, [replace(reports[0], weight=0)], STARTED)


def test_tests_of_the_last_step_are_shown_in_the_watch_until_the_next_look():
    rollout = a_canary()

    lines = screen(replace(rollout, phase=Phase.WATCH, stage=rollout.plan.watch), (), STARTED).splitlines()

    assert lines[1].endswith("verdict")
    assert [line.endswith("no failure so far") for line in lines[2:7]] == [True] * 5


def test_facts_have_the_counts_and_no_salt():
    rollout = a_canary()

    found = facts(rollout, [ReplicaReport("10.0.0.1:9100", rollout=rollout.id, ready=True, generation=1234)])

    assert rollout.salt not in str(found)
    assert (found["phase"], found["weight"], found["counts"]["pairs"]) == ("canary", 500, 61_234)
    assert found["replicas"][0]["ready"]
    assert found["analysis"]["verdict"] == "inconclusive"


def test_transition_is_the_stage_and_its_reason():
    assert transition(a_canary()) == "step 2 of 5 (5 % of requests): All tests pass."
    aborting = replace(a_canary(), phase=Phase.ABORTING, why="Kim asked to abort.")
    assert transition(aborting) == "aborting in step 2 of 5 (5 % of requests): Kim asked to abort."
