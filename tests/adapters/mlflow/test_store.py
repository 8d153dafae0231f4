import json
from dataclasses import replace

import mlflow
import numpy as np
import pytest
import yaml

from adapters.mlflow.names import DIGEST_TAG, FEATURE_CHANGE_APPROVED_TAG, HISTORY_TAG, LINEAGE_TAG
from domain.model.calibration import Calibration
from domain.model.errors import ModelNotFound
from domain.model.model_version import ModelVersion
from tests.contracts.champion_source import ChampionSourceContract
from tests.contracts.model_store import ModelStoreContract
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.program import free_port


class TestOverSqlite(ModelStoreContract):
    """Also what doesn't depend on how MLflow is reached."""

    def test_version_describes_itself_in_the_registry(self, store, client, model_name):
        lineage = replace(a_lineage(), settings={"data": "people.csv"})

        saved = store.save(ModelVersion("", a_model(), lineage, calibration=Calibration(9, np.arange(9.0))))

        registered = client.get_model_version(model_name, saved.name)
        assert registered.tags[DIGEST_TAG] == saved.model.digest
        assert json.loads(registered.tags[LINEAGE_TAG])["settings"] == lineage.settings
        assert "**progression from people.csv**; columns: bmi (number)." in registered.description
        assert "| r2 | 0.4726 |" in registered.description
        assert "Prediction intervals: 90 % of targets lie within ± 8 of the prediction" in registered.description
        assert registered.current_stage == "None"

    def test_artifact_has_no_pickle_and_no_path_of_this_machine(self, store, client, model_name, tmp_path):
        version = store.save(ModelVersion("", a_model(), a_lineage())).name

        folder = mlflow.artifacts.download_artifacts(f"models:/{model_name}/{version}", dst_path=str(tmp_path / "copy"))

        files = {path.relative_to(folder).as_posix(): path for path in (tmp_path / "copy").rglob("*") if path.is_file()}
        assert {"MLmodel", "scoring_model.py", "artifacts/weights.json", "requirements.txt"} <= set(files)
        assert not [found for found in files if found.endswith((".pkl", ".lock", ".toml"))]
        assert not [
            found for found, path in files.items() if b"/tmp" in path.read_bytes() or b"/work" in path.read_bytes()
        ]
        description = yaml.safe_load(files["MLmodel"].read_text())
        assert description["flavors"]["python_function"]["model_code_path"] == "scoring_model.py"
        assert json.loads(files["input_example.json"].read_text()) == {"columns": ["bmi"], "data": [[0.2], [0.5]]}

    def test_number_of_a_deleted_version_is_not_given_again(self, store, client, model_name):
        first, deleted = self.save(store), self.save(store)
        client.delete_model_version(model_name, deleted)

        third = self.save(store)

        assert store.versions() == (first, third)
        assert third not in (first, deleted)

    def test_alias_moved_by_hand_is_the_truth_and_carries_no_consent(self, store, client, model_name):
        first, other, third = (self.save(store, slope) for slope in range(3))
        store.promote(first, replacing=None, at=NOON, feature_change_approved=True)
        assert client.get_model_version(model_name, first).tags[FEATURE_CHANGE_APPROVED_TAG] == "true"
        store.promote(other, replacing=first, at=NOON, feature_change_approved=True)

        client.set_registered_model_alias(model_name, "champion", third)

        history = store.history()
        assert (history.champion, history.previous, history.feature_change_approved) == (third, other, False)
        assert not store.champion_ref().feature_change_approved
        assert store.champion() == store.load(third)
        assert store.rollback(at=NOON).champion == other

    def test_alias_moved_back_by_hand_is_a_rollback_without_consent(self, store, client, model_name):
        first, other, _ = self.promoted(store, 3)

        client.set_registered_model_alias(model_name, "champion", other)

        assert (store.history().champion, store.history().previous) == (other, first)
        assert not store.champion_ref().feature_change_approved

    def test_alias_without_a_version_means_nothing_is_in_production(self, store, client, model_name):
        first, other = self.promoted(store, 2)

        client.delete_registered_model_alias(model_name, "champion")
        assert (store.champion(), store.history().champion) == (None, None)
        assert store.promote(first, replacing=None, at=NOON).champion == first

        client.delete_model_version(model_name, first)  # and its aliases
        assert store.champion() is None
        assert store.promote(other, replacing=None, at=NOON).champion == other

    def test_damaged_history_gives_way_to_the_alias(self, store, client, model_name):
        (first,) = self.promoted(store, 1)

        for damage in ("", "[", "{}", "[1]", '[["1", null, "rollback", "2026-11-23"]]', '[["x","y","promote","z"]]'):
            client.set_registered_model_tag(model_name, HISTORY_TAG, damage)
            assert (store.history().champion, store.history().previous) == (first, None), damage

    def test_deleted_previous_version_stops_a_rollback_and_no_promotion(self, store, client, model_name):
        first, other, third = self.promoted(store, 3)
        client.delete_model_version(model_name, other)

        with pytest.raises(ModelNotFound) as caught:
            store.rollback(at=NOON)
        assert caught.value.version == other
        assert store.history().champion == third

        client.set_registered_model_alias(model_name, "champion", first)
        assert store.promote(third, replacing=first, at=NOON).champion == third

    def test_aliases_are_champion_and_previous(self, store, client, model_name):
        first, other = self.promoted(store, 2)

        def aliases():
            return {name: str(version) for name, version in client.get_registered_model(model_name).aliases.items()}

        assert aliases() == {"champion": other, "previous": first}
        store.rollback(at=NOON)
        assert aliases() == {"champion": first}


class TestAsSource(ChampionSourceContract):
    @pytest.fixture
    def connect_to(self, open_store):
        return lambda uri: open_store(uri, patience=10)


@pytest.mark.integration
class TestOverHttp(ModelStoreContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    @pytest.fixture
    def artifact_folder(self, mlflow_server):
        return mlflow_server.folder

    @pytest.fixture
    def unreachable(self, open_store):
        return open_store(f"http://127.0.0.1:{free_port()}")
