"""Contract of a store of rollouts: held by files, memory and MLflow."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from domain.delivery.analysis import analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.errors import NoRollout, RolloutConflict
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import MAX_TEXT_CHARACTERS, Action, Phase, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import MAX_CHARACTERS, to_text
from domain.errors import StoreUnavailable
from domain.model.errors import ModelNotFound
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.rollouts import a_rollout

ANALYSIS = analyze(RolloutCounts(), RolloutCounts(), RolloutPlan(), 1).to_values()
LONG_ANALYSIS = json.loads(json.dumps({**ANALYSIS, "results": ANALYSIS["results"] * 25}))


class RolloutStoreContract:
    """Subclasses give five fixtures.

    `models`, a store of models; `rollouts` and `second_rollouts`, two stores of rollouts over the same place;
    `unreachable_rollouts`, one whose place cannot be reached; and `keep(version, text)`, a function that replaces the
    text of the state that is kept with a version.
    """

    @pytest.fixture
    def versions(self, models):
        """The champion, and two other versions."""
        names = [models.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(3)]
        models.promote(names[0], replacing=None, at=NOON)
        return names

    @pytest.fixture
    def rollout(self, versions):
        return a_rollout(*versions[:2])

    def test_state_is_read_as_it_was_written_also_a_long_one(self, rollouts, second_rollouts, rollout):
        assert second_rollouts.read() is None
        long = replace(rollout, generation=2, beat=7, why="geprüft, ’so'\\", analysis=LONG_ANALYSIS)

        rollouts.write(rollout, replacing=0)
        second_rollouts.write(long, replacing=1)

        assert rollouts.read() == second_rollouts.read() == RolloutRecord(long)
        assert len(to_text(long)) > 20_000

    def test_write_after_another_generation_is_a_conflict_that_changes_nothing(
        self, rollouts, second_rollouts, rollout
    ):
        rollouts.write(rollout, replacing=0)
        later = replace(rollout, generation=2)
        second_rollouts.write(later, replacing=1)

        for replacing in (0, 1, 3):
            with pytest.raises(RolloutConflict) as caught:
                rollouts.write(replace(rollout, generation=3), replacing=replacing)
            assert (caught.value.expected, caught.value.found) == (replacing, 2)

        assert rollouts.read() == RolloutRecord(later)

    def test_one_of_several_writers_at_once_wins(self, rollouts, second_rollouts, rollout):
        rollouts.write(rollout, replacing=0)

        def write(store, writer):
            try:
                store.write(replace(rollout, generation=2, writer=writer), replacing=1)
            except RolloutConflict:
                return ""
            return writer

        with ThreadPoolExecutor(4) as pool:
            (winner,) = filter(None, pool.map(write, [rollouts, second_rollouts] * 2, "abcd"))
        assert rollouts.read().rollout.writer == winner

    def test_promotion_by_hand_hides_the_state_and_a_rollback_shows_it(
        self, models, rollouts, second_rollouts, rollout
    ):
        rollouts.write(rollout, replacing=0)

        models.promote(rollout.challenger, replacing=rollout.champion, at=NOON)
        assert second_rollouts.read() is None
        models.rollback(at=NOON)
        assert second_rollouts.read() == RolloutRecord(rollout)

    def test_state_of_the_watch_is_kept_with_the_challenger_beside_that_of_the_steps(
        self, models, rollouts, second_rollouts, rollout
    ):
        promoting = replace(rollout, phase=Phase.PROMOTING, stage=rollout.plan.watch - 1)
        watch = replace(promoting, phase=Phase.WATCH, stage=rollout.plan.watch, generation=2)
        rollouts.write(promoting, replacing=0)

        rollouts.write(watch, replacing=0)

        assert second_rollouts.read() == RolloutRecord(promoting)
        models.promote(rollout.challenger, replacing=rollout.champion, at=NOON)
        rollouts.remove(promoting)
        assert second_rollouts.read() == RolloutRecord(watch)
        models.rollback(at=NOON)
        assert second_rollouts.read() is None

    def test_state_of_another_rollout_is_not_removed(self, rollouts, second_rollouts, rollout, versions):
        other = a_rollout(versions[0], versions[2])
        rollouts.write(rollout, replacing=0)

        second_rollouts.remove(other)
        assert rollouts.read() == RolloutRecord(rollout)
        second_rollouts.remove(rollout)
        second_rollouts.remove(rollout)
        assert rollouts.read() is None
        rollouts.write(other, replacing=0)
        assert second_rollouts.read() == RolloutRecord(other)

    def test_r07_text_that_is_no_state_of_the_version_counts_as_none_is_logged_once_and_is_replaced(
        self, rollouts, second_rollouts, rollout, keep, caplog
    ):
        foreign, huge = to_text(a_rollout("77", "78")), to_text(rollout) + " " * MAX_CHARACTERS
        for text in ("", "{", "[" * 30_000, "null", "\x7f", to_text(rollout)[:-1], foreign, huge):
            caplog.clear()
            keep(rollout.champion, text)

            assert (second_rollouts.read(), second_rollouts.read()) == (None, None), text[:40]
            assert [(record.message, record.what) for record in caplog.records] == [("rollout_unreadable", "state")]
            with pytest.raises(NoRollout):
                rollouts.request(RolloutRequest(rollout.id, Action.ABORT, "kim", "", 1))
            rollouts.write(rollout, replacing=0)
            assert second_rollouts.read() == RolloutRecord(rollout)

    def test_request_replaces_the_one_before_and_goes_with_its_rollout(
        self, rollouts, second_rollouts, rollout, versions
    ):
        first = RolloutRequest(rollout.id, Action.PAUSE, "kim@host", "", 1)
        abort = RolloutRequest(rollout.id, Action.ABORT, "kim@host", "it’s enough", 2)
        for without in (None, a_rollout(versions[0], versions[2])):
            if without:
                rollouts.write(without, replacing=0)
            with pytest.raises(NoRollout):
                rollouts.request(first)
        rollouts.remove(without)
        rollouts.write(rollout, replacing=0)

        rollouts.request(first)
        second_rollouts.request(abort)

        assert rollouts.read() == RolloutRecord(rollout, abort)
        rollouts.write(replace(rollout, generation=2), replacing=1)
        assert second_rollouts.read().request == abort
        rollouts.remove(rollout)
        rollouts.write(rollout, replacing=0)
        assert second_rollouts.read() == RolloutRecord(rollout)

    def test_rejection_is_kept_with_its_version_until_it_is_removed(self, rollouts, second_rollouts, rollout):
        version, why = rollout.challenger, "failures: 12 of 9,000 ’more’ than the baseline"
        assert rollouts.rejection(version) == ""

        rollouts.reject(version, why)
        assert second_rollouts.rejection(version) == why
        assert second_rollouts.rejection(rollout.champion) == ""
        second_rollouts.reject(version, "x" * 2 * MAX_TEXT_CHARACTERS)
        assert rollouts.rejection(version) == "x" * MAX_TEXT_CHARACTERS
        second_rollouts.reject(version, "")
        second_rollouts.reject(version, "")
        assert rollouts.rejection(version) == ""

    def test_unknown_version_keeps_nothing(self, rollouts, rollout):
        for unknown in ("7777", "", "../escape", "20260101T000000.000000Z"):
            with pytest.raises(ModelNotFound):
                rollouts.write(replace(rollout, champion=unknown), replacing=0)
            rollouts.reject(unknown, "why")
            assert rollouts.rejection(unknown) == ""
            rollouts.remove(replace(rollout, champion=unknown))
        assert rollouts.read() is None

    def test_unreachable_store_is_unavailable_to_every_method(self, unreachable_rollouts):
        store, request = unreachable_rollouts, RolloutRequest(a_rollout().id, Action.ABORT, "kim", "", 1)
        version = "20260101T000000.000000Z"
        writes = partial(store.write, a_rollout(), replacing=0), partial(store.remove, a_rollout())
        for call in (store.read, *writes, partial(store.request, request), partial(store.reject, version, "why")):
            with pytest.raises(StoreUnavailable):
                call()
        with pytest.raises(StoreUnavailable):
            store.rejection(version)
