"""Operation of labels: POST /feedback."""

from domain.delivery.feedback_token import MAX_CHARACTERS
from domain.delivery.labels import LabelOutcome
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.problems import BODY_PROBLEMS
from entrypoints.web.openapi.schemas import NUMBER, TEXT, Json, closed, list_of, reference
from entrypoints.web.wire.labels import MAX_LABELS

PROBLEMS = {
    **BODY_PROBLEMS,
    422: ("invalid_token", "not_finite", "out_of_range", "too_many_rows"),
    503: ("no_model", "overloaded"),
}
COUNT: Json = {"type": "integer", "minimum": 0}


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    return [
        Operation(
            name="send_labels",
            method="post",
            path="/feedback",
            summary=f"Send back the true value of a prediction, or up to {MAX_LABELS:,} of them",
            details=(
                "A token counts once on each host, for seven days. "
                "`counted` labels count for the error of their model; `late` ones are too old, or of another rollout; "
                "`repeated` ones were counted before. Nothing is counted if any token is invalid."
            ),
            body=content({"anyOf": [reference("Label"), list_of(reference("Label"), maxItems=MAX_LABELS)]}),
            responses={202: response("What became of the labels", content("LabelCounts"))},
            problems=PROBLEMS,
        ),
    ]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operation refers to."""
    counts: dict[str, Json] = {outcome.value: COUNT for outcome in LabelOutcome}
    return {
        "Label": closed({"token": {**TEXT, "maxLength": MAX_CHARACTERS}, "y": NUMBER}, "token", "y"),
        "LabelCounts": closed(counts, *counts),
    }
