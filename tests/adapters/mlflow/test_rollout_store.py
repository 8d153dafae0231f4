from dataclasses import replace

import pytest
from mlflow import MlflowClient

from adapters.mlflow.champion_http import HttpChampionSource
from adapters.mlflow.http_registry import HttpRegistry
from domain.delivery.errors import RolloutConflict
from domain.delivery.rollout import Action, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import to_text
from tests.contracts.rollout_store import RolloutStoreContract
from tests.support.examples import NOON


class MlflowRolloutStoreContract(RolloutStoreContract):
    @pytest.fixture
    def versions(self, models, register):
        names = [register() for _ in range(3)]
        models.promote(names[0], replacing=None, at=NOON)
        return names


class TestOverSqlite(MlflowRolloutStoreContract):
    """Also what doesn't depend on how MLflow is reached."""

    def test_challenger_has_an_alias_during_its_rollout(self, rollouts, rollout, client, model_name):
        def aliased():
            return str(client.get_registered_model(model_name).aliases.get("challenger"))

        rollouts.write(rollout, replacing=0)
        assert aliased() == rollout.challenger
        rollouts.remove(rollout)
        assert aliased() == "None"

    def test_write_that_another_host_overwrites_is_a_conflict(self, rollouts, rollout, monkeypatch):
        write, other = MlflowClient.set_model_version_tag, replace(rollout, generation=9)

        def overwritten(client, name, version, key, text):
            for written in (text, to_text(other)):
                write(client, name, version, key, written)

        monkeypatch.setattr(MlflowClient, "set_model_version_tag", overwritten)

        with pytest.raises(RolloutConflict) as caught:
            rollouts.write(rollout, replacing=0)
        assert caught.value.found == 9


@pytest.mark.integration
class TestOverHttp(MlflowRolloutStoreContract):
    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    def test_rollout_comes_with_the_name_of_the_champion_by_both_ways(
        self, rollouts, rollout, store, keep, uri, model_name
    ):
        abort = RolloutRequest(rollout.id, Action.ABORT, "kim", "", 1)
        rollouts.write(rollout, replacing=0)
        rollouts.request(abort)
        over_http = HttpChampionSource(HttpRegistry(uri, model=model_name, seconds=10, environment={}))

        assert store.champion_ref().rollout == over_http.champion_ref().rollout == RolloutRecord(rollout, abort)
        keep(rollout.champion, to_text(rollout)[1:])
        assert store.champion_ref().rollout is over_http.champion_ref().rollout is None
