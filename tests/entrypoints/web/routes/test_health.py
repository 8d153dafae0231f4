"""Health routes, with a model."""

from dataclasses import replace

from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.model.linear_model import LinearModel
from tests.support.examples import a_model


def test_health_is_ok_while_there_is_a_model(one_feature):
    response = one_feature.get("/health")

    assert (response.status_code, response.json) == (200, {"status": "ok", "version": "7", "source": "registry"})


def test_model_is_described_with_its_origin(two_features):
    model = two_features.get("/model").json

    assert (model["version"], model["source"], model["features"]) == ("7", "registry", ["bmi", "bp"])
    assert model["columns"] == [
        {"name": name, "kind": "number", "nullable": False, "range": None} for name in ("bmi", "bp")
    ]
    assert model["example"] == {"bmi": 0.2, "bp": 0.2}
    assert model["coefficients"] == {"bmi": 938.2378612512634, "bp": -0.1}
    assert model["intercept"] == 152.91886182616168
    assert model["digest"] == a_model(938.2378612512634, -0.1).digest
    assert model["target"] == "progression"
    assert model["scores"] == {"r2": 0.4726, "mse": 2548.07, "rmse": 50.4784, "mae": 41.2271}
    assert model["intervals"]["rmse"] == {"low": 45.1, "high": 56.2}
    assert model["warnings"] == ["only 20 held-out rows: the scores are uncertain"]
    assert model["lineage"] == {
        "run_id": "run-1",
        "data_fingerprint": "0" * 64,
        "settings": {"learning_rate": None, "batch_size": 32, "tol": 1e-6, "seed": 0},
        "code_revision": "8df0ea5+dirty",
        "created_at": "2026-11-23T12:00:00+00:00",
    }


def test_model_is_described_with_levels_and_the_columns_that_it_does_not_use(serving):
    column = CategoryColumn("city", ("Bergen", "Oslo"), ("Å",), has_gaps=True)
    encoding = Encoding((column,), left_out=(LeftOut("notes", "most values occur once"),))

    model = serving(LinearModel([1.0, 2.0, 3.0, 4.0], 0.0, encoding)).get("/model").json

    (city,) = model["columns"]
    assert city == {
        "name": "city",
        "kind": "category",
        "nullable": True,
        "levels": ["Bergen", "Oslo"],
        "rare_levels": 1,
    }
    assert model["left_out"] == [{"name": "notes", "reason": "most values occur once"}]
    assert model["example"] == {"city": "Bergen"}


def test_model_is_described_with_the_problem_of_the_challenger_beside_it(web, two_features):
    assert two_features.get("/model").json["challenger_problem"] == ""

    web.current_model.replace(replace(web.current_model.models, challenger_problem="version 2 is broken"))

    assert two_features.get("/model").json["challenger_problem"] == "version 2 is broken"
