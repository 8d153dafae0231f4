"""Requests that are not in order, with the code and the places of their answers.

The model has the features bmi and bp, and a slope so steep that features which may be sent overflow the prediction.
"""

from tests.support.web.dependencies import MAX_ROWS
from tests.support.web.open_inference import INFER, tensor

STREAM, BATCH, INVOCATIONS = "/stream", "/batch", "/invocations"
PATHS = (STREAM, BATCH, INVOCATIONS, INFER)
# Text that only the client knows: no answer may repeat it.
CANARY = "sent-by-the-client"


def asking(*tensors, **more):
    return {"inputs": list(tensors), **more}


def but(**members):
    """Return a request whose one tensor is in order but for `members`; those that are None are left out."""
    whole = {**tensor([1, 2], [1, 2]), **members}
    return asking({name: value for name, value in whole.items() if value is not None})


GOOD = tensor([1, 2], [1, 2])
BMI, BP = tensor([1, 3], [2], "bmi"), tensor([2, 4], [2], "bp")
FIRST_TEN = [f"rows[{row}].{name}" for row in range(5) for name in ("bmi", "bp")]

# Answered with 400 on every path.
NOT_JSON = [
    (b"", "empty_body"),
    (b" \r\n ", "empty_body"),
    (b"{", "bad_json"),
    (b'{"X": 0.2} {}', "bad_json"),
    (b'{"X": 01}', "bad_json"),
    (b"{'X': 1}", "bad_json"),
    (b'{"X": NaN}', "bad_json"),
    (b'{"X": -Infinity}', "bad_json"),
    (b"[" * 1100, "bad_json"),
    (b'{"X": "\xff"}', "invalid_encoding"),
    (b'\xef\xbb\xbf{"X": 1}', "invalid_encoding"),
    ('{"X": 1}'.encode("utf-16"), "invalid_encoding"),
    (b"[" * 2000 + b"]" * 2000, "too_deep"),
    (b"[]", "not_object"),
    (b"0.2", "not_object"),
    (b'"sent-by-the-client"', "not_object"),
    (b"null", "not_object"),
    (b"{}", "missing_field"),
]

# Answered with 400: the form is wrong.
FORM = [
    *(
        (path, *case)
        for path in (STREAM, BATCH)
        for case in [
            ({"x": 1}, "missing_field", ["X", "x"]),
            ({"X": [1], "Y": 2}, "unknown_field", ["Y"]),
            ({"X": [1], CANARY: 2}, "unknown_field", ["…"]),
            ({"X": None}, "wrong_type", ["X"]),
            ({"X": True}, "wrong_type", ["X"]),
            ({"X": CANARY}, "wrong_type", ["X"]),
            ({"X": [True]}, "wrong_type", ["X[0]"]),
            ({"X": ["1_000"]}, "wrong_type", ["X[0]"]),
            ({"X": [CANARY] * 1000}, "wrong_type", [f"X[{row}]" for row in range(10)]),
        ]
    ),
    (STREAM, {"X": [1, [2]]}, "wrong_shape", ["X[1]"]),
    (STREAM, {"X": {"bmi": "a"}}, "wrong_type", ["X.bmi"]),
    (STREAM, {"X": {"a" * 100: "b", "\u202e<script>": "c"}}, "wrong_type", ["X.…"]),
    (STREAM, {"X": {"bmi": [0.2]}}, "wrong_shape", ["X.bmi"]),
    (STREAM, b'{"X":' + b"[" * 1000 + b"]" * 1000 + b"}", "wrong_shape", ["X[0]"]),
    (BATCH, {"X": 1}, "wrong_shape", ["X"]),
    (BATCH, {"X": {"bmi": 1}}, "wrong_shape", ["X"]),
    (BATCH, {"X": [0.2, "a", None, True]}, "wrong_type", ["X[1]", "X[2]", "X[3]"]),
    (BATCH, {"X": [{"bmi": 1, "bp": 2}, {"bmi": None, "bp": "x"}]}, "wrong_type", ["X[1].bmi", "X[1].bp"]),
    (BATCH, {"X": [{CANARY: "a"}]}, "wrong_type", ["X[0].…"]),
    (BATCH, {"X": [[1, 2], [3, [4]]]}, "wrong_shape", ["X[1][1]"]),
    (BATCH, {"X": [[[0.2]]]}, "wrong_shape", ["X[0][0]"]),
    *(
        (INVOCATIONS, *case)
        for case in [
            ({CANARY: [[1, 2]]}, "missing_field", []),
            ({"inputs": [], "instances": []}, "unknown_field", []),
            ({"inputs": CANARY}, "wrong_type", ["inputs"]),
            ({"instances": None}, "wrong_type", ["instances"]),
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
        ]
    ),
    *(
        (INFER, *case)
        for case in [
            ({"X": [1]}, "missing_field", ["inputs", "X"]),
            ({"inputs": [GOOD], CANARY: 1}, "unknown_field", ["…"]),
            ({"inputs": None}, "wrong_type", ["inputs"]),
            ({"inputs": GOOD}, "wrong_type", ["inputs"]),
            ({"inputs": []}, "missing_field", ["inputs"]),
            (asking([1, 2]), "wrong_type", ["inputs[0]"]),
            (asking(GOOD, CANARY), "wrong_type", ["inputs[1]"]),
            (asking({}), "missing_field", [f"inputs[0].{name}" for name in ("name", "shape", "datatype", "data")]),
            (but(data=None), "missing_field", ["inputs[0].data"]),
            (but(data=None, parameters={"binary_data_size": 16}), "missing_field", ["inputs[0].data"]),
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
            (but(data=[True, 2]), "wrong_type", ["inputs[0].data[0]"]),
            (but(data=[1, None]), "wrong_type", ["inputs[0].data[1]"]),
            (but(data=[CANARY, "2"]), "wrong_type", ["inputs[0].data[0]", "inputs[0].data[1]"]),
            (but(data=[1, {CANARY: 2}]), "wrong_shape", ["inputs[0].data[1]"]),
            (but(data=[[1, 2], 3]), "wrong_shape", ["inputs[0].data[0]"]),
            (but(data=[[1, CANARY]]), "wrong_type", ["inputs[0].data[0][1]"]),
            (but(data=[[1, [2]]]), "wrong_shape", ["inputs[0].data[0][1]"]),
            (but(data=[[1], [2]], shape=[2]), "wrong_shape", ["inputs[0].data[0]", "inputs[0].data[1]"]),
            (but(datatype="INT32", data=[1, 2.5]), "wrong_type", ["inputs[0].data[1]"]),
            (asking(BMI, BMI), "duplicate_key", ["inputs[1].name"]),
            (asking(BMI, tensor([2], [1], "bp")), "wrong_shape", ["inputs[1].shape"]),
            (asking(BMI, tensor([1, 2, 3, 4], [2, 2], "bp")), "wrong_shape", ["inputs[1].shape"]),
            (asking(GOOD, GOOD), "wrong_shape", ["inputs[0].shape", "inputs[1].name", "inputs[1].shape"]),
            *((asking(GOOD, id=other), "wrong_type", ["id"]) for other in (42, "<b>", "a\n" + CANARY, "é", "x" * 129)),
            (asking(GOOD, outputs={"name": "result"}), "wrong_type", ["outputs"]),
            (asking(GOOD, outputs=["result"]), "wrong_type", ["outputs[0]"]),
            (asking(GOOD, outputs=[{}]), "missing_field", ["outputs[0].name"]),
            (asking(GOOD, outputs=[{"name": 1}]), "wrong_type", ["outputs[0].name"]),
            (asking(GOOD, outputs=[{"name": CANARY}]), "unknown_field", ["outputs[0].name"]),
            (asking(GOOD, outputs=[{"name": "result", CANARY: 1}]), "unknown_field", ["outputs[0].…"]),
            (asking(GOOD, outputs=["x"] * 100), "wrong_type", [f"outputs[{number}]" for number in range(10)]),
        ]
    ),
]

# Answered with 422, on MLflow's path with 400: the meaning is wrong.
MEANING = [
    (STREAM, {"X": 1}, "wrong_feature_count", ["X"]),
    (STREAM, {"X": []}, "wrong_feature_count", ["X"]),
    (STREAM, {"X": [1, 2, 3]}, "wrong_feature_count", ["X"]),
    (STREAM, {"X": {}}, "missing_field", ["X.bmi"]),
    (STREAM, {"X": {"bmi": 1, "bp": 1, CANARY: 1}}, "unknown_field", ["X.…"]),
    (STREAM, {"X": [1, -1.1e300]}, "out_of_range", ["X.bp"]),
    (STREAM, {"X": [1e300, 1]}, "result_not_finite", ["X"]),
    (BATCH, {"X": [1, 2]}, "wrong_feature_count", ["X[0]"]),
    (BATCH, {"X": [[1, 2], [1]]}, "wrong_feature_count", ["X[1]"]),
    (BATCH, {"X": [{"bmi": 1, "bp": 1}, {"bmi": 1, "pb": 1}]}, "unknown_field", ["X[1].pb"]),
    (BATCH, {"X": [{"bmi": 1}]}, "missing_field", ["X[0].bp"]),
    (BATCH, {"X": [[1, 1], [1e301, 1]]}, "out_of_range", ["X[1].bmi"]),
    (BATCH, {"X": [[1, 1], [1e300, 1]]}, "result_not_finite", ["X[1]"]),
    (BATCH, {"X": [0] * (MAX_ROWS + 1)}, "too_many_rows", ["X"]),
    (BATCH, {"X": [[1, 1]] * (MAX_ROWS + 1)}, "too_many_rows", ["the body"]),
    *(
        (path, b'{"X": ' + number + b', "Y": {}}', "not_finite", [])
        for path in PATHS
        for number in (b"1e999", b"-1e999", b"9" * 5000)
    ),
    (INVOCATIONS, {"dataframe_split": {"data": [], "columns": ["age"]}}, "missing_field", ["bmi", "bp"]),
    (INVOCATIONS, {"inputs": {"bmi": [1, 2]}}, "missing_field", ["bp"]),
    (INVOCATIONS, {"instances": [{"bmi": 1, "bp": 2}, {"bp": 2}]}, "missing_field", ["rows[1].bmi"]),
    (INVOCATIONS, {"inputs": [[1, 2], [3]]}, "wrong_feature_count", ["rows[1]"]),
    (INVOCATIONS, {"inputs": [1, 2]}, "wrong_feature_count", ["rows[0]"]),
    (INVOCATIONS, {"instances": {"bmi": [], "bp": 1e301}}, "out_of_range", ["rows[0].bp"]),
    (INVOCATIONS, {"inputs": [[1, 2], [1e308, 2]]}, "out_of_range", ["rows[1].bmi"]),
    (INVOCATIONS, {"inputs": [[1, 2]] * (MAX_ROWS + 1)}, "too_many_rows", ["the body"]),
    (INVOCATIONS, {"inputs": {"bmi": [1] * (MAX_ROWS + 1), "bp": 1}}, "too_many_rows", ["the body"]),
    (INFER, but(shape=[2], data=[1, 2]), "wrong_feature_count", ["X[0]"]),
    (INFER, but(shape=[1, 3], data=[1, 2, 3]), "wrong_feature_count", ["X[0]"]),
    (INFER, but(shape=[0, 2**31 - 1], data=[]), "wrong_feature_count", ["X[0]"]),
    (INFER, but(shape=[7, 0], data=[]), "wrong_feature_count", ["X[0]"]),
    (INFER, asking(BMI), "missing_field", ["inputs.bp"]),
    (INFER, asking(BMI, BP, tensor([2, 4], [2], "age")), "unknown_field", ["inputs.age"]),
    (INFER, asking(BMI, BP, tensor([2, 4], [2], CANARY)), "unknown_field", ["inputs.…"]),
    (INFER, asking(tensor([2, 4], [2], "input-0")), "unknown_field", ["inputs.…"]),
    (INFER, but(datatype="INT32", data=[1, 2**31]), "out_of_range", ["inputs[0].data[1]"]),
    (INFER, but(datatype="INT64", data=[[1, 2**63]]), "out_of_range", ["inputs[0].data[0][1]"]),
    (INFER, but(datatype="FP32", data=[1, 1e39]), "out_of_range", ["inputs[0].data[1]"]),
    (INFER, asking(BMI, tensor([0, -1e301], [2], "bp")), "out_of_range", ["X[1].bp"]),
    (INFER, but(data=[1e300, 1]), "result_not_finite", ["X[0]"]),
    (INFER, but(shape=[0, 2**31], data=[]), "out_of_range", ["inputs[0].shape"]),
    (INFER, but(shape=[2**64 - 1, 0], data=[]), "too_many_rows", ["inputs[0].shape"]),
    (INFER, but(shape=[MAX_ROWS + 1, 1], data=[1] * (MAX_ROWS + 1)), "too_many_rows", ["inputs[0].shape"]),
]

# Tables in CSV on MLflow's path, answered with 400.
CSV = [
    (b"bmi,bp\n1,2\n\xff,1", "invalid_encoding", []),
    (b'bmi,bp\nx,2\n1,"2\n', "bad_csv", []),
    (b'bmi,bp,name\n1,2,"' + b"a" * 60_000 + b'","' + b"a" * 10, "bad_csv", []),
    (b"bmi,bp\n1,2\n3\n", "wrong_shape", ["rows[1]"]),
    (b'bmi,bp\n1,2\n"3"\n', "wrong_shape", ["rows[1]"]),
    (b"bmi,bmi,bp\n1,2,3\n", "duplicate_key", []),
    (b"bmi,bp\n1,2\n\n3,sent-by-the-client\n", "wrong_type", ["rows[1].bp"]),
    (b"bmi,bp\n1,2\n3,\n,4\n", "wrong_type", ["rows[1].bp", "rows[2].bmi"]),
    (b'bmi,bp\n"1,5",2\n', "wrong_type", ["rows[0].bmi"]),
    (b"bmi,bp\n[1,2]\n", "wrong_type", ["rows[0].bmi", "rows[0].bp"]),
    (b'bmi,bp\n1,"""2"""\n', "wrong_type", ["rows[0].bp"]),
    (b"bmi,bp\n1,inf\n", "not_finite", ["rows[0].bp"]),
    (b"sent-by-the-client,2\n3,4\n", "missing_field", ["bmi", "bp"]),
    (b"bmi,bp\n" + b"1,2\n" * (MAX_ROWS + 1), "too_many_rows", ["the body"]),
]
