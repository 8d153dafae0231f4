"""Effects as JSON: those of the use case, with another version and without."""

from dataclasses import replace

import numpy as np
import pytest

from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.serving.describe_model import DescribeModel
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.distributions import Distributions
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from entrypoints.web.app import create_app
from tests.support.examples import a_lineage, a_model
from tests.support.mixed_tables import a_mixed_model
from tests.support.rollouts import a_served_rollout, in_rollout


def test_champion_alone_has_its_columns_and_no_difference(web, client):
    assert (client.get("/effects").status_code, client.get("/effects").json["code"]) == (503, "no_model")
    web.current_model.replace(in_rollout(a_mixed_model(), None))

    body = client.get("/effects").json

    columns = {column["name"]: column for column in body["columns"]}
    assert (body["version"], body["scale"], body["other"], body["difference"]) == ("1", "logarithm", None, None)
    assert [point["at"] for point in columns["area"]["curve"]] == [20.0, 90.0, 200.0]
    assert columns["sold"]["curve"][0]["at"] == 1.6e9
    assert [level["level"] for level in columns["new"]["levels"]] == ["false", "true"]


def test_shares_of_the_training_rows_are_by_range_level_and_prediction(web, client):
    city = CategoryColumn("city", ("Bergen", "Oslo"), has_gaps=True)
    columns = NumberColumn("area", low=0.0, high=9.0), NumberColumn("new", "boolean"), city
    values = np.column_stack([np.arange(800) % 10, np.arange(800) % 2, np.resize([0, 1, 1, np.nan], 800)])
    model = LinearModel([1.0, 0.0, 0.0, 0.0, 0.0], 5.0, Encoding(columns))
    version = ModelVersion("1", model, a_lineage(), distributions=Distributions.of(model, values, seed=0))
    web.current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

    body = client.get("/effects").json

    rows = {column["name"]: column["rows"] for column in body["columns"]}
    assert rows["area"]["edges"] == list(version.distributions.columns[0].bins.edges)
    assert len(rows["area"]["shares"]) == len(rows["area"]["edges"]) + 1
    assert body["predictions"]["edges"] == list(version.distributions.predictions.bins.edges)
    assert {each["level"]: each["share"] for each in rows["city"]["levels"]} == pytest.approx(
        {"Bergen": 0.25, "Oslo": 0.5}, abs=0.03
    )
    assert rows["city"]["empty"] == pytest.approx(0.25, abs=0.03)
    assert [each["level"] for each in rows["new"]["levels"]] == ["false", "true"]
    for each in (*rows.values(), body["predictions"]):
        parts = *each["shares"], *(level["share"] for level in each["levels"])
        assert sum(parts) + each["other"] + each["unseen"] + each["empty"] == pytest.approx(1.0)
    web.current_model.replace(in_rollout(a_model(), None))
    without = client.get("/effects").json
    assert (without["predictions"], without["columns"][0]["rows"]) == (None, None)


def test_challenger_has_its_columns_and_the_row_where_the_predictions_differ_most(web, client):
    web.current_model.replace(in_rollout(a_model(1.0, 2.0), a_served_rollout(a_model(3.0, 2.0))))

    body = client.get("/effects").json

    assert (body["version"], body["other"]["version"]) == ("2", "1")
    assert {column["name"] for column in body["other"]["columns"]} == {"bmi", "bp"}
    assert body["other"]["scores"]["r2"] == 0.4726
    of_challenger, of_champion = body["difference"]["predictions"]
    cells = body["difference"]["row"]
    assert of_challenger - of_champion == pytest.approx(2.0 * cells["bmi"])
    assert body["difference"]["largest"] == abs(of_challenger - of_champion) > 0
    assert next(iter(body["difference"]["row"])) == "bmi"
    assert body["difference"]["unseen"] is None


def test_any_listed_versions_are_compared_and_others_refused_with_a_code(compared):
    body = compared.get("/effects?version=2").json

    assert (body["version"], body["other"]["version"], body["feature_change"]) == ("2", "1", "added: bp")
    assert (body["changes"][0]["name"], body["difference"]) == ("bmi", None)
    assert compared.get("/effects?version=1&against=2").json["feature_change"] == "removed: bp"
    for query, status, code in (("version=9", 404, "unknown_version"), ("against=0", 409, "version_not_at_hand")):
        refused = compared.get(f"/effects?{query}")
        assert (refused.status_code, refused.json["code"]) == (status, code)
    assert "its files are gone" in refused.json["detail"]


def test_list_of_versions_that_cannot_be_read_is_unreadable(web):
    web.current_model.replace(in_rollout(a_model(), None))
    away = InMemoryVersionCatalog(state=InMemoryRegistryState(reachable=False))
    describe = DescribeModel(web.current_model, away, InMemoryModelStore())

    refused = create_app(replace(web, describe_model=describe)).test_client().get("/effects?version=2")

    assert (refused.status_code, refused.json["code"]) == (503, "unreadable")
