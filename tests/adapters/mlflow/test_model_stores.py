import json

import mlflow
import pytest
import yaml

from adapters.mlflow.vocabulary import CONSENT_TAG, DIGEST_TAG, LINEAGE_TAG
from domain.errors import ModelNotFound
from tests.contracts.model_store import ModelStoreContract
from tests.examples import NOON, a_lineage, a_model


class TestOverSqlite(ModelStoreContract):
    """Also what doesn't depend on how MLflow is reached."""

    @pytest.fixture
    def store(self, open_store, uri):
        return open_store(uri)

    @pytest.fixture
    def second(self, open_store, uri):
        return open_store(uri)

    def test_version_describes_itself_in_the_registry(self, store, client, model_name):
        lineage = a_lineage()

        saved = store.save(a_model(), lineage)

        registered = client.get_model_version(model_name, saved.name)
        assert registered.tags[DIGEST_TAG] == saved.model.digest
        assert json.loads(registered.tags[LINEAGE_TAG])["settings"] == lineage.settings
        assert "| r2 | 0.4726 |" in registered.description
        assert registered.current_stage == "None"

    def test_artifact_has_no_pickle_and_no_path_of_this_machine(self, store, client, model_name, tmp_path):
        version = store.save(a_model(), a_lineage()).name

        folder = mlflow.artifacts.download_artifacts(f"models:/{model_name}/{version}", dst_path=str(tmp_path / "copy"))

        files = {path.relative_to(folder).as_posix(): path for path in (tmp_path / "copy").rglob("*") if path.is_file()}
        assert {"MLmodel", "scoring_model.py", "artifacts/weights.json", "requirements.txt"} <= set(files)
        assert not [found for found in files if found.endswith((".pkl", ".lock", ".toml"))]
        assert not [
            found for found, path in files.items() if b"/tmp" in path.read_bytes() or b"/work" in path.read_bytes()
        ]
        description = yaml.safe_load(files["MLmodel"].read_text())
        assert description["flavors"]["python_function"]["model_code_path"] == "scoring_model.py"
        assert "double" in description["signature"]["inputs"]
        assert "bmi" in description["signature"]["inputs"]

    def test_number_of_a_deleted_version_is_not_given_again(self, store, client, model_name):
        first, deleted = self.save(store), self.save(store)
        client.delete_model_version(model_name, deleted)

        third = self.save(store)

        assert store.versions() == (first, third)
        assert third not in (first, deleted)

    def test_alias_moved_by_hand_is_the_truth(self, store, client, model_name):
        first, other, third = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)

        client.set_registered_model_alias(model_name, "champion", third)

        history = store.history()
        assert (history.champion, history.previous) == (third, other)
        assert store.champion() == store.load(third)
        assert store.rollback(at=NOON).champion == other

    def test_alias_moved_back_by_hand_is_a_rollback(self, store, client, model_name):
        first, other, third = (self.save(store, slope) for slope in range(3))
        for replaced, version in ((None, first), (first, other), (other, third)):
            store.promote(version, replacing=replaced, at=NOON)

        client.set_registered_model_alias(model_name, "champion", other)

        assert (store.history().champion, store.history().previous) == (other, first)

    def test_alias_removed_by_hand_means_nothing_is_in_production(self, store, client, model_name):
        first = self.save(store)
        store.promote(first, replacing=None, at=NOON)

        client.delete_registered_model_alias(model_name, "champion")

        assert store.champion() is None
        assert store.history().champion is None
        assert store.promote(first, replacing=None, at=NOON).champion == first

    def test_deleted_champion_means_nothing_is_in_production(self, store, client, model_name):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)
        client.delete_model_version(model_name, first)

        assert store.champion() is None
        assert store.promote(other, replacing=None, at=NOON).champion == other

    @pytest.mark.parametrize(
        "damage", ["", "[", "{}", "[1]", '[["1", null, "rollback", "2026-11-23"]]', '[["x","y","promote","z"]]']
    )
    def test_damaged_history_gives_way_to_the_alias(self, store, client, model_name, damage):
        first = self.save(store)
        store.promote(first, replacing=None, at=NOON)

        client.set_registered_model_tag(model_name, "endeavour.history", damage)

        assert (store.history().champion, store.history().previous) == (first, None)

    def test_deleted_previous_version_stops_a_rollback_and_moves_nothing(self, store, client, model_name):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)
        client.delete_model_version(model_name, first)

        with pytest.raises(ModelNotFound) as caught:
            store.rollback(at=NOON)

        assert caught.value.version == first
        assert store.history().champion == other

    def test_deleted_previous_version_stops_no_promotion(self, store, client, model_name):
        first, other, third = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)
        store.promote(third, replacing=other, at=NOON)
        client.delete_model_version(model_name, other)
        client.set_registered_model_alias(model_name, "champion", first)

        assert store.promote(third, replacing=first, at=NOON).champion == third

    def test_alias_moved_by_hand_says_nothing_of_features(self, store, client, model_name):
        first, other, third = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON, features_may_change=True)

        client.set_registered_model_alias(model_name, "champion", third)

        assert not store.history().features_may_change
        assert not store.nominated().features_may_change

    def test_what_was_said_of_features_ends_with_the_reign(self, store, client, model_name):
        first, other = self.save(store, 1), self.save(store, 2)
        store.promote(first, replacing=None, at=NOON, features_may_change=True)
        assert client.get_model_version(model_name, first).tags[CONSENT_TAG] == "true"
        store.promote(other, replacing=first, at=NOON)

        client.set_registered_model_alias(model_name, "champion", first)

        assert not store.nominated().features_may_change

    def test_aliases_are_champion_and_previous(self, store, client, model_name):
        first, other = self.save(store, 1), self.save(store, 2)

        store.promote(first, replacing=None, at=NOON)
        store.promote(other, replacing=first, at=NOON)
        promoted = {alias: str(version) for alias, version in client.get_registered_model(model_name).aliases.items()}
        store.rollback(at=NOON)
        rolled_back = {
            alias: str(version) for alias, version in client.get_registered_model(model_name).aliases.items()
        }

        assert promoted == {"champion": other, "previous": first}
        assert rolled_back == {"champion": first}


@pytest.mark.integration
class TestOverHttp(ModelStoreContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    @pytest.fixture
    def store(self, open_store, uri):
        return open_store(uri)

    @pytest.fixture
    def second(self, open_store, uri):
        return open_store(uri)
