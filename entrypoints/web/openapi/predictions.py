"""Operations of our own prediction routes: POST /stream and POST /batch."""

from domain.errors import format_names
from domain.model.calibration import MIN_LEVEL
from entrypoints.example_requests import examples
from entrypoints.web.openapi.headers import PREDICTED, ROUTING
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response, with_examples
from entrypoints.web.openapi.problems import BODY_PROBLEMS, NO_CHALLENGER, NO_PREDICTION, ROW_PROBLEMS
from entrypoints.web.openapi.schemas import Json, closed, list_of, reference

NUMBER: Json = {"type": "number"}
BOUNDS: Json = {
    **list_of(NUMBER, minItems=2, maxItems=2),
    "description": "Least and largest target at the level that was asked for, in target units.",
}
PROBLEMS = {**BODY_PROBLEMS, **NO_CHALLENGER, 422: ROW_PROBLEMS, **NO_PREDICTION}


def operations(subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    one, many = examples(subject.encoding, subject.reference)
    ordered, _ = subject.rows
    return [
        Operation(
            name="predict_one",
            method="post",
            path="/stream",
            summary="Predict one row",
            details=f"By name or in the model's order: {format_names(subject.features)}.",
            body=with_examples("Stream", subject, {"a row": {"X": one}, "values in order": {"X": ordered}}),
            parameters=[*ROUTING, reference("Feedback", "parameters")],
            responses={200: response("The prediction", content("Prediction"), (*PREDICTED, "X-Feedback-Token"))},
            problems=PROBLEMS,
        ),
        Operation(
            name="predict_many",
            method="post",
            path="/batch",
            summary=f"Predict up to {subject.limits.rows:,} rows",
            details="Each prediction is that of `/stream` for the row, to the last bit.",
            body=with_examples("Batch", subject, {"rows": {"X": many}, "no rows": {"X": []}}),
            parameters=ROUTING,
            responses={200: response("The predictions, in the order of the rows", content("Predictions"), PREDICTED)},
            problems=PROBLEMS,
        ),
    ]


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    row = reference("Row")
    rows, asked = subject.limits.rows, interval_level(subject)
    return {
        "Stream": closed({"X": row, **asked}, "X"),
        "Batch": closed({"X": list_of(row, maxItems=rows), **asked}, "X"),
        "Prediction": closed({"result": NUMBER, "interval": BOUNDS}, "result"),
        "Predictions": closed({"result": list_of(NUMBER, maxItems=rows), "interval": bounds(rows)}, "result"),
    }


def interval_level(subject: DocumentSubject) -> dict[str, Json]:
    """Return the member of a request that asks for prediction intervals, none if the version has none."""
    if subject.highest_level is None:
        return {}
    detail = "Share of prediction intervals that hold their target; asks for the member `interval` of the response."
    level = {"type": "number", "minimum": MIN_LEVEL, "maximum": subject.highest_level, "description": detail}
    return {"interval": level}


def bounds(rows: int) -> Json:
    """Return the schema of the bounds of up to `rows` rows."""
    return list_of(BOUNDS, maxItems=rows)
