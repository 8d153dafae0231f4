"""What a host serves whose store is in its own files, down to the last that can be trusted."""

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from application.serving.current_model import CurrentModel
from application.serving.refresh_current_model import RefreshCurrentModel
from application.serving.resolve_local_champion import ResolveLocalChampion
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model, a_version


@pytest.fixture
def root(tmp_path):
    return tmp_path / "weights"


@pytest.fixture
def store(root):
    return FileModelStore(root, CsvWeights())


@pytest.fixture
def latest(store):
    return ResolveLocalChampion(store)


def promoted(store, *slopes):
    versions = [store.save(ModelVersion("", a_model(slope), a_lineage())) for slope in slopes]
    for version, replaced in zip(versions, [None, *versions], strict=False):
        store.promote(version.name, replacing=replaced and replaced.name, at=NOON)
    return versions


def test_nothing_in_production_is_nothing(latest):
    assert latest() is None


def test_store_of_files_is_its_own_registry(latest, store):
    (saved,) = promoted(store, 1.0)

    assert latest() == ServedModel(saved, ModelOrigin.REGISTRY)


def damage(root, version, suffix):
    """Damage the weights of a version, or remove the file of its lineage, without which it does not exist."""
    path = root / f"{version.name}{suffix}"
    path.write_text("damaged") if suffix == ".csv" else path.unlink()


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_version_before_stands_in_for_a_champion_that_is_broken_or_gone(latest, store, root, suffix):
    before, champion = promoted(store, 1.0, 2.0)
    damage(root, champion, suffix)

    assert latest() == ServedModel(before, ModelOrigin.CACHE)


@pytest.mark.parametrize("suffix", [".csv", ".json", None])
def test_error_names_the_champion_if_the_version_before_is_no_better_or_there_is_none(latest, store, root, suffix):
    *before, champion = promoted(store, 1.0, 2.0) if suffix else promoted(store, 1.0)
    damage(root, champion, ".csv")
    for version in before:
        damage(root, version, suffix)

    with pytest.raises(CorruptModel) as caught:
        latest()

    assert caught.value.version == champion.name


def test_worker_that_starts_with_a_broken_champion_serves_the_version_before_and_says_so(latest, store, root, caplog):
    before, champion = promoted(store, 1.0, 2.0)
    (root / f"{champion.name}.csv").write_text("damaged")
    live = CurrentModel()

    RefreshCurrentModel(latest, a_version("bundled"), live)()

    assert live.snapshot == ServedModel(before, ModelOrigin.CACHE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
