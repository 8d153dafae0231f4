"""Health routes, with a model."""


def test_health_is_ok_while_there_is_a_model(one_feature):
    response = one_feature.get("/health")

    assert (response.status_code, response.json) == (200, {"status": "ok", "version": "7", "source": "registry"})


def test_model_is_described_with_its_origin(two_features):
    model = two_features.get("/model").json

    assert (model["version"], model["source"], model["features"]) == ("7", "registry", ["bmi", "bp"])
    assert model["target"] == "progression"
    assert model["scores"] == {"r2": 0.4726, "mse": 2548.07, "rmse": 50.4784, "mae": 41.2271}
    assert model["lineage"] == {
        "run_id": "run-1",
        "data_fingerprint": "0" * 64,
        "settings": {"learning_rate": None, "batch_size": 32, "tol": 1e-6, "seed": 0},
        "code_revision": "8df0ea5+dirty",
        "created_at": "2026-11-23T12:00:00+00:00",
    }
