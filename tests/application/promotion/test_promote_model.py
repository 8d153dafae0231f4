import pytest

from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.promotion.errors import FeatureChangeNotApproved
from tests.support.examples import a_lineage, a_model


def test_any_sound_version_can_be_promoted(store, promote):
    store._state.damaged.add("2")
    for version, error in (("9", ModelNotFound), ("2", CorruptModel)):
        with pytest.raises(error):
            promote(version)
    assert store.champion() is None

    promote("3")
    history = promote("1")

    assert (history.champion, history.previous) == ("1", "3")


def test_c11_feature_change_is_refused_without_approval(store, promote):
    promote("1")

    with pytest.raises(FeatureChangeNotApproved) as caught:
        promote("4")
    assert (caught.value.version, caught.value.champion, caught.value.change) == ("4", "1", "added: bp")
    assert store.history().champion == "1"

    history = promote("4", feature_change_approved=True)
    assert (history.champion, history.feature_change_approved) == ("4", True)


def test_c11_successor_of_the_same_features_inherits_the_approval(store, promote):
    promote("1")
    assert not promote("2").feature_change_approved
    promote("4", feature_change_approved=True)

    successor = store.save(ModelVersion("", a_model(3.0, 4.0), a_lineage())).name

    assert promote(successor).feature_change_approved


def test_c11_unreadable_champion_prevents_no_promotion_and_passes_no_approval_on(store, promote):
    promote("2", feature_change_approved=True)
    store._state.damaged.add("2")

    history = promote("4")

    assert (history.champion, history.feature_change_approved) == ("4", False)


def test_ledger_records_each_change_of_champion_once(store, promote, ledger):
    promote("1")
    promote("4", feature_change_approved=True)
    promote("4", feature_change_approved=True)

    recorded = [(entry.event, entry.version, entry.replaced, entry.actor, entry.why) for entry in ledger.entries()]
    assert recorded == [
        ("promote", "1", None, "kim@host", "it is better"),
        ("promote", "4", "1", "kim@host", "it is better; approved: added: bp"),
    ]
    assert [entry.at for entry in ledger.entries()] == [change.at for change in store.history().changes]
