"""What every model store does, whatever it is made of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest

from domain.errors import ModelNotFound, NothingToRollBackTo, PromotionConflict
from domain.golden_rows import GoldenRows
from domain.linear_model import LinearModel
from domain.ports import ModelStore
from tests.examples import NOON, a_lineage, a_model


class ModelStoreContract:
    """Subclasses give the fixtures `store`, and `second`: another instance over the same place."""

    @pytest.fixture
    def store(self) -> ModelStore:
        raise NotImplementedError

    @pytest.fixture
    def second(self) -> ModelStore:
        raise NotImplementedError

    def save(self, store: ModelStore, slope: float = 1.0) -> str:
        return store.save(a_model(slope), a_lineage()).name

    def test_new_store_is_empty(self, store):
        assert store.versions() == ()
        assert store.champion() is None
        assert store.history().champion is None

    def test_saved_model_loads_to_the_last_bit_with_its_lineage(self, store, second):
        model = a_model(0.1 + 0.2, 5e-324, -1.7976931348623157e308, np.pi)
        golden = GoldenRows([[1.0, 1.0, 0.0, 0.1 + 0.2]], model.predict(np.array([[1.0, 1.0, 0.0, 0.1 + 0.2]])))

        saved = store.save(model, a_lineage(run_id=self.run_id(store)), golden)

        loaded = second.load(saved.name)
        assert loaded == saved
        assert loaded.golden == golden
        assert loaded.model.coefficients.tobytes() == model.coefficients.tobytes()

    def run_id(self, store: ModelStore) -> str:
        """Return the id of a run that the store accepts in a lineage."""
        del store
        return "run-1"

    def test_feature_names_of_any_script_survive(self, store, second):
        model = LinearModel(np.array([1.0, 2.0, 3.0]), 0.5, ("Größe, m", 'the "x"', "μ;²"))

        saved = store.save(model, a_lineage())

        assert second.load(saved.name).model == model

    def test_versions_are_listed_oldest_first(self, store, second):
        names = [self.save(store, slope) for slope in range(3)]

        assert second.versions() == tuple(names)

    @pytest.mark.parametrize("name", ["7777", "", "../escape", "20260101T000000.000000Z", "v1", "1; drop table"])
    def test_unknown_version_is_named(self, store, name):
        self.save(store)

        with pytest.raises(ModelNotFound) as caught:
            store.load(name)

        assert caught.value.version == name

    def test_unknown_version_is_not_promoted(self, store):
        with pytest.raises(ModelNotFound):
            store.promote("7777", replacing=None, at=NOON)

        assert store.champion() is None

    def test_concurrent_saves_get_names_of_their_own(self, store, second):
        with ThreadPoolExecutor(4) as pool:
            names = list(pool.map(self.save, [store, second] * 4, range(8)))

        assert len(set(names)) == 8
        assert sorted(store.versions()) == sorted(names)
        assert [store.load(name).model.coefficients[0] for name in names] == list(range(8))

    def test_promoted_version_is_champion(self, store, second):
        name = self.save(store)

        store.promote(name, replacing=None, at=NOON)

        assert second.champion() == store.load(name)

    def test_saving_does_not_promote(self, store):
        first, _ = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)

        self.save(store, 3)

        assert store.history().champion == first

    def test_promotion_remembers_what_it_replaced_and_when(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)

        store.promote(other, replacing=first, at=NOON + timedelta(hours=1))

        history = second.history()
        assert (history.champion, history.previous) == (other, first)
        assert [(change.version, change.replaced, change.at) for change in history.changes] == [
            (first, None, NOON),
            (other, first, NOON + timedelta(hours=1)),
        ]

    def test_promotion_against_a_champion_that_has_gone_is_refused(self, store, second):
        first, other, late = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON)
        second.promote(other, replacing=first, at=NOON)

        with pytest.raises(PromotionConflict) as caught:
            store.promote(late, replacing=first, at=NOON)

        assert (caught.value.expected, caught.value.found) == (first, other)
        assert store.history().champion == other

    def test_racing_promotions_leave_one_champion_and_one_winner(self, store, second):
        first, *others = (self.save(store, slope) for slope in range(5))
        store.promote(first, replacing=None, at=NOON)

        def promote(instance: ModelStore, name: str) -> bool:
            try:
                instance.promote(name, replacing=first, at=NOON)
            except PromotionConflict:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            won = list(pool.map(promote, [store, second] * 2, others))

        assert won.count(True) == 1
        assert store.history().champion == others[won.index(True)]
        assert store.history().previous == first

    def test_promoting_the_champion_again_changes_nothing(self, store):
        name = self.save(store)
        before = store.promote(name, replacing=None, at=NOON)

        assert store.promote(name, replacing=name, at=NOON) == before

    def test_nothing_is_said_of_features_unless_it_is(self, store, second):
        store.promote(self.save(store), replacing=None, at=NOON)

        assert not second.history().features_may_change

    def test_what_is_said_of_the_champions_features_is_kept_until_the_next_promotion(self, store, second):
        first, other, third = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON)

        store.promote(other, replacing=first, at=NOON, features_may_change=True)
        said = second.history()
        store.promote(third, replacing=other, at=NOON)

        assert (said.champion, said.features_may_change) == (other, True)
        assert not second.history().features_may_change

    def test_version_that_was_said_to_change_features_once_is_not_when_it_is_promoted_again(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON, features_may_change=True)
        store.promote(other, replacing=first, at=NOON)

        store.promote(first, replacing=other, at=NOON)

        assert not second.history().features_may_change

    def test_it_can_be_said_of_the_champion_afterwards(self, store, second):
        name = self.save(store)
        before = store.promote(name, replacing=None, at=NOON)

        after = store.promote(name, replacing=name, at=NOON, features_may_change=True)

        assert after == second.history()
        assert (after.changes, after.features_may_change) == (before.changes, True)

    def test_rollback_says_that_features_may_change(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)

        assert store.rollback(at=NOON).features_may_change
        assert second.history().features_may_change

    def test_rollback_returns_to_the_version_before(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)

        second.rollback(at=NOON)

        assert store.champion() == store.load(first)
        assert store.history().changes[-1].action == "rollback"

    def test_second_rollback_goes_further_back_and_never_forward(self, store):
        names = [self.save(store, slope) for slope in range(3)]
        for replaced, name in zip([None, *names], names, strict=False):
            store.promote(name, replacing=replaced, at=NOON)

        champions = [store.rollback(at=NOON).champion for _ in range(2)]

        assert champions == [names[1], names[0]]
        with pytest.raises(NothingToRollBackTo):
            store.rollback(at=NOON)
        assert store.history().champion == names[0]

    def test_rollback_of_nothing_is_refused(self, store):
        with pytest.raises(NothingToRollBackTo):
            store.rollback(at=NOON)
