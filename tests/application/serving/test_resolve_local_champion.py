from dataclasses import replace

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.files.rollout_store import FileRolloutStore
from application.registry_sync.sync_challenger import SyncChallenger
from application.serving.resolve_local_champion import ResolveLocalChampion
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, SettableClock, a_lineage, a_model
from tests.support.rollouts import a_canary


def promoted(root, *slopes):
    """Return a resolver of the directory `root` and its versions, each promoted after the other."""
    store = FileModelStore(root, CsvWeights())
    versions = [store.save(ModelVersion("", a_model(slope), a_lineage())) for slope in slopes]
    for version, replaced in zip(versions, [None, *versions], strict=False):
        store.promote(version.name, replacing=replaced and replaced.name, at=NOON)
    clock, rollouts = SettableClock(), FileRolloutStore(root, store)
    return ResolveLocalChampion(store, rollouts, SyncChallenger(store.load, clock), clock), versions


def damage(root, version, suffix):
    """Damage the weights of a version, or remove the file of its lineage, without which it does not exist."""
    path = root / f"{version.name}{suffix}"
    path.write_text("damaged") if suffix == ".csv" else path.unlink()


def test_champion_of_the_store_is_confirmed(tmp_path):
    resolve, _ = promoted(tmp_path)
    assert resolve() is None

    resolve, (champion,) = promoted(tmp_path, 1.0)
    assert resolve() == ServedModels(ServedModel(champion, ModelOrigin.REGISTRY))


def test_f02_previous_version_replaces_a_corrupt_or_missing_champion(tmp_path):
    for suffix in (".csv", ".json"):
        resolve, (previous, champion) = promoted(tmp_path / suffix, 1.0, 2.0)
        damage(tmp_path / suffix, champion, suffix)

        assert resolve() == ServedModels(ServedModel(previous, ModelOrigin.CACHE))


def test_error_names_the_champion_if_there_is_no_sound_previous_version(tmp_path):
    for suffix, slopes in ((".csv", (1.0, 2.0)), (".json", (1.0, 2.0)), ("none", (1.0,))):
        resolve, (*previous, champion) = promoted(tmp_path / suffix, *slopes)
        damage(tmp_path / suffix, champion, ".csv")
        for version in previous:
            damage(tmp_path / suffix, version, suffix)

        with pytest.raises(CorruptModel) as caught:
            resolve()
        assert caught.value.version == champion.name


@pytest.fixture
def rollout(tmp_path):
    """A resolver in the canary phase of a rollout, and its state."""
    resolve, (champion,) = promoted(tmp_path, 1.0)
    challenger = resolve.store.save(ModelVersion("", a_model(2.0), a_lineage()))
    canary = a_canary(champion, challenger)
    resolve.rollouts.write(canary, replacing=0)
    return resolve, canary


def test_challenger_of_the_rollout_has_traffic_once_the_beat_was_seen_to_move(rollout):
    resolve, canary = rollout
    assert resolve().rollout.routing.weight == 0

    resolve.rollouts.write(replace(canary, generation=2, beat=1), replacing=1)

    served = resolve()
    assert served.rollout.challenger.version == resolve.store.load(canary.challenger)
    assert served.rollout.routing.weight == 1000
    resolve.monotonic.seconds += canary.plan.ttl_seconds
    assert resolve().rollout.routing.weight == 0


def test_state_or_challenger_that_cannot_be_read_leaves_the_champion_alone(rollout, tmp_path):
    resolve, canary = rollout
    damage(tmp_path, resolve.store.load(canary.challenger), ".csv")

    served = resolve()
    assert (served.champion.origin, served.rollout) == (ModelOrigin.REGISTRY, None)
    assert "broken" in served.challenger_problem

    state = tmp_path / "rollouts" / f"{canary.champion}.json"
    state.unlink()
    state.symlink_to(state)
    served = resolve()
    assert (served.champion.origin, served.rollout) == (ModelOrigin.REGISTRY, None)
    assert "the rollouts of" in served.challenger_problem
