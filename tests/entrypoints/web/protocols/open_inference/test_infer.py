"""Inference: responses to valid and invalid requests."""

from dataclasses import replace

import orjson

from application.serving.predict import Predict
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from tests.contracts.json_endpoint import CANARY, JsonEndpointContract
from tests.support.examples import a_model
from tests.support.mixed_tables import TARGET, example_encoding
from tests.support.web.dependencies import MAX_ROWS, served_models
from tests.support.web.open_inference import INFER, infer, result, tensor
from tests.support.web.strategies import inference_bodies


def batch(client, rows):
    return client.post("/batch", data=orjson.dumps({"X": rows})).json["result"]


def test_rows_are_the_same_in_every_form(two_features):
    for tensors in (
        [tensor([1, 2, 3, 4], [2, 2])],
        [tensor([[1, 2], [3, 4]], [2, 2])],
        [tensor([1, 2, 3, 4], [2, 2], name="input-0")],
        [tensor([1, 2, 3, 4], [2, 2], datatype="INT32", parameters={"content_type": "np"})],
        [tensor([1, 3], [2], name="bmi"), tensor([2, 4], [2], name="bp")],
        [tensor([2, 4], [2, 1], name="bp"), tensor([1, 3], [2, 1], name="bmi")],
        [tensor([[2], [4]], [2, 1], name="bp"), tensor([1, 3], [2], name="bmi", datatype="INT64")],
    ):
        assert result(infer(two_features, *tensors)) == batch(two_features, [[1, 2], [3, 4]]), tensors
    for tensors in ([tensor([], [0, 2])], [tensor([], [0], "bmi"), tensor([], [0, 1], "bp")]):
        assert result(infer(two_features, *tensors)) == []


def test_single_feature_has_its_name_or_that_of_the_matrix(one_feature):
    for one in (tensor([0.2], [1]), tensor([0.2], [1, 1]), tensor([0.2], [1], "bmi"), tensor([[0.2]], [1, 1], "bmi")):
        assert result(infer(one_feature, one)) == [340.56643407641434]


def test_feature_may_have_the_name_of_the_matrix(serving):
    client = serving(LinearModel([2.0, 1.0], 0.0, ("X", "bmi")))

    assert result(infer(client, tensor([1.0], [1], "X"), tensor([3.0], [1], "bmi"))) == [5.0]
    assert result(infer(client, tensor([1.0, 3.0], [1, 2], "X"))) == [5.0]


def test_identifier_comes_back_if_there_is_one(one_feature):
    for identifier in ("42", "", "5c16ca3c-9c6b-4a94-9e6f-1f0d3c1f6c0e", "a b/c:d", "x" * 128, None):
        assert infer(one_feature, tensor([1], [1]), id=identifier).json.get("id") == identifier
    assert "id" not in infer(one_feature, tensor([1], [1])).json


def test_parameters_and_outputs_are_taken_and_change_nothing(one_feature):
    for more in (
        {"outputs": []},
        {"outputs": None},
        {"outputs": [{"name": "result", "parameters": {"binary_data": True}}]},
        {"parameters": None},
        {"parameters": {"binary_data_output": True, "priority": 1, "headers": {"a": [None]}}},
    ):
        assert infer(one_feature, tensor([1], [1]), **more).json == infer(one_feature, tensor([1], [1])).json


def test_other_version_is_never_answered_for_the_one_that_was_asked_for(web, one_feature):
    """A promotion may come between the look at the path and the prediction."""

    class Promoting(Predict):
        def __call__(self, *request):
            self.current.replace(served_models(a_model(), "8"))
            return super().__call__(*request)

    client = create_app(replace(web, predict=Promoting(web.current_model))).test_client()

    response = infer(client, tensor([0.2], [1]), path="/v2/models/endeavour/versions/7/infer")

    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert infer(client, tensor([0.2], [1])).json["model_version"] == "8"


def test_cells_that_do_not_fit_their_column_are_named(serving):
    client = serving(a_mixed_model())
    area, new = tensor([80, None], [2], "area"), tensor([True, False], [2], "new", "BOOL")
    city, sold = tensor(["Oslo", None], [2], "home city", "BYTES"), tensor(["2024-05-01"] * 2, [2], "sold", "BYTES")
    assert len(result(infer(client, area, new, city, sold, tensor([1, 2], [2], TARGET)))) == 2
    assert result(infer(client, new, sold)) == result(infer(client, new, sold, *map(emptied, (area, city))))
    for tensors, status, code, places in (
        ([area, new, city], 422, "missing_field", ["inputs.sold"]),
        ([area, new, city, emptied(sold)], 422, "missing_field", ["X[0].sold"]),
        ([area, emptied(new) | {"data": [True, None]}, city, sold], 422, "missing_field", ["X[1].new"]),
        ([area, new, city, sold | {"data": ["2024-05-01", "May"]}], 400, "wrong_type", ["X[1].sold"]),
        ([city | {"name": "area"}, new, city, sold], 400, "wrong_type", ["X[0].area"]),
        ([area, new | {"data": [True, 1]}, city, sold], 400, "wrong_type", ["inputs[1].data[1]"]),
        ([area, new, city | {"data": [None, ["a"]]}, sold], 400, "wrong_shape", ["inputs[2].data[1]"]),
    ):
        response = infer(client, *tensors)
        found = (response.status_code, response.json["code"], [error["place"] for error in response.json["errors"]])
        assert found == (status, code, places), tensors


def test_numbers_that_may_be_empty_come_in_one_tensor_too(serving):
    encoding = Encoding((NumberColumn("a", fill=3.0, has_gaps=True), NumberColumn("b")))
    client = serving(LinearModel([2.0, 5.0, 1.0], 0.0, encoding))

    (matrix,) = client.get("/v2/models/endeavour").json["inputs"]

    assert (matrix["name"], matrix["shape"]) == ("X", [-1, 2])
    assert result(infer(client, tensor([[None, 1], [1, 1]], [2, 2]))) == [12.0, 3.0]


def test_promotion_to_plain_numbers_meanwhile_leaves_text_and_null_the_client_s_error(web, serving):
    class Promoting(Predict):
        def __call__(self, *request):
            self.current.replace(served_models(a_model(1.0, 2.0), "8"))
            return super().__call__(*request)

    client = create_app(replace(web, predict=Promoting(web.current_model))).test_client()
    bmi, bp = tensor(["a"], [1], "bmi", "BYTES"), tensor([None], [1], "bp")
    for tensors in ([tensor(["a", "b"], [1, 2], datatype="BYTES")], [bmi, bp], [tensor([1], [1], "bmi"), bp]):
        serving(a_mixed_model())
        assert infer(client, *tensors).status_code in (400, 422)


def test_as_many_rows_as_allowed_are_predicted(one_feature):
    for data in ([1] * MAX_ROWS, [[1]] * MAX_ROWS):
        assert len(result(infer(one_feature, tensor(data, [MAX_ROWS, 1])))) == MAX_ROWS


def a_mixed_model():
    encoding = example_encoding()
    return LinearModel([1.0] * len(encoding.term_names), 0.0, encoding)


def emptied(one):
    """Return the tensor with null in place of its data."""
    return one | {"data": [None] * len(one["data"])}


def asking(*tensors, **more):
    return {"inputs": list(tensors), **more}


def but(**members):
    """Return a valid request except for `members` of its one tensor."""
    return asking(GOOD | members)


GOOD = tensor([1, 2], [1, 2])
BMI, BP = tensor([1, 3], [2], "bmi"), tensor([2, 4], [2], "bp")
BINARY = {"Inference-Header-Content-Length": "10"}


class TestInfer(JsonEndpointContract):
    path, valid = INFER, asking(GOOD)
    error_members, error_type = {*JsonEndpointContract.error_members, "error"}, "application/json"
    random_bodies = inference_bodies
    other_media = (({"Content-Type": "text/csv"}, "unsupported_media_type"), (BINARY, "unsupported_media_type"))
    invalid_forms = (
        ({"X": [1]}, "missing_field", ["inputs", "X"]),
        ({"inputs": [GOOD], CANARY: 1}, "unknown_field", ["…"]),
        ({"inputs": None}, "wrong_type", ["inputs"]),
        ({"inputs": GOOD}, "wrong_type", ["inputs"]),
        ({"inputs": []}, "missing_field", ["inputs"]),
        (asking(GOOD, CANARY), "wrong_type", ["inputs[1]"]),
        (asking({}), "missing_field", [f"inputs[0].{name}" for name in ("name", "shape", "datatype", "data")]),
        (but(dtype="FP64"), "unknown_field", ["inputs[0].dtype"]),
        (but(**{CANARY: 1}), "unknown_field", ["inputs[0].…"]),
        (but(name=["X"]), "wrong_type", ["inputs[0].name"]),
        *(
            (but(datatype=other), "wrong_type", ["inputs[0].datatype"])
            for other in (CANARY, "fp64", ["FP64"], "FP16", "INT8", "UINT64", "BOOL", "BYTES")
        ),
        *(
            (but(shape=other), "wrong_type", ["inputs[0].shape"])
            for other in (2, [], ["1", "2"], [1.0, 2.0], [True, 2], [-1, 2])
        ),
        (but(shape=[1, 1, 2]), "wrong_shape", ["inputs[0].shape"]),
        *((but(shape=other), "wrong_shape", ["inputs[0].data"]) for other in ([1, 3], [0, 2], [1, 2**31 - 1])),
        *((but(data=other), "wrong_type", ["inputs[0].data"]) for other in ({}, CANARY, 1.5)),
        *(
            (but(data=other), "wrong_shape", ["inputs[0].data"])
            for other in ([], [1], [1, 2, 3], [[1], [2]], [[1, 2], []], [[1, 2], [3, 4]], [[1, 2, 3]], [[[1, 2]]])
        ),
        (but(data=[CANARY, "2"]), "wrong_type", ["inputs[0].data[0]", "inputs[0].data[1]"]),
        (but(data=[1, {CANARY: 2}]), "wrong_shape", ["inputs[0].data[1]"]),
        (but(data=[[1, 2], 3]), "wrong_shape", ["inputs[0].data[0]"]),
        (but(data=[[1, CANARY]]), "wrong_type", ["inputs[0].data[0][1]"]),
        (but(data=[[1, [2]]]), "wrong_shape", ["inputs[0].data[0][1]"]),
        (but(data=[[1], [2]], shape=[2]), "wrong_shape", ["inputs[0].data[0]", "inputs[0].data[1]"]),
        (asking(BMI, BMI), "duplicate_key", ["inputs[1].name"]),
        (asking(BMI, tensor([2], [1], "bp")), "wrong_shape", ["inputs[1].shape"]),
        (asking(GOOD, GOOD), "wrong_shape", ["inputs[0].shape", "inputs[1].name", "inputs[1].shape"]),
        *((asking(GOOD, id=other), "wrong_type", ["id"]) for other in (42, "<b>", "a\n" + CANARY, "é", "x" * 129)),
        (asking(GOOD, outputs={"name": "result"}), "wrong_type", ["outputs"]),
        (asking(GOOD, outputs=[{}]), "missing_field", ["outputs[0].name"]),
        (asking(GOOD, outputs=[{"name": 1}]), "wrong_type", ["outputs[0].name"]),
        (asking(GOOD, outputs=[{"name": CANARY}]), "unknown_field", ["outputs[0].name"]),
        (asking(GOOD, outputs=[{"name": "result", CANARY: 1}]), "unknown_field", ["outputs[0].…"]),
        (asking(GOOD, outputs=["x"] * 100), "wrong_type", [f"outputs[{number}]" for number in range(10)]),
    )
    invalid_values = (
        (but(shape=[2], data=[1, 2]), "wrong_feature_count", ["X[0]"]),
        (but(shape=[1, 3], data=[1, 2, 3]), "wrong_feature_count", ["X[0]"]),
        (but(shape=[0, 2**31 - 1], data=[]), "wrong_feature_count", ["X[0]"]),
        (but(shape=[7, 0], data=[]), "wrong_feature_count", ["X[0]"]),
        (asking(BMI), "missing_field", ["inputs.bp"]),
        (asking(BMI, BP, tensor([2, 4], [2], "age")), "unknown_field", ["inputs.age"]),
        (asking(BMI, BP, tensor([2, 4], [2], CANARY)), "unknown_field", ["inputs.…"]),
        (asking(tensor([2, 4], [2], "input-0")), "unknown_field", ["inputs.…"]),
        (but(datatype="INT64", data=[[1, 2**63]]), "out_of_range", ["inputs[0].data[0][1]"]),
        (asking(BMI, tensor([0, -1e301], [2], "bp")), "out_of_range", ["X[1].bp"]),
        (but(data=[1e300, 1]), "result_not_finite", ["X[0]"]),
        (but(shape=[0, 2**31], data=[]), "out_of_range", ["inputs[0].shape"]),
        (but(shape=[2**64 - 1, 0], data=[]), "too_many_rows", ["inputs[0].shape"]),
        (but(shape=[MAX_ROWS + 1, 1], data=[1] * (MAX_ROWS + 1)), "too_many_rows", ["inputs[0].shape"]),
    )

    def test_binary_tensors_are_refused_by_name(self, steep):
        assert "binary" in self.post(steep, self.valid, headers=BINARY).json["detail"]
