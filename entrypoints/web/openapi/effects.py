"""Operation of effects: GET /effects."""

from typing import get_args

from application.serving.describe_model import MAX_COMPARED_COLUMNS
from domain.data.columns import Kind
from domain.model.column_bins import MAX_LEVELS
from domain.model.distributions import MAX_BINS
from domain.monitoring.catalog import MAX_KEPT
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.schemas import TEXT, Json, list_of, object_of, reference
from entrypoints.web.openapi.server import origin

ANY_NUMBER: Json = {"type": "number"}
SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
SPREAD: Json = {
    "type": ["number", "null"],
    "description": "Standard deviation over the training rows; null where the version does not keep their covariance.",
}
DETAILS = (
    "An effect is what a cell adds to the sum of the terms, compared with a typical cell: in target units, or in those "
    "of its logarithm if `scale` is `logarithm`. A curve is linear between its points; those of a datetime are seconds "
    "since 1970. `other` is the version that `version` is compared with. `changes` are how far the effects of a column "
    "are apart at most. `difference` is the row within the training ranges where the predictions of the two versions, "
    "that of `version` first, differ most; it is null for versions with other features, which `feature_change` names, "
    f"and for more than {MAX_COMPARED_COLUMNS} columns; `unseen` is a column in which a text that both versions lack "
    f"changes the predictions for this row further. A host keeps the {MAX_KEPT} newest versions of a registry to "
    "compare."
)

TRAINING_ROWS = (
    "Shares of the training rows: by range of a number, a datetime or a prediction, which `edges` part and of which "
    "the first and the last have no end, or by level; of `other` levels, of texts that occur once (`unseen`), and of "
    "empty cells. Null where the version keeps none."
)

PARAMETERS: list[Json] = [
    {
        "name": "version",
        "in": "query",
        "description": "By default the challenger of a rollout, or the champion without one.",
        "schema": TEXT,
    },
    {
        "name": "against",
        "in": "query",
        "description": "The version to compare it with, in `other`; by default the champion.",
        "schema": TEXT,
    },
]


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    effects = response("The effects", content("Effects"))
    summary = "What each column adds to a prediction, and where another version differs"
    return [
        Operation(
            "effects",
            "/effects",
            summary,
            {200: effects},
            problems={404: ("unknown_version",), 409: ("version_not_at_hand",), 503: ("no_model", "unreadable")},
            parameters=PARAMETERS,
            details=DETAILS,
        )
    ]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operation refers to."""
    columns = list_of(reference("ColumnEffect"))
    numbers = dict.fromkeys(("largest", "mean", "deviation", "share"), ANY_NUMBER)
    row: Json = {"type": "object", "description": "Cells by column."}
    lists = {"predictions": list_of(ANY_NUMBER), "refused_gaps": list_of(TEXT)}
    unseen = _or_null(object_of({"name": TEXT, "change": ANY_NUMBER}))
    difference = {**numbers, "exact": {"type": "boolean"}, "row": row, "unseen": unseen, **lists}
    rows: Json = {"anyOf": [reference("TrainingRows"), {"type": "null"}]}
    version = {
        "version": TEXT,
        "scale": {"enum": ["target", "logarithm"]},
        "columns": columns,
        "predictions": rows,
        **origin(),
    }
    return {
        "Effects": object_of(
            {
                **version,
                "pairs": list_of(object_of({"name": TEXT, "spread": ANY_NUMBER})),
                "other": _or_null(object_of(version)),
                "changes": list_of(object_of({"name": TEXT, "change": ANY_NUMBER})),
                "feature_change": TEXT,
                "difference": _or_null(object_of(difference)),
            }
        ),
        "ColumnEffect": object_of(
            {
                "name": TEXT,
                "kind": {"enum": list(get_args(Kind))},
                "spread": SPREAD,
                "curve": list_of(object_of({"at": ANY_NUMBER, "effect": ANY_NUMBER})),
                "levels": list_of(object_of({"level": TEXT, "effect": ANY_NUMBER})),
                "rows": rows,
            }
        ),
        "TrainingRows": _training_rows(),
    }


def _training_rows() -> Json:
    levels = list_of(object_of({"level": TEXT, "share": SHARE}), maxItems=MAX_LEVELS)
    schema = object_of(
        {
            "edges": list_of(ANY_NUMBER, maxItems=MAX_BINS),
            "shares": list_of(SHARE, maxItems=MAX_BINS),
            "levels": levels,
            **dict.fromkeys(("other", "unseen", "empty"), SHARE),
        }
    )
    return {**schema, "description": TRAINING_ROWS}


def _or_null(schema: Json) -> Json:
    return {**schema, "type": ["object", "null"]}
