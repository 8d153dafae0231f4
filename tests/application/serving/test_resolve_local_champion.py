import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from application.serving.resolve_local_champion import ResolveLocalChampion
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage, a_model


def promoted(root, *slopes):
    """Return a store in the directory `root` and its versions, each promoted after the other."""
    store = FileModelStore(root, CsvWeights())
    versions = [store.save(ModelVersion("", a_model(slope), a_lineage())) for slope in slopes]
    for version, replaced in zip(versions, [None, *versions], strict=False):
        store.promote(version.name, replacing=replaced and replaced.name, at=NOON)
    return store, versions


def damage(root, version, suffix):
    """Damage the weights of a version, or remove the file of its lineage, without which it does not exist."""
    path = root / f"{version.name}{suffix}"
    path.write_text("damaged") if suffix == ".csv" else path.unlink()


def test_champion_of_the_store_is_confirmed(tmp_path):
    store, _ = promoted(tmp_path)
    assert ResolveLocalChampion(store)() is None

    store, (champion,) = promoted(tmp_path, 1.0)
    assert ResolveLocalChampion(store)() == ServedModel(champion, ModelOrigin.REGISTRY)


def test_f02_previous_version_replaces_a_corrupt_or_missing_champion(tmp_path):
    for suffix in (".csv", ".json"):
        store, (previous, champion) = promoted(tmp_path / suffix, 1.0, 2.0)
        damage(tmp_path / suffix, champion, suffix)

        assert ResolveLocalChampion(store)() == ServedModel(previous, ModelOrigin.CACHE)


def test_error_names_the_champion_if_there_is_no_sound_previous_version(tmp_path):
    for suffix, slopes in ((".csv", (1.0, 2.0)), (".json", (1.0, 2.0)), ("none", (1.0,))):
        store, (*previous, champion) = promoted(tmp_path / suffix, *slopes)
        damage(tmp_path / suffix, champion, ".csv")
        for version in previous:
            damage(tmp_path / suffix, version, suffix)

        with pytest.raises(CorruptModel) as caught:
            ResolveLocalChampion(store)()
        assert caught.value.version == champion.name
