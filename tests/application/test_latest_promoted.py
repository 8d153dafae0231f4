"""What a host serves whose store is in its own files, down to the last that can be trusted."""

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from application.latest_promoted import LatestPromoted
from application.live_model import LiveModel
from application.refresh_live_model import RefreshLiveModel
from domain.errors import BrokenModel
from domain.snapshot import Snapshot, Source
from tests.examples import NOON, a_lineage, a_model, a_version


@pytest.fixture
def root(tmp_path):
    return tmp_path / "weights"


@pytest.fixture
def store(root):
    return FileModelStore(root, CsvWeights())


@pytest.fixture
def latest(store):
    return LatestPromoted(store)


def promoted(store, *slopes):
    versions = [store.save(a_model(slope), a_lineage()) for slope in slopes]
    for version, replaced in zip(versions, [None, *versions], strict=False):
        store.promote(version.name, replacing=replaced and replaced.name, at=NOON)
    return versions


def test_nothing_in_production_is_nothing(latest):
    assert latest() is None


def test_store_of_files_is_its_own_registry(latest, store):
    (saved,) = promoted(store, 1.0)

    assert latest() == Snapshot(saved, Source.REGISTRY)


def test_version_before_stands_in_for_a_broken_champion_without_being_confirmed(latest, store, root):
    before, champion = promoted(store, 1.0, 2.0)
    (root / f"{champion.name}.csv").write_text("damaged")

    assert latest() == Snapshot(before, Source.CACHE)


def test_version_before_stands_in_for_a_champion_whose_files_are_gone(latest, store, root):
    before, champion = promoted(store, 1.0, 2.0)
    for path in root.glob(f"{champion.name}.*"):
        path.unlink()

    assert latest() == Snapshot(before, Source.CACHE)


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_error_names_the_champion_if_the_version_before_is_no_better(latest, store, root, suffix):
    before, champion = promoted(store, 1.0, 2.0)
    (root / f"{champion.name}.csv").write_text("damaged")
    (root / f"{before.name}{suffix}").unlink()

    with pytest.raises(BrokenModel) as caught:
        latest()

    assert caught.value.version == champion.name


def test_broken_first_champion_is_an_error(latest, store, root):
    (champion,) = promoted(store, 1.0)
    (root / f"{champion.name}.csv").write_text("damaged")

    with pytest.raises(BrokenModel):
        latest()


def test_worker_that_starts_with_a_broken_champion_serves_the_version_before_and_says_so(latest, store, root, caplog):
    before, champion = promoted(store, 1.0, 2.0)
    (root / f"{champion.name}.csv").write_text("damaged")
    live = LiveModel()

    RefreshLiveModel(latest, a_version("bundled"), live)()

    assert live.snapshot == Snapshot(before, Source.CACHE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
