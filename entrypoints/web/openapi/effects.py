"""Operation of effects: GET /effects."""

from typing import get_args

from domain.data.columns import Kind
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.schemas import TEXT, Json, list_of, object_of, reference

ANY_NUMBER: Json = {"type": "number"}
SPREAD: Json = {
    "type": ["number", "null"],
    "description": "Standard deviation over the training rows; null where the version does not keep their covariance.",
}
DETAILS = (
    "An effect is what a cell adds to the sum of the terms, compared with a typical cell: in target units, or in those "
    "of its logarithm if `scale` is `logarithm`. A curve is linear between its points; those of a datetime are seconds "
    "since 1970. `difference` is the row within the training ranges where champion and challenger differ most."
)


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    effects = response("The effects", content("Effects"))
    summary = "What each column adds to a prediction, and where a challenger differs"
    return [Operation("effects", "/effects", summary, {200: effects}, problems={503: ("no_model",)}, details=DETAILS)]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operation refers to."""
    columns = list_of(reference("ColumnEffect"))
    numbers = dict.fromkeys(("largest", "mean", "deviation", "share"), ANY_NUMBER)
    row: Json = {"type": "object", "description": "Cells by column."}
    difference = {**numbers, "exact": {"type": "boolean"}, "row": row, "predictions": list_of(ANY_NUMBER)}
    return {
        "Effects": object_of(
            {
                "version": TEXT,
                "scale": {"enum": ["target", "logarithm"]},
                "columns": columns,
                "pairs": list_of(object_of({"name": TEXT, "spread": ANY_NUMBER})),
                "challenger": _or_null(object_of({"version": TEXT, "columns": columns})),
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
            }
        ),
    }


def _or_null(schema: Json) -> Json:
    return {**schema, "type": ["object", "null"]}
