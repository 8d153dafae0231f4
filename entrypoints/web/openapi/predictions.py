"""Operations of our own prediction routes: POST /stream and POST /batch."""

from domain.errors import format_names
from entrypoints.example_requests import examples
from entrypoints.web.openapi.headers import PREDICTED, ROUTING
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response, with_examples
from entrypoints.web.openapi.problems import BODY_PROBLEMS, NO_CHALLENGER, NO_PREDICTION, ROW_PROBLEMS
from entrypoints.web.openapi.schemas import Json, closed, list_of, reference

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
    return {
        "Stream": closed({"X": row}, "X"),
        "Batch": closed({"X": list_of(row, maxItems=subject.limits.rows)}, "X"),
        "Prediction": closed({"result": {"type": "number"}}, "result"),
        "Predictions": closed({"result": list_of({"type": "number"}, maxItems=subject.limits.rows)}, "result"),
    }
