"""Promoting, rolling back and listing by hand."""

import pytest

from adapters.memory.model_store import InMemoryModelStore
from application.promotion.list_models import ListModels
from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.promotion.errors import FeatureChangeNotApproved, NoPreviousVersion
from tests.support.examples import SteppingClock, a_lineage, a_model


@pytest.fixture
def store():
    store = InMemoryModelStore()
    for slope in range(3):
        store.save(ModelVersion("", a_model(slope), a_lineage()))
    return store


@pytest.fixture
def promote(store):
    return PromoteModel(store, SteppingClock())


@pytest.fixture
def roll_back(store):
    return RollBack(store, SteppingClock())


class Damaged(InMemoryModelStore):
    def load(self, version):
        if version == "2":
            raise CorruptModel(version, "half a file")
        return super().load(version)


def test_promote_puts_any_version_into_production(promote):
    promote("3")
    history = promote("1")

    assert (history.champion, history.previous) == ("1", "3")


def test_promote_refuses_an_unknown_and_a_broken_version(store):
    for version, error in (("9", ModelNotFound), ("2", CorruptModel)):
        with pytest.raises(error):
            PromoteModel(Damaged(store._state), SteppingClock())(version)

    assert store.champion() is None


@pytest.fixture
def other(store):
    """The name of a version that takes other features than the rest."""
    return store.save(ModelVersion("", a_model(1.0, 2.0), a_lineage())).name


def test_c11_promotion_that_changes_the_features_is_refused_until_it_is_said(store, other, promote):
    promote("1")

    with pytest.raises(FeatureChangeNotApproved) as caught:
        promote(other)
    assert (caught.value.version, caught.value.champion, caught.value.change) == (other, "1", "added: bp")
    assert store.history().champion == "1"
    history = promote(other, feature_change_approved=True)

    assert (history.champion, history.feature_change_approved) == (other, True)


def test_c11_what_was_said_of_the_champion_holds_for_a_successor_of_the_same_features(store, other, promote):
    promote("1")
    promote("2")
    assert not store.history().feature_change_approved
    promote(other, feature_change_approved=True)

    successor = store.save(ModelVersion("", a_model(3.0, 4.0), a_lineage())).name

    assert promote(successor).feature_change_approved


def test_c11_it_can_be_said_of_the_champion_after_its_promotion(promote):
    promote("1")

    assert promote("1", feature_change_approved=True).feature_change_approved
    assert promote("1").feature_change_approved


def test_c11_champion_that_cannot_be_read_stops_no_promotion_and_hands_nothing_on(store, other, promote):
    promote("2", feature_change_approved=True)

    history = PromoteModel(Damaged(store._state), SteppingClock())(other)

    assert (history.champion, history.feature_change_approved) == (other, False)


def test_c11_rollback_to_other_features_is_not_refused_and_says_so(other, promote, roll_back):
    promote("1")
    promote(other, feature_change_approved=True)

    history = roll_back()

    assert (history.champion, history.feature_change_approved) == ("1", True)


def test_rollback_returns_to_the_version_before(promote, roll_back):
    promote("1")
    promote("2")

    assert roll_back().champion == "1"
    with pytest.raises(NoPreviousVersion):
        roll_back()


def test_list_says_which_version_stands_where(store, promote):
    assert ListModels(InMemoryModelStore())() == ()
    promote("1")
    promote("3")

    listed = ListModels(store)()

    assert [(model.name, model.role) for model in listed] == [("1", "previous"), ("2", ""), ("3", "champion")]
    assert listed[2].version == store.champion()


def test_broken_version_is_listed_as_broken_and_hides_no_other(store):
    listed = ListModels(Damaged(store._state))()

    assert [(model.name, model.problem) for model in listed] == [("1", ""), ("2", "half a file"), ("3", "")]
    assert listed[1].version is None


def test_champion_whose_files_are_gone_is_listed_as_such(store, promote):
    promote("1")
    del store._state.versions["1"]

    listed = ListModels(store)()

    assert (listed[0].name, listed[0].role, listed[0].problem) == ("1", "champion", "its files are gone")
    assert [model.name for model in listed[1:]] == ["2", "3"]
