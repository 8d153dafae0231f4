"""Operations of the monitoring routes."""

from application.monitoring.show_figures import GROUPED
from domain.delivery.rollout import Phase
from domain.monitoring.change import What
from domain.monitoring.condition import Kind
from entrypoints.web.openapi.operations import DocumentSubject, Operation, content, response
from entrypoints.web.openapi.schemas import REGISTRY, TEXT, Json, list_of, object_of, reference

UNREADABLE = {503: ("unreadable",)}
ANY_NUMBER: Json = {"type": "number"}
COUNT: Json = {"type": "integer", "minimum": 0}
AMOUNT: Json = {"type": "number", "minimum": 0}
MOMENT: Json = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
QUANTILE: Json = {"type": ["number", "null"], "description": "Null for fewer than 100 requests."}
NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
COUNTS = ("answered", "failed", "refused", "overloaded", "rows")
QUANTILES = ("p50_seconds", "p99_seconds")
VERDICTS = ["no rows", "as in training", "slightly changed", "drifted", "moved on"]
DRIFT_DETAILS = (
    "A sample of the rows is counted, of this host. The last column is that of the predictions. No columns are listed "
    "for a version that keeps no distributions of its training rows: train again."
)
DRIFT_LISTS: dict[str, Json] = {
    "drifted": {**list_of(NUMBER_OR_NULL), "description": "Columns; null where nothing was compared."},
    "excess_psi": {
        **list_of(NUMBER_OR_NULL),
        "description": "Largest of the columns that are sure to differ, beyond its expectation; 0.1 is drift.",
    },
}
LABEL_LISTS: dict[str, Json] = {
    "labels": {**list_of(COUNT), "description": "By the time at which they arrived."},
    "mae": {**list_of(NUMBER_OR_NULL), "description": "Mean absolute error of the labels; null without any."},
}
MINUTES: Json = {"name": "minutes", "in": "query", "schema": {"type": "integer", "enum": [*GROUPED], "default": 60}}
BEFORE: Json = {
    "name": "before",
    "in": "query",
    "description": "The member `before` of the page before; without it, the newest versions are listed.",
    "schema": TEXT,
}


def operations(_subject: DocumentSubject) -> list[Operation]:
    """Return the operations of the group."""
    status, figures = response("The status", content("Status")), response("The figures", content("Figures"))
    versions, changes = response("A page", content("VersionPage")), response("The changes", content("Changes"))
    return [
        Operation(
            "status", "/status", "Whether an operator is needed, and what answers", {200: status}, problems=UNREADABLE
        ),
        Operation(
            "figures",
            "/figures",
            "Traffic, drift and errors of labels of an hour by minutes, or of a day by 15 minutes",
            {200: figures},
            problems={**UNREADABLE, 400: ("invalid_parameter",)},
            parameters=[MINUTES],
        ),
        Operation(
            "drift",
            "/drift",
            "Whether rows differ from the training rows of the champion, by column",
            {200: response("The comparison", content("Drift"))},
            problems={503: ("unreadable", "no_model")},
            details=DRIFT_DETAILS,
        ),
        Operation(
            "versions",
            "/versions",
            "Versions of the store, newest first",
            {200: versions},
            problems={**UNREADABLE, 400: ("invalid_parameter",)},
            parameters=[BEFORE],
        ),
        Operation("changes", "/changes", "What has changed, newest first", {200: changes}),
    ]


def schemas(_subject: DocumentSubject) -> dict[str, Json]:
    """Return the schemas that the operations refer to."""
    traffic = {**dict.fromkeys(COUNTS, COUNT), **dict.fromkeys(QUANTILES, QUANTILE)}
    lists = {name: list_of(of) for name, of in traffic.items()}
    changes = list_of(reference("Change"))
    return {
        "Status": object_of(_status(traffic) | {"changes": changes}),
        "Figures": object_of(
            {
                **dict.fromkeys(("at", "since", "first"), MOMENT),
                "period_seconds": COUNT,
                "scope": object_of(dict.fromkeys(("of", "name"), TEXT)),
                "held_out_mae": {**NUMBER_OR_NULL, "description": "Of the champion; null without a model."},
                "drift": object_of(DRIFT_LISTS),
                "other_hosts": object_of({**lists, **LABEL_LISTS}) | {"type": ["object", "null"]},
                "versions": list_of(object_of({"name": TEXT, **lists, **LABEL_LISTS})),
            }
        ),
        "Drift": object_of(_drift()),
        "VersionPage": object_of(
            {"at": MOMENT_OR_NULL, "versions": list_of(reference("ListedVersion")), "before": TEXT, "older": COUNT}
        ),
        "ListedVersion": object_of(_listed_version()),
        "Changes": object_of({"changes": changes}),
        "Change": object_of(_change()),
    }


def _status(traffic: dict[str, Json]) -> dict[str, Json]:
    share = {**AMOUNT, "maximum": 1}
    scores: Json = {"type": "object", "additionalProperties": {"type": "number"}}
    version = {"name": TEXT, "role": TEXT, "share": share, **traffic, "scores": scores, "trained_at": MOMENT}
    texts = dict.fromkeys(("name", "version", "source"), TEXT)
    condition = {"kind": {"enum": [*Kind]}, **dict.fromkeys(("sentence", "reason", "next"), TEXT)}
    recent_of_all = {"per_second": AMOUNT, **traffic}
    recent = {"minutes": COUNT, "since": MOMENT, "per_second": AMOUNT, **traffic}
    return {
        "condition": object_of({**condition, "since": MOMENT_OR_NULL}),
        **dict.fromkeys(("at", "started_at"), MOMENT),
        "scope": object_of(dict.fromkeys(("of", "name", "sentence"), TEXT)),
        "fleet": object_of({"hosts": COUNT, "silent": list_of(TEXT), "age_seconds": AMOUNT, **recent_of_all}),
        "traffic": object_of(recent),
        "versions": list_of(object_of(version)),
        "replicas": list_of(object_of({**texts, **dict.fromkeys(("silent_seconds", "per_second"), AMOUNT)})),
        "registry": REGISTRY,
        "copy_problem": TEXT,
        "rollout": _rollout(),
    }


def _drift() -> dict[str, Json]:
    counts = dict.fromkeys(("training_rows", "rows"), COUNT)
    numbers = dict.fromkeys(("psi", "expected_psi", "evidence", "level"), ANY_NUMBER)
    column = {
        **dict.fromkeys(("name", "kind", "change"), TEXT),
        "rows": COUNT,
        "drifted_since": MOMENT_OR_NULL,
        **numbers,
        "verdict": {"enum": VERDICTS},
    }
    cells = {"type": "object", "additionalProperties": COUNT}
    since = {"since": MOMENT_OR_NULL, "drifted": list_of(TEXT), "unusable_cells": cells}
    return {"version": TEXT, **counts, **since, "columns": list_of(object_of(column))}


def _rollout() -> Json:
    texts = dict.fromkeys(("id", "champion", "challenger", "held", "why"), TEXT)
    phase = {"phase": {"enum": [*Phase]}, "generation": COUNT, "entered_at": MOMENT, "weight": AMOUNT}
    return object_of({**texts, **phase}) | {"type": ["object", "null"]}


def _listed_version() -> dict[str, Json]:
    texts = ("name", "role", "run_id", "code_revision", "data_fingerprint", "digest", "rejected", "problem")
    scores: Json = {"type": "object", "additionalProperties": {"type": "number"}}
    return {**dict.fromkeys(texts, TEXT), "trained_at": MOMENT_OR_NULL, "scores": scores}


def _change() -> dict[str, Json]:
    texts = ("version", "replaced", "challenger", "host", "by", "why", "sentence")
    return {"at": MOMENT, "what": {"enum": [*What]}, "share": AMOUNT, **dict.fromkeys(texts, TEXT)}
