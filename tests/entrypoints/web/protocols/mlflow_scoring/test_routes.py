"""MLflow's scoring routes: responses to invalid requests, in MLflow's error format."""

import json
import re
from pathlib import Path

import orjson

from domain.model.linear_model import LinearModel
from entrypoints.web.protocols.mlflow_scoring.schemas import FORMS
from tests.contracts.json_endpoint import CANARY, JsonEndpointContract
from tests.support.mixed_tables import example_encoding
from tests.support.web.dependencies import MAX_ROWS
from tests.support.web.strategies import table_bodies

PAGE = Path(__file__).parents[5] / "docs" / "mlflow-scoring.md"
ERROR_CODES = {
    401: "UNAUTHENTICATED",
    422: "INVALID_PARAMETER_VALUE",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
FIRST_TEN = [f"rows[{row}].{name}" for row in range(5) for name in ("bmi", "bp")]

INVALID_CSV = [
    (b"bmi,bp\n1,2\n\xff,1", "invalid_encoding", []),
    (b'bmi,bp\nx,2\n1,"2\n', "bad_csv", []),
    (b'bmi,bp,name\n1,2,"' + b"a" * 60_000 + b'","' + b"a" * 10, "bad_csv", []),
    (b"bmi,bp\n1,2\n3\n", "wrong_shape", ["rows[1]"]),
    (b'bmi,bp\n1,2\n"3"\n', "wrong_shape", ["rows[1]"]),
    (b"bmi,bmi,bp\n1,2,3\n", "duplicate_key", []),
    (b"bmi,bp\n1,2\n\n3,sent-by-the-client\n", "wrong_type", ["rows[1].bp"]),
    (b"bmi,bp\n1,2\n3,\n,4\n", "wrong_type", ["rows[1].bp", "rows[2].bmi"]),
    (b"bmi,bp\n1,inf\n", "not_finite", ["rows[0].bp"]),
    (b"sent-by-the-client,2\n3,4\n", "missing_field", ["bmi", "bp"]),
    (b"bmi,bp\n" + b"1,2\n" * (MAX_ROWS + 1), "too_many_rows", ["the body"]),
]


class TestInvocations(JsonEndpointContract):
    path, valid = "/invocations", {"inputs": [[1, 2]]}
    error_members = frozenset(("error_code", "message", "code", "request_id", "errors"))
    error_type = "application/json"
    random_bodies = table_bodies(FORMS)
    other_media = (
        ({"Content-Type": "application/json; charset=latin-1"}, "unsupported_media_type"),
        ({"Content-Type": "text/csv; header=present"}, "unsupported_media_type"),
        ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, "unsupported_encoding"),
    )
    invalid_forms = (
        ({CANARY: [[1, 2]]}, "missing_field", []),
        ({"inputs": [], "instances": []}, "unknown_field", []),
        ({"inputs": CANARY}, "wrong_type", ["inputs"]),
        ({"dataframe_records": [{}, 1]}, "wrong_type", ["dataframe_records"]),
        ({"dataframe_split": []}, "wrong_type", ["dataframe_split"]),
        ({"dataframe_split": {}}, "missing_field", ["dataframe_split.data"]),
        ({"dataframe_split": {"data": [], CANARY: 1}}, "unknown_field", []),
        ({"dataframe_split": {"data": {}}}, "wrong_type", ["dataframe_split.data"]),
        ({"dataframe_split": {"data": [], "columns": "bmi"}}, "wrong_type", ["dataframe_split.columns"]),
        ({"dataframe_split": {"data": [], "columns": [["bmi"], "bp"]}}, "wrong_type", []),
        ({"dataframe_split": {"data": [[1, 2]], "index": []}}, "wrong_shape", []),
        ({"dataframe_split": {"data": [], "columns": ["bp", "bmi", "bp"]}}, "duplicate_key", []),
        ({"dataframe_split": {"data": [[1, 2], [3]], "columns": ["bmi", "bp"]}}, "wrong_shape", ["rows[1]"]),
        ({"dataframe_split": {"data": [3], "columns": ["bmi", "bp"]}}, "wrong_shape", ["rows[0]"]),
        ({"inputs": [[1, None], ["a", True]]}, "wrong_type", ["rows[0].bp", "rows[1].bmi", "rows[1].bp"]),
        ({"inputs": [[1, 2], "a"]}, "wrong_type", ["rows[1]"]),
        ({"inputs": [[CANARY, "b"]] * 50}, "wrong_type", FIRST_TEN),
        ({"inputs": {"bmi": [1, 2], "bp": [3]}}, "wrong_shape", []),
        ({"inputs": {"bmi": [1, 2], "bp": [3, "a"]}}, "wrong_type", ["rows[1].bp"]),
        ({"inputs": {"bmi": [], "bp": "1"}}, "wrong_type", ["rows[0].bp"]),
    )
    invalid_values = (
        ({"dataframe_split": {"data": [], "columns": ["age"]}}, "missing_field", ["bmi", "bp"]),
        ({"inputs": {"bmi": [1, 2]}}, "missing_field", ["bp"]),
        ({"instances": [{"bmi": 1, "bp": 2}, {"bp": 2}]}, "missing_field", ["rows[1].bmi"]),
        ({"inputs": [[1, 2], [3]]}, "wrong_feature_count", ["rows[1]"]),
        ({"inputs": [1, 2]}, "wrong_feature_count", ["rows[0]"]),
        ({"instances": {"bmi": [], "bp": 1e301}}, "out_of_range", ["rows[0].bp"]),
        ({"inputs": [[1, 2], [1e308, 2]]}, "out_of_range", ["rows[1].bmi"]),
        ({"inputs": [[1, 2]] * (MAX_ROWS + 1)}, "too_many_rows", ["the body"]),
        ({"inputs": {"bmi": [1] * (MAX_ROWS + 1), "bp": 1}}, "too_many_rows", ["the body"]),
    )

    def status_of(self, response):
        body = orjson.loads(response.data)
        is_value = body["error_code"] == ERROR_CODES[422]
        assert response.status_code == 400 or not is_value
        status = 422 if is_value else response.status_code
        assert body["error_code"] == ERROR_CODES.get(status, "BAD_REQUEST")
        return status

    def test_invalid_csv_names_the_places(self, steep):
        problems = [self.problem_of(self.post(steep, body, content_type="text/csv")) for body, _, _ in INVALID_CSV]

        assert [problem[1:] for problem in problems] == [(code, places) for _, code, places in INVALID_CSV]


def test_examples_of_the_page_are_valid(two_features):
    bodies = re.findall(r"^```json\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    requests = [body for body in bodies if not {"predictions", "error_code"} & json.loads(body).keys()]

    assert len(requests) > 3
    for body in requests:
        assert two_features.post("/invocations", data=body).status_code == 200, body


def forms_of(records):
    """Return the records in every form of JSON."""
    names, rows = list(records[0]), [list(record.values()) for record in records]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    split = {"dataframe_split": {"columns": names, "data": rows}}
    return [split, {"dataframe_records": records}, {"instances": rows}, {"inputs": columns}]


def test_cells_that_do_not_fit_their_column_are_named(serving):
    encoding = example_encoding()
    client = serving(LinearModel([1.0] * len(encoding.term_names), 0.0, encoding))
    good = dict(zip(encoding.feature_names, (None, True, "Oslo", "2024-05-01"), strict=True))
    for bad, code, place in (
        ({"new": None}, "missing_field", "rows[1].new"),
        ({"area": "1"}, "wrong_type", "rows[1].area"),
        ({"new": "yes"}, "wrong_type", "rows[1].new"),
        ({"home city": [CANARY]}, "wrong_type", "rows[1].home city"),
        ({"sold": CANARY}, "wrong_type", "rows[1].sold"),
    ):
        for body in forms_of([good, good | bad]):
            response = client.post("/invocations", json=body)
            assert response.status_code == 400
            assert CANARY.encode() not in response.data
            assert (response.json["code"], [error["place"] for error in response.json["errors"]]) == (code, [place])

    for bad, code in (({"sold": CANARY}, "wrong_type"), ({"new": None}, "missing_field")):
        body = {"inputs": {name: [] for name in good} | bad}
        assert client.post("/invocations", json=body).json["code"] == code


def test_column_that_may_be_empty_may_be_absent(serving):
    encoding = example_encoding()
    client = serving(LinearModel([1.0] * len(encoding.term_names), 0.0, encoding))
    present = {"new": True, "sold": "2024-05-01"}
    split, records, _, columns = forms_of([present, present])
    (expected,) = client.post("/invocations", json={"instances": [[None, True, None, "2024-05-01"]]}).json[
        "predictions"
    ]

    answers = [client.post("/invocations", json=body).json for body in (split, records, columns)]
    csv = client.post("/invocations", data=b"new,sold\ntrue,2024-05-01\n1,2024-05-01\n", content_type="text/csv").json

    assert [*answers, csv] == [{"predictions": [expected] * 2}] * 4
    for body in forms_of([{"new": True}])[::3]:
        refused = client.post("/invocations", json=body).json
        assert (refused["code"], refused["errors"]) == ("missing_field", [{"place": "sold", "detail": "is missing"}])
