"""Operation of explanations: POST /explain."""

from entrypoints.example_requests import examples
from entrypoints.web.openapi.headers import PREDICTED, ROUTING
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response, with_examples
from entrypoints.web.openapi.predictions import NUMBER, PROBLEMS, bounds
from entrypoints.web.openapi.schemas import TEXT, Json, closed, list_of


def operations(subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    _, many = examples(subject.encoding, subject.reference)
    return [
        Operation(
            name="explain_many",
            method="post",
            path="/explain",
            summary="Predict rows and explain each prediction",
            details=(
                "`base` is the prediction for typical values: medians, and texts that add nothing. "
                "A row's contributions are what each column, and each pair of columns with an interaction, adds to it. "
                "`base` and they add up to the prediction. `extrapolating` names the columns of each row with a value "
                "beyond the training rows."
            ),
            body=with_examples("Batch", subject, {"rows": {"X": many}}),
            parameters=ROUTING,
            responses={200: response("Predictions and contributions, by row", content("Explanations"), PREDICTED)},
            problems=PROBLEMS,
        ),
    ]


def schemas(subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operation refers to."""
    contributions = {"type": "object", "additionalProperties": NUMBER}
    rows = subject.limits.rows
    members = {
        "result": list_of(NUMBER, maxItems=rows),
        "base": NUMBER,
        "contributions": list_of(contributions, maxItems=rows),
        "extrapolating": list_of(list_of(TEXT), maxItems=rows),
    }
    return {"Explanations": closed({**members, "interval": bounds(rows)}, *members)}
