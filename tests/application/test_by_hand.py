"""Promoting, rolling back and listing by hand."""

import pytest

from adapters.memory.model_store import MemoryModelStore
from application.list_models import ListModels
from application.promote_model import PromoteModel
from application.roll_back import RollBack
from domain.errors import BrokenModel, ModelNotFound, NothingToRollBackTo
from tests.examples import SteppingClock, a_lineage, a_model


@pytest.fixture
def store():
    store = MemoryModelStore()
    for slope in range(3):
        store.save(a_model(slope), a_lineage())
    return store


class Damaged(MemoryModelStore):
    def load(self, version):
        if version == "2":
            raise BrokenModel(version, "half a file")
        return super().load(version)


def test_promote_puts_any_version_into_production(store):
    promote = PromoteModel(store, SteppingClock())

    promote("3")
    history = promote("1")

    assert (history.champion, history.previous) == ("1", "3")


def test_promote_refuses_an_unknown_version(store):
    with pytest.raises(ModelNotFound):
        PromoteModel(store, SteppingClock())("9")


def test_promote_refuses_a_broken_version(store):
    damaged = Damaged(store._shelf)

    with pytest.raises(BrokenModel):
        PromoteModel(damaged, SteppingClock())("2")

    assert store.champion() is None


def test_rollback_returns_to_the_version_before(store):
    promote = PromoteModel(store, SteppingClock())
    promote("1")
    promote("2")

    assert RollBack(store, SteppingClock())().champion == "1"
    with pytest.raises(NothingToRollBackTo):
        RollBack(store, SteppingClock())()


def test_list_says_which_version_stands_where(store):
    promote = PromoteModel(store, SteppingClock())
    promote("1")
    promote("3")

    listed = ListModels(store)()

    assert [(model.name, model.standing) for model in listed] == [("1", "previous"), ("2", ""), ("3", "champion")]
    assert listed[2].version == store.champion()


def test_broken_version_is_listed_as_broken_and_hides_no_other(store):
    listed = ListModels(Damaged(store._shelf))()

    assert [(model.name, model.problem) for model in listed] == [("1", ""), ("2", "half a file"), ("3", "")]
    assert listed[1].version is None


def test_champion_whose_files_are_gone_is_listed_as_such(store):
    PromoteModel(store, SteppingClock())("1")
    del store._shelf.versions["1"]

    listed = ListModels(store)()

    assert (listed[0].name, listed[0].standing, listed[0].problem) == ("1", "champion", "its files are gone")
    assert [model.name for model in listed[1:]] == ["2", "3"]


def test_nothing_is_listed_of_an_empty_store():
    assert ListModels(MemoryModelStore())() == ()
