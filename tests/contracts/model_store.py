"""Contract of a model store: held by files, memory and MLflow."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import numpy as np
import pytest

from domain.errors import StoreUnavailable
from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.reference_predictions import ReferencePredictions
from domain.ports import ModelStore
from domain.promotion.errors import NoPreviousVersion, PromotionConflict
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mixed_tables import a_mixed_model, moments_of


class ModelStoreContract:
    """Subclasses give four fixtures.

    `store`; `second`, another instance over the same place; `unreachable`, a store whose place cannot be reached; and
    `damage(version)`, a function that damages what is kept of a version.
    """

    def save(self, store: ModelStore, slope: float = 1.0) -> str:
        return store.save(ModelVersion("", a_model(slope), a_lineage())).name

    def promoted(self, store: ModelStore, count: int) -> list[str]:
        """Return the names of new versions, each promoted after the one before it."""
        names = [self.save(store, slope) for slope in range(count)]
        for replaced, name in zip([None, *names], names, strict=False):
            store.promote(name, replacing=replaced, at=NOON)
        return names

    def test_new_store_is_empty(self, store):
        assert store.versions() == ()
        assert store.champion() is None
        assert store.history().champion is None
        with pytest.raises(NoPreviousVersion):
            store.rollback(at=NOON)

    def test_saved_model_loads_to_the_last_bit_with_its_lineage(self, store, second):
        numbers = np.array([0.1 + 0.2, 5e-324, -1.7976931348623157e308, np.pi])
        model = LinearModel(numbers, 0.5, ("Größe, m", 'the "x"', "μ;²", "bmi"))
        row = np.array([[1.0, 1.0, 0.0, 0.1 + 0.2]])

        moments = Moments(9, 7, np.array([0.1, 2.0, -3e-5, np.pi]), np.triu(np.full((4, 4), 0.1 + 0.2)), 5e-324)

        calibration = Calibration(3, [5e-324, 0.1 + 0.2])
        reference = ReferencePredictions(row, model.predict(row))

        saved = store.save(ModelVersion("", model, a_lineage(), reference, moments, calibration))

        loaded = second.load(saved.name)
        assert loaded.calibration.rows == 3
        assert np.array_equal(loaded.calibration.conformity_scores, calibration.conformity_scores)
        assert (loaded.moments.rows, loaded.moments.measured_rows) == (9, 7)
        assert np.array_equal(loaded.moments.mean, moments.mean)
        assert np.array_equal(loaded.moments.factor, moments.factor)
        assert loaded.moments.residual_variance == 5e-324
        assert loaded == saved
        assert loaded.reference_predictions == saved.reference_predictions
        assert loaded.model.coefficients.tobytes() == numbers.tobytes()

    def test_model_of_texts_gaps_and_dates_loads_as_it_was_saved(self, store, second):
        model = a_mixed_model()
        reference = ReferencePredictions.sample_like(moments_of(model), model)

        values = np.column_stack(
            [np.linspace(1, 9, 40), np.arange(40) % 2, np.arange(40) % 7, np.linspace(1.6e9, 1.7e9, 40)]
        )
        distributions = Distributions.of(model, values, seed=0)

        saved = store.save(ModelVersion("", model, a_lineage(), reference, distributions=distributions))

        loaded = second.load(saved.name)
        assert loaded.distributions == distributions
        assert (loaded, loaded.reference_predictions) == (saved, reference)
        assert (loaded.model.encoding, loaded.model.target_transform) == (model.encoding, model.target_transform)
        assert loaded.model.encoding.left_out == model.encoding.left_out

    def test_unreachable_store_is_unavailable_to_every_method(self, unreachable):
        reads = unreachable.champion, unreachable.versions, unreachable.history, lambda: unreachable.load("1")
        change = partial(unreachable.promote, "1", replacing=None, at=NOON)
        for call in (*reads, change, lambda: unreachable.rollback(at=NOON), lambda: self.save(unreachable)):
            with pytest.raises(StoreUnavailable):
                call()

    def test_damaged_version_is_corrupt_and_hides_no_other(self, store, second, damage):
        sound, broken = self.promoted(store, 2)
        damage(broken)

        for read in (lambda: second.load(broken), second.champion):
            with pytest.raises(CorruptModel) as caught:
                pytest.fail(f"read {read()}")
            assert caught.value.version == broken
        assert second.versions() == (sound, broken)
        assert second.load(sound).name == sound
        assert second.rollback(at=NOON).champion == second.champion().name == sound

    def test_versions_are_listed_oldest_first_and_the_promoted_one_is_champion(self, store, second):
        names = [self.save(store, slope) for slope in range(3)]
        assert store.champion() is None

        store.promote(names[1], replacing=None, at=NOON)
        latest = self.save(store)

        assert second.versions() == (*names, latest)
        assert second.champion() == store.load(names[1])

    def test_unknown_version_is_named_and_not_promoted(self, store):
        self.save(store)

        for name in ("7777", "", "../escape", "20260101T000000.000000Z", "v1", "1; drop table"):
            with pytest.raises(ModelNotFound) as caught:
                store.load(name)
            assert caught.value.version == name
        with pytest.raises(ModelNotFound):
            store.promote("7777", replacing=None, at=NOON)
        assert store.champion() is None

    def test_concurrent_saves_get_names_of_their_own(self, store, second):
        with ThreadPoolExecutor(4) as pool:
            names = list(pool.map(self.save, [store, second] * 4, range(8)))

        assert len(set(names)) == 8
        assert sorted(store.versions()) == sorted(names)
        assert [store.load(name).model.coefficients[0] for name in names] == list(range(8))

    def test_promotion_is_recorded_with_its_time_and_once(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON + timedelta(hours=1))

        history = second.history()

        assert (history.champion, history.previous) == (other, first)
        assert [(change.version, change.replaced, change.at) for change in history.changes] == [
            (first, None, NOON),
            (other, first, NOON + timedelta(hours=1)),
        ]
        assert store.promote(other, replacing=other, at=NOON) == history

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

    def test_approval_of_a_feature_change_lasts_until_the_next_promotion(self, store, second):
        first, other = self.save(store, 1), self.save(store, 2)

        def promote(version: str, replacing: str | None, **approval: bool) -> bool:
            assert store.promote(version, replacing=replacing, at=NOON, **approval) == second.history()
            return second.history().feature_change_approved

        assert not promote(first, None)
        assert promote(other, first, feature_change_approved=True)
        assert not promote(first, other)
        assert promote(first, first, feature_change_approved=True)
        assert promote(first, first)
        assert not promote(other, first)
        assert len(second.history().changes) == 4

    def test_rollbacks_go_further_back_and_never_forward(self, store, second):
        names = self.promoted(store, 3)

        with pytest.raises(PromotionConflict):
            second.rollback(at=NOON, replacing=names[1])
        assert second.rollback(at=NOON, replacing=names[2]).champion == names[1]
        assert store.champion() == store.load(names[1])
        assert store.history().changes[-1].action == "rollback"
        assert store.history().feature_change_approved
        assert store.rollback(at=NOON).champion == names[0]
        with pytest.raises(NoPreviousVersion) as caught:
            store.rollback(at=NOON)
        assert caught.value.champion == second.history().champion == names[0]
