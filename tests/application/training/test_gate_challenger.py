import pytest

from adapters.memory.dataset_source import InMemorySource
from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from application.training.gate_challenger import GateChallenger, defer_promotion
from application.training.held_out_rows import HeldOutRows
from domain.data.split import HoldOutLast
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.promotion.errors import PromotionConflict
from domain.promotion.policy import PromotionPolicy
from tests.support.examples import NOON, SteppingClock, a_lineage, a_table

TABLE, HOLD_OUT = a_table(), HoldOutLast(10)
HELD_OUT = HeldOutRows(InMemorySource(TABLE), TrainingPlan("y", ("x0",), HOLD_OUT, SGD()), HOLD_OUT(TABLE).test)

SCORES = a_lineage(0.9).scores


def saved(store, *coefficients, names=("x0", "x1")):
    return store.save(ModelVersion("", LinearModel(coefficients, 3.0, names), a_lineage()))


class RacingStore(InMemoryModelStore):
    """Another trainer promotes just before each of the first `races` promotions."""

    def __init__(self, races: int) -> None:
        super().__init__(InMemoryRegistryState())
        self.races = races

    def promote(self, version, *, replacing, at, feature_change_approved=False):
        if self.races:
            self.races -= 1
            rival = saved(self, 0.5, 1.5 - self.races / 100)
            super().promote(rival.name, replacing=replacing, at=at)
        return super().promote(version, replacing=replacing, at=at, feature_change_approved=feature_change_approved)


def test_lost_race_is_decided_again_against_the_new_champion():
    store = RacingStore(races=2)
    challenger = saved(store, 1.0, 2.0)

    decision = GateChallenger(store, PromotionPolicy(), SteppingClock(), attempts=3)(challenger, SCORES, HELD_OUT)

    assert decision.promote
    assert "of version 3 on the same rows" in decision.reasons[0]
    assert [change.version for change in store.history().changes] == ["2", "3", "1"]


def test_endless_races_end_in_a_conflict():
    store = RacingStore(races=99)
    challenger = saved(store, 1.0, 2.0)

    with pytest.raises(PromotionConflict):
        GateChallenger(store, PromotionPolicy(), SteppingClock(), attempts=3)(challenger, SCORES, HELD_OUT)

    assert store.history().champion != challenger.name


def test_c11_successor_with_the_champions_features_inherits_the_approval():
    for approved in (False, True):
        store = InMemoryModelStore()
        champion = saved(store, 0.5, 1.5).name
        store.promote(champion, replacing=None, at=NOON, feature_change_approved=approved)

        assert GateChallenger(store, PromotionPolicy(), SteppingClock())(
            saved(store, 1.0, 2.0), SCORES, HELD_OUT
        ).promote

        history = store.history()
        assert (history.champion, history.previous, history.feature_change_approved) == ("2", champion, approved)


class Unreadable(InMemoryModelStore):
    """A store whose champion raises a test's error."""

    def __init__(self, state, error):
        super().__init__(state)
        self.error = error

    def load(self, version):
        raise self.error


def test_champion_that_cannot_be_scored_stays_until_an_operator_decides():
    store = InMemoryModelStore()
    champion = saved(store, 1.0, names=("age",))
    store.promote(champion.name, replacing=None, at=NOON)
    challenger = saved(store, 1.0, 2.0)

    for errors, reasons, awaits in (
        (CorruptModel("1", "half a file"), ("half a file",), False),
        (ModelNotFound("1", ()), ("no model version '1'",), False),
        (None, ("(removed: age; added: x0, x1)", "no column 'age'"), True),
    ):
        gate = GateChallenger(Unreadable(store._state, errors) if errors else store, PromotionPolicy(), SteppingClock())
        decision = gate(challenger, SCORES, HELD_OUT)

        assert (decision.promote, decision.awaits_approval) == (False, awaits)
        assert all(expected in found for expected, found in zip(reasons, decision.reasons, strict=False))
    assert store.history().champion == champion.name


def test_promotion_is_deferred_without_a_registry():
    assert not defer_promotion(saved(InMemoryModelStore(), 1.0, 2.0), SCORES, HELD_OUT).promote
