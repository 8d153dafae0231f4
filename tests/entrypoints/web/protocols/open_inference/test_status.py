"""The protocol's GET routes, with a model and without."""

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from entrypoints.web.app import create_app
from tests.support.examples import SteppingClock
from tests.support.web.dependencies import web_dependencies
from tests.support.web.open_inference import infer, tensor

MODEL = "/v2/models/endeavour"
NEEDING_A_MODEL = [
    "/v2/health/ready",
    *(MODEL + path for path in ("", "/ready", "/versions/7", "/versions/7/ready")),
]


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_server_tells_its_name_and_version(client, path):
    told = client.get(path).json

    assert (told["name"], told["extensions"]) == ("endeavour", [])
    assert told["version"][0].isdecimal()


def test_server_lives_without_a_model_but_is_not_ready(client):
    assert client.get("/v2/health/live").json == {"live": True}
    for path in NEEDING_A_MODEL:
        response = client.get(path)
        assert (response.status_code, response.json["code"]) == (503, "no_model")
        assert response.headers["Retry-After"] == "1"


def test_server_and_model_are_ready_with_a_model(one_feature):
    assert one_feature.get("/v2/health/ready").json == {"ready": True}
    for path in ("/ready", "/versions/7/ready"):
        assert one_feature.get(MODEL + path).json == {"name": "endeavour", "ready": True}


@pytest.mark.parametrize("path", ["", "/versions/7"])
def test_model_tells_its_inputs_and_outputs(two_features, path):
    told = two_features.get(MODEL + path).json

    assert (told["name"], told["versions"], told["platform"]) == ("endeavour", ["7"], "endeavour_linear")
    (matrix,), (result,) = told["inputs"], told["outputs"]
    assert (matrix["name"], matrix["datatype"], matrix["shape"]) == ("X", "FP64", [-1, 2])
    assert matrix["parameters"]["features"] == ["bmi", "bp"]
    assert "one tensor for each feature" in matrix["parameters"]["alternative"]
    assert (result["name"], result["datatype"], result["shape"]) == ("result", "FP64", [-1])
    assert result["parameters"] == {"target": "progression"}


def test_requests_made_from_the_metadata_are_answered(two_features):
    told = two_features.get(MODEL).json
    (matrix,) = told["inputs"]
    row = [0.5] * matrix["shape"][1]

    at_once = infer(
        two_features,
        tensor(row, [1, len(row)], matrix["name"], matrix["datatype"]),
        outputs=[{"name": output["name"]} for output in told["outputs"]],
        path=f"/v2/models/{told['name']}/versions/{told['versions'][0]}/infer",
    )
    apart = infer(two_features, *(tensor([0.5], [1, 1], name) for name in matrix["parameters"]["features"]))

    assert at_once.status_code == apart.status_code == 200
    assert at_once.json == apart.json


@pytest.mark.parametrize(
    "path", ["/v2/models/other", "/v2/models/Endeavour", *(MODEL + path for path in ("/versions/8", "/versions/07"))]
)
@pytest.mark.parametrize("end", ["", "/ready", "/infer"])
def test_other_models_and_versions_are_not_found(one_feature, path, end):
    response = infer(one_feature, tensor([1], [1]), path=path + end) if end == "/infer" else one_feature.get(path + end)

    assert (response.status_code, response.json["code"]) == (404, "not_found")


def test_model_is_called_as_it_is_registered():
    client = create_app(web_dependencies(model_name="diabetes")).test_client()

    assert client.get("/v2/models/endeavour").status_code == 404
    assert client.get("/v2/models/diabetes").status_code == 503


@pytest.mark.parametrize("role", Role)
def test_model_takes_a_key_with_the_role_predict_and_probes_take_none(web, one_feature, role):
    store = InMemoryKeyStore()
    key = IssueKey(store, SteppingClock(), bytes)("me", (role,)).text
    web.active_keys.ring = store.ring()

    paths = ["/v2", "/v2/", MODEL, f"{MODEL}/ready", f"{MODEL}/versions/7", f"{MODEL}/versions/7/ready"]
    statuses = {one_feature.get(path, headers={"X-API-Key": key}).status_code for path in paths}

    assert statuses == ({200} if role is Role.PREDICT else {403})
    assert {one_feature.get(path).status_code for path in ("/v2/health/live", "/v2/health/ready")} == {200}
    assert one_feature.get(MODEL).json["error"].startswith("send a key")
