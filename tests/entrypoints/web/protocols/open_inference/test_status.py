"""The protocol's GET routes, with a model and without."""

import re
from pathlib import Path

import orjson

from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from tests.support.web.dependencies import web_dependencies
from tests.support.web.open_inference import INFER, infer, tensor

PAGE = (Path(__file__).parents[5] / "docs" / "open-inference.md").read_text(encoding="utf-8")
EXAMPLES = [orjson.loads(text) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]
MODEL = "/v2/models/endeavour"
MODEL_PATHS = [MODEL + path for path in ("", "/ready", "/versions/7", "/versions/7/ready")]


def test_server_has_its_name_and_version(client):
    for path in ("/v2", "/v2/"):
        metadata = client.get(path).json

        assert (metadata["name"], metadata["extensions"]) == ("endeavour", [])
        assert metadata["version"][0].isdecimal()


def test_server_is_live_without_a_model_but_not_ready(client):
    assert client.get("/v2/health/live").json == {"live": True}
    for path in ("/v2/health/ready", *MODEL_PATHS):
        response = client.get(path)
        assert (response.status_code, response.json["code"]) == (503, "no_model")
        assert response.headers["Retry-After"] == "1"


def test_server_and_model_are_ready_with_a_model(one_feature):
    assert one_feature.get("/v2/health/ready").json == {"ready": True}
    for path in MODEL_PATHS[1::2]:
        assert one_feature.get(path).json == {"name": "endeavour", "ready": True}


def test_model_has_its_inputs_and_outputs(two_features):
    for path in MODEL_PATHS[::2]:
        metadata = two_features.get(path).json

        assert [metadata[key] for key in ("name", "versions", "platform")] == ["endeavour", ["7"], "endeavour_linear"]
        (matrix,), (result,) = metadata["inputs"], metadata["outputs"]
        assert (matrix["name"], matrix["datatype"], matrix["shape"]) == ("X", "FP64", [-1, 2])
        assert matrix["parameters"]["features"] == ["bmi", "bp"]
        assert (result["name"], result["datatype"], result["shape"]) == ("result", "FP64", [-1])
        assert result["parameters"] == {"target": "progression"}


def test_model_of_other_columns_than_numbers_has_a_tensor_for_each(serving):
    columns = (NumberColumn("area", has_gaps=True), NumberColumn("new", "boolean"), CategoryColumn("city", ("Oslo",)))

    inputs = serving(LinearModel([1.0] * 4, 0.0, Encoding(columns))).get(MODEL).json["inputs"]

    assert [(one["name"], one["datatype"], one["shape"], one["parameters"]) for one in inputs] == [
        ("area", "FP64", [-1], {"kind": "number", "nullable": True}),
        ("new", "BOOL", [-1], {"kind": "boolean", "nullable": False}),
        ("city", "BYTES", [-1], {"kind": "category", "nullable": False}),
    ]


def test_requests_made_from_the_metadata_are_answered(two_features):
    metadata = two_features.get(MODEL).json
    (matrix,) = metadata["inputs"]
    row = [0.5] * matrix["shape"][1]

    at_once = infer(
        two_features,
        tensor(row, [1, len(row)], matrix["name"], matrix["datatype"]),
        outputs=[{"name": output["name"]} for output in metadata["outputs"]],
        path=f"/v2/models/{metadata['name']}/versions/{metadata['versions'][0]}/infer",
    )
    apart = infer(two_features, *(tensor([0.5], [1, 1], name) for name in matrix["parameters"]["features"]))

    assert at_once.status_code == apart.status_code == 200
    assert at_once.json == apart.json


def test_other_models_and_versions_are_not_found(one_feature):
    others = ("/v2/models/other", "/v2/models/Endeavour", f"{MODEL}/versions/8", f"{MODEL}/versions/07")
    for path in others:
        for response in (
            *(one_feature.get(path + end) for end in ("", "/ready")),
            infer(one_feature, tensor([1], [1]), path=f"{path}/infer"),
        ):
            assert (response.status_code, response.json["code"]) == (404, "not_found"), path


def test_model_has_the_name_of_its_registration():
    client = create_app(web_dependencies(model_name="diabetes")).test_client()

    assert client.get("/v2/models/endeavour").status_code == 404
    assert client.get("/v2/models/diabetes").status_code == 503


def test_examples_of_the_page_are_asked_and_answered_so(two_features):
    at_once, answer, by_feature, error = EXAMPLES
    ask = {"headers": {"X-Request-Id": error["request_id"]}}

    assert two_features.post(INFER, json=at_once).json == answer
    assert two_features.post(INFER, json=by_feature).json["outputs"] == answer["outputs"]
    assert two_features.post(INFER, json={"inputs": by_feature["inputs"][1:]}, **ask).json == error


def test_routes_of_the_page_are_all_there_are(two_features):
    paths = re.findall(r"^\| `(GET|POST) (/\S+)` \|", PAGE, re.MULTILINE)
    rules = {rule.rule for rule in two_features.application.url_map.iter_rules() if rule.rule.startswith("/v2")}

    assert {path.replace("endeavour", "<name>") for _, path in paths} == {
        rule for rule in rules if "<version>" not in rule and rule != "/v2/"
    }
    assert all(two_features.open(path, method=method).status_code in (200, 400) for method, path in paths)
