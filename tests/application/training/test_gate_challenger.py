from dataclasses import replace

import pytest

from adapters.memory.dataset_source import InMemorySource
from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryModelStore
from application.audit.record_change import RecordChange
from application.training.gate_challenger import GateChallenger
from application.training.held_out_rows import HeldOutRows
from domain.data.split import HoldOutLast
from domain.delivery.errors import RolloutRefused
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.promotion.errors import PromotionConflict
from domain.promotion.policy import PromotionPolicy
from tests.support.examples import NOON, SteppingClock, a_lineage, a_table, a_training

TABLE, HOLD_OUT = a_table(), HoldOutLast(10)
HELD_OUT = HeldOutRows(InMemorySource(TABLE), TrainingPlan("y", ("x0",), HOLD_OUT, SGD()), HOLD_OUT(TABLE).test)

TRAINING = replace(a_training(), scores=a_lineage(0.9).scores)


def saved(store, *coefficients, names=("x0", "x1")):
    return store.save(ModelVersion("", LinearModel(coefficients, 3.0, names), a_lineage()))


class RacingStore(InMemoryModelStore):
    """Another training promotes just before each of the first `races` promotions."""

    races = 0

    def promote(self, version, *, replacing, at, feature_change_approved=False):
        if self.races:
            self.races -= 1
            rival = saved(self, 0.5, 1.5 - self.races / 100)
            super().promote(rival.name, replacing=replacing, at=at)
        return super().promote(version, replacing=replacing, at=at, feature_change_approved=feature_change_approved)


@pytest.fixture
def racing():
    store = RacingStore()
    return (
        store,
        saved(store, 1.0, 2.0),
        GateChallenger(store, PromotionPolicy(), SteppingClock(), RecordChange(InMemoryLedger()), attempts=3),
    )


def test_t08_lost_race_is_decided_again_against_the_new_champion(racing):
    store, challenger, gate = racing
    store.races = 2

    decision = gate(challenger, TRAINING, HELD_OUT)

    assert decision.promote
    assert "of version 3 on the same rows" in decision.reasons[0]
    assert [change.version for change in store.history().changes] == ["2", "3", "1"]


def test_endless_races_end_in_a_conflict(racing):
    store, challenger, gate = racing
    store.races = 99

    with pytest.raises(PromotionConflict):
        gate(challenger, TRAINING, HELD_OUT)

    assert store.history().champion != challenger.name


def test_c11_successor_with_the_champions_features_inherits_the_approval_and_is_recorded():
    for approved in (False, True):
        store = InMemoryModelStore()
        champion = saved(store, 0.5, 1.5).name
        store.promote(champion, replacing=None, at=NOON, feature_change_approved=approved)

        ledger = InMemoryLedger()
        gate = GateChallenger(store, PromotionPolicy(), SteppingClock(), RecordChange(ledger))
        decision = gate(saved(store, 1.0, 2.0), TRAINING, HELD_OUT)

        history = store.history()
        assert (history.champion, history.previous, history.feature_change_approved) == ("2", champion, approved)
        (entry,) = ledger.entries()
        assert (entry.version, entry.replaced, entry.actor) == ("2", champion, "train, run run-1")
        assert entry.why == "; ".join(decision.reasons)


def test_champion_that_cannot_be_scored_stays_until_an_operator_decides():
    store = InMemoryModelStore()
    champion = saved(store, 1.0, names=("age",)).name
    store.promote(champion, replacing=None, at=NOON)
    challenger = saved(store, 1.0, 2.0)
    gate = GateChallenger(store, PromotionPolicy(), SteppingClock(), RecordChange(InMemoryLedger()))

    decisions = [gate(challenger, TRAINING, HELD_OUT)]
    store._state.damaged.add(champion)
    decisions.append(gate(challenger, TRAINING, HELD_OUT))
    del store._state.versions[champion]
    decisions.append(gate(challenger, TRAINING, HELD_OUT))

    found = [(decision.promote, decision.awaits_approval) for decision in decisions]
    assert found == [(False, True), (False, False), (False, False)]
    assert "(removed: age; added: x0, x1)" in decisions[0].reasons[0]
    assert "no column 'age'" in decisions[0].reasons[1]
    assert "it is damaged" in decisions[1].reasons[0]
    assert "no model version '1'" in decisions[2].reasons[0]
    assert store.history().champion == champion


def test_rollout_replaces_every_promotion_but_the_first():
    store, started = InMemoryModelStore(), []

    def start(version):
        if started:
            raise RolloutRefused("another rollout is under way")
        started.append(version)
        return f"rollout-of-{version}"

    gate = GateChallenger(store, PromotionPolicy(), SteppingClock(), RecordChange(InMemoryLedger()), start)
    first, second, third = (gate(saved(store, slope, 1.5), TRAINING, HELD_OUT) for slope in (0.5, 0.6, 0.7))
    worse = gate(saved(store, 0.8, 1.5), replace(TRAINING, scores=a_lineage(0.1).scores), HELD_OUT)

    assert (first.promote, first.rollout) == (True, "")
    assert (second.promote, second.rollout, second.awaits_rollout) == (False, "rollout-of-2", False)
    assert (third.promote, third.rollout, third.awaits_rollout) == (False, "", True)
    assert third.reasons[0] == "another rollout is under way"
    assert (worse.promote, worse.rollout, worse.awaits_rollout) == (False, "", False)
    assert (store.history().champion, started) == ("1", ["2"])
