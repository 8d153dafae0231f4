"""Saves and promotions that are cut off, overtaken or locked out."""

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from adapters.mlflow.store import MlflowModelStore
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from domain.promotion.errors import PromotionConflict
from tests.support.examples import NOON, a_lineage, a_model

STEPS = [
    (MlflowClient, "create_logged_model"),
    (LocalArtifactRepository, "log_artifacts"),
    (MlflowClient, "finalize_logged_model"),
    (MlflowClient, "create_registered_model"),
    (MlflowClient, "create_model_version"),
]


@pytest.mark.parametrize("failure", [MlflowException("the disk is full"), KeyboardInterrupt()])
def test_save_that_fails_halfway_registers_nothing(store, mocker, failure):
    for owner, step in STEPS:
        mocker.patch.object(owner, step, autospec=True, side_effect=failure)

        with pytest.raises((StoreUnavailable, KeyboardInterrupt)):
            store.save(ModelVersion("", a_model(), a_lineage()))

        mocker.stopall()
        assert store.versions() == ()


def test_promotion_that_is_overtaken_is_a_conflict_that_names_the_other_version(store, client, model_name, mocker):
    """Another host has another lock, so that the store reads the alias again after it was written."""
    first, other, theirs = (store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(3))
    store.promote(first, replacing=None, at=NOON)
    move = MlflowClient.set_registered_model_alias

    def be_overtaken(this, model, alias, version):
        move(this, model, alias, theirs if alias == "champion" else version)

    mocker.patch.object(MlflowClient, "set_registered_model_alias", autospec=True, side_effect=be_overtaken)

    with pytest.raises(PromotionConflict) as caught:
        store.promote(other, replacing=first, at=NOON)

    assert caught.value.found == theirs
    assert store.history().champion == theirs


def test_promotion_cut_off_before_the_alias_leaves_the_old_champion(store, mocker):
    first, other = (store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(2))
    store.promote(first, replacing=None, at=NOON)
    mocker.patch.object(MlflowClient, "set_registered_model_alias", autospec=True, side_effect=KeyboardInterrupt)

    with pytest.raises(KeyboardInterrupt):
        store.promote(other, replacing=first, at=NOON)

    assert (store.history().champion, store.history().previous) == (first, None)


def test_lock_that_cannot_be_made_is_reported(connect, uri, model_name, tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = MlflowModelStore(connect(uri), lock=tmp_path / "file" / "lock", model=model_name)
    version = store.save(ModelVersion("", a_model(), a_lineage())).name

    with pytest.raises(StoreUnavailable):
        store.promote(version, replacing=None, at=NOON)


def test_model_name_that_would_need_quoting_is_refused(connect, uri, tmp_path):
    with pytest.raises(ValueError, match="not usable"):
        MlflowModelStore(connect(uri), lock=tmp_path / "lock", model="a' or 'b")
