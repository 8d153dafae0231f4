"""Saves and promotions that are cut off, overtaken or locked out."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from adapters.host.file_lock import lock
from adapters.mlflow.names import WEIGHTS_PATH
from adapters.mlflow.store import MlflowModelStore
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
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


@pytest.fixture
def saved(store):
    return store.save(ModelVersion("", a_model(), a_lineage()))


@pytest.mark.parametrize("failure", [MlflowException("the disk is full"), KeyboardInterrupt()])
def test_save_that_fails_halfway_registers_nothing(store, mocker, failure):
    for owner, step in STEPS:
        mocker.patch.object(owner, step, autospec=True, side_effect=failure)

        with pytest.raises((StoreUnavailable, KeyboardInterrupt)):
            store.save(ModelVersion("", a_model(), a_lineage()))

        mocker.stopall()
        assert store.versions() == ()


def test_missing_weights_are_a_broken_model(store, client, model_name, saved):
    Path(client.get_model_version_download_uri(model_name, saved.name), WEIGHTS_PATH).unlink()

    with pytest.raises(CorruptModel, match=r"no file artifacts/weights\.json"):
        store.load(saved.name)


def test_promoter_that_is_overtaken_learns_of_the_other_version(store, client, model_name, mocker):
    """Another host has another lock: all that is left is to read back what was written."""
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


HOLDER = """
import sys
from pathlib import Path
from adapters.host.file_lock import lock
with lock(Path(sys.argv[1]), 1.0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_lock_held_by_another_process_is_waited_for_only_so_long(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(OSError, match="another process holds"), lock(tmp_path / "lock", 0.1):
            pass

        holder.stdin.close()
        with lock(tmp_path / "lock", 30.0):
            assert holder.wait(30) == 0


def test_lock_that_cannot_be_made_is_reported(connect, uri, model_name, tmp_path, saved):
    (tmp_path / "file").write_text("in the way")
    store = MlflowModelStore(connect(uri), lock=tmp_path / "file" / "lock", model=model_name)

    with pytest.raises(StoreUnavailable):
        store.promote(saved.name, replacing=None, at=NOON)


def test_model_name_that_would_need_quoting_is_refused(connect, uri, tmp_path):
    with pytest.raises(ValueError, match="not usable"):
        MlflowModelStore(connect(uri), lock=tmp_path / "lock", model="a' or 'b")
