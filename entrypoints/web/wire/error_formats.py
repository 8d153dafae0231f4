"""How each protocol words an error: its media type, its members, and the statuses it has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from entrypoints.web.wire.responses import JSON_TYPE

OPEN_INFERENCE_PREFIX = "/v2"
MLFLOW_BLUEPRINT = "mlflow_scoring"

# MLflow's names for these statuses, as its server and its clients use them.
MLFLOW_ERROR_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    422: "INVALID_PARAMETER_VALUE",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
OTHER_MLFLOW_ERROR_CODE = "BAD_REQUEST"


@dataclass(frozen=True, slots=True)
class Wording:
    """The form of an error answer."""

    media_type: str
    schema: str
    """Its name in the OpenAPI document."""
    body: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    """Returns the members of the answer for those of a problem (RFC 9457)."""
    statuses: Mapping[int, int] = field(default_factory=dict)
    """Statuses that the protocol has not, and those that take their place."""


def _of_open_inference(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"error": problem["detail"], **problem}


def _of_mlflow(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "error_code": MLFLOW_ERROR_CODES.get(problem["status"], OTHER_MLFLOW_ERROR_CODE),
        "message": problem["detail"],
        **{name: problem[name] for name in ("code", "request_id", "errors")},
    }


RFC_9457 = Wording("application/problem+json", "Problem", dict)
# KServe's client shows no error of another media type than JSON.
OPEN_INFERENCE = Wording(JSON_TYPE, "InferenceError", _of_open_inference)
MLFLOW = Wording(JSON_TYPE, "MlflowError", _of_mlflow, {422: 400})


def wording_of(request: Request) -> Wording:
    """Return the wording of the protocol that the path of `request` belongs to."""
    if request.blueprint == MLFLOW_BLUEPRINT:
        return MLFLOW
    path = request.path
    is_open_inference = path == OPEN_INFERENCE_PREFIX or path.startswith(f"{OPEN_INFERENCE_PREFIX}/")
    return OPEN_INFERENCE if is_open_inference else RFC_9457
