"""Rollout text: states and requests survive it, and another text is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryRegistryState
from application.rollout.rollout_ledger import RolloutLedger
from domain.delivery.analysis import analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import MAX_KEPT, AnsweredOrder
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Action, Outcome, Phase, RolloutRequest
from domain.delivery.rollout_text import MAX_CHARACTERS, from_text, request_from_text, request_to_text, to_text
from domain.delivery.transition import MAX_TRANSITIONS, Move, Transition
from tests.support.orders import an_order
from tests.support.rollouts import STARTED, a_rollout

COUNTS = RolloutCounts(pairs=61_234, failed_candidate=2)
ANALYSIS = json.loads(json.dumps(analyze(COUNTS, COUNTS, RolloutPlan(), 2).to_values()))
RESULT = ANALYSIS["results"][0]
BAD_RESULTS = ({"log_harm": None}, {"limit": "x"}, {"counts": {"of": []}}, {"unit": 1}, {"name": "\x1b"}, {"more": 1})
REQUEST = RolloutRequest("20261128T090412Z-2", Action.ABORT, "kim@host", "prices doubled", 3)


def test_state_and_request_survive_their_texts():
    rollout = replace(
        a_rollout(),
        plan=RolloutPlan(steps=(10, 50), truth="required"),
        phase=Phase.CANARY,
        stage=2,
        held="1 of 4 replicas reports",
        held_at=datetime(2026, 11, 28, 10, tzinfo=UTC),
        counts=COUNTS,
        analysis=ANALYSIS,
        transitions=(Transition(STARTED, Move.START, by="kim@host"), Transition(STARTED, Move.STEP, 1000, "passed")),
    )

    assert from_text(to_text(rollout)) == rollout
    assert request_from_text(request_to_text(REQUEST)) == REQUEST


def test_longest_state_is_read_back_and_fits_a_line_of_the_ledger():
    emoji = "\N{EARTH GLOBE EUROPE-AFRICA}"
    answered = AnsweredOrder(an_order(why=200 * emoji, by="x" * 128), 500 * emoji).shortened()
    longest = replace(
        a_rollout(),
        why=500 * emoji,
        analysis=ANALYSIS,
        orders=(answered,) * MAX_KEPT,
        transitions=(Transition(STARTED, Move.HOLD, why=500 * emoji),) * MAX_TRANSITIONS,
    )
    ledger = InMemoryLedger(InMemoryRegistryState())

    assert from_text(to_text(longest)) == longest
    RolloutLedger(ledger, lambda: STARTED).record_end(longest, Outcome.ABORTED, "1")
    assert len(ledger.entries()[0].verdicts["transitions"]) == MAX_TRANSITIONS


def test_another_text_is_refused():
    fields = json.loads(to_text(replace(a_rollout(), transitions=(Transition(STARTED, Move.START),))))
    changes = [
        {"schema": 2},
        {"stage": 7},
        {"stage": True},
        {"generation": -1},
        {"beat": 10**400},
        {"phase": "done"},
        {"salt": "0"},
        {"why": "x" * 501},
        {"champion_digest": "aa"},
        {"started_at": "2026-11-28T09:04:12"},
        {"entered_at": "0001-01-01T00:00:00+14:00"},
        {"why": "\ud800"},
        {"analysis": {**ANALYSIS, "verdict": "maybe"}},
        *({"analysis": {**ANALYSIS, "results": [{**RESULT, **change}]}} for change in BAD_RESULTS),
        {"plan": {"steps": [50, 10]}},
        {"plan": {"steps": "5"}},
        {"counts": {}},
        {"analysis": []},
        {"transitions": [{"at": "x"}]},
        {"transitions": [{**fields["transitions"][0], "by": "\x1b"}]},
        {"extra": 1},
    ]
    texts = [json.dumps(fields | change) for change in changes]
    for text in ("", "[]", "[" * 20_000, " " * (MAX_CHARACTERS + 1), *texts):
        with pytest.raises(ValueError):  # noqa: PT011  # the message depends on the change
            from_text(text)

    request = json.loads(request_to_text(REQUEST))
    for change in ({"action": "stop"}, {"number": 0}, {"by": "x" * 501}, {"why": None}, {"extra": 1}):
        with pytest.raises(ValueError):  # noqa: PT011  # the message depends on the change
            request_from_text(json.dumps(request | change))
