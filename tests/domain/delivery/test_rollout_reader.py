"""Rollout reader: traffic needs a beat that moves, and an abort holds for ever."""

from dataclasses import replace

from domain.delivery.rollout import Action, Phase, RolloutRecord, RolloutRequest
from domain.delivery.rollout_reader import MAX_ABORTED, RolloutReader
from tests.support.rollouts import a_rollout

CANARY = replace(a_rollout(), phase=Phase.CANARY, stage=3, generation=5, beat=5)
LATER = replace(CANARY, generation=6, beat=6)


def observed(reader, rollout, now, request=None):
    return reader.observe(RolloutRecord(rollout, request), now)


def test_beat_is_trusted_for_its_ttl_once_it_has_moved():
    reader = RolloutReader()

    first, same, moved = (observed(reader, state, now) for state, now in ((CANARY, 1), (CANARY, 2), (LATER, 3)))

    assert first.trusted_until == same.trusted_until == float("-inf")
    assert (moved.weight, moved.trusted_until) == (1000, 3 + CANARY.plan.ttl_seconds)
    assert reader.observe(None, 4) is None
    assert observed(reader, LATER, 5).trusted_until == float("-inf")


def test_older_generation_is_ignored():
    reader = RolloutReader()
    observed(reader, LATER, 1)

    assert observed(reader, replace(CANARY, stage=4), 2).rollout == LATER


def test_abort_holds_although_an_older_state_or_another_request_comes_back():
    abort = RolloutRequest(CANARY.id, Action.ABORT, "kim", "", 1)
    pause = RolloutRequest(CANARY.id, Action.PAUSE, "kim", "", 2)
    for state, request in ((replace(CANARY, phase=Phase.ABORTING), None), (CANARY, abort)):
        reader = RolloutReader()
        observed(reader, state, 1, request)

        assert observed(reader, LATER, 2, pause).weight == 0
        reader.observe(None, 3)
        assert observed(reader, LATER, 4).weight == 0
    other = replace(abort, rollout="another")
    assert observed(RolloutReader(), CANARY, 1, other).weight == 1000


def test_remembered_aborts_are_bounded():
    reader = RolloutReader()
    observed(reader, replace(CANARY, phase=Phase.ABORTING), 1)
    for number in range(MAX_ABORTED):
        observed(reader, replace(a_rollout(challenger=f"3.{number}"), phase=Phase.ABORTING), 2)

    assert observed(reader, CANARY, 3).weight == 1000
