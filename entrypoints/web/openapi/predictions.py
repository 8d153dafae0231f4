"""POST /stream and POST /batch, described."""

from domain.errors import format_names
from entrypoints.example_requests import EXAMPLE, examples
from entrypoints.web.openapi.headers import MODEL
from entrypoints.web.openapi.operations import Operation, ServedModelEndpoint, content, reply, with_examples
from entrypoints.web.openapi.problems import OF_A_BODY
from entrypoints.web.openapi.schemas import Json, closed, list_of, reference
from entrypoints.web.wire.error_codes import CODES

PROBLEMS = {**OF_A_BODY, 422: CODES[422], 503: CODES[503]}


def operations(served: ServedModelEndpoint) -> list[Operation]:
    """Return the operations."""
    one, many = examples(served.features)
    ordered = [EXAMPLE[0]] * len(served.features)
    return [
        Operation(
            name="predict_one",
            method="post",
            path="/stream",
            summary="Predict one row",
            details=f"By name or in the model's order: {format_names(served.features)}.",
            body=with_examples("Stream", served, {"a row": {"X": one}, "values in order": {"X": ordered}}),
            replies={200: reply("The prediction", content("Prediction"), MODEL)},
            problems=PROBLEMS,
        ),
        Operation(
            name="predict_many",
            method="post",
            path="/batch",
            summary=f"Predict up to {served.rows:,} rows",
            details="Each prediction is that of `/stream` for the row, to the last bit.",
            body=with_examples("Batch", served, {"rows": {"X": many}, "no rows": {"X": []}}),
            replies={200: reply("The predictions, in the order of the rows", content("Predictions"), MODEL)},
            problems=PROBLEMS,
        ),
    ]


def schemas(served: ServedModelEndpoint) -> dict[str, Json]:
    """Return the schemas that the operations name."""
    row = reference("Row")
    return {
        "Stream": closed({"X": row}, "X"),
        "Batch": closed({"X": list_of(row, maxItems=served.rows)}, "X"),
        "Prediction": closed({"result": {"type": "number"}}, "result"),
        "Predictions": closed({"result": list_of({"type": "number"}, maxItems=served.rows)}, "result"),
    }
