"""POST /stream and POST /batch, described."""

from domain.errors import listed
from entrypoints.examples import EXAMPLE, examples
from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.codes import CODES
from entrypoints.web.forms import Stream, batch_of
from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served
from entrypoints.web.openapi.headers import MODEL
from entrypoints.web.openapi.refusals import OF_A_BODY
from entrypoints.web.openapi.shapes import closed, list_of

PROBLEMS = {**OF_A_BODY, 422: CODES[422], 503: CODES[503]}


def chapter(served: Served) -> Chapter:
    """Return what is said of these routes."""
    one, many = examples(served.features)
    ordered = [EXAMPLE[0]] * len(served.features)
    return Chapter(
        "Predictions",
        [
            Operation(
                name="predict_one",
                method="post",
                path="/stream",
                summary="Predict one row",
                details=f"By name or in the model's order: {listed(served.features)}.",
                body={JSON_TYPE: Content("Stream", {"a row": {"X": one}, "values in order": {"X": ordered}})},
                replies={200: Reply("The prediction", {JSON_TYPE: Content("Prediction")}, MODEL)},
                problems=PROBLEMS,
            ),
            Operation(
                name="predict_many",
                method="post",
                path="/batch",
                summary=f"Predict up to {served.rows:,} rows",
                details="Each prediction is that of `/stream` for the row, to the last bit.",
                body={JSON_TYPE: Content("Batch", {"rows": {"X": many}, "no rows": {"X": []}})},
                replies={
                    200: Reply("The predictions, in the order of the rows", {JSON_TYPE: Content("Predictions")}, MODEL)
                },
                problems=PROBLEMS,
            ),
        ],
        forms={"Stream": Stream(), "Batch": batch_of(served.rows)},
        schemas={
            "Prediction": _result({"type": "number"}),
            "Predictions": _result(list_of({"type": "number"}, maxItems=served.rows)),
        },
    )


def _result(of: Json) -> Json:
    return closed({"result": of}, "result")
