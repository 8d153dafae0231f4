"""Error format of MLflow's scoring protocol."""

from collections.abc import Mapping
from typing import Any

from entrypoints.web.wire.body import JSON_TYPE
from entrypoints.web.wire.error_formats import ErrorFormat

# MLflow's names for these statuses, as its server and its clients use them.
ERROR_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    422: "INVALID_PARAMETER_VALUE",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
OTHER_ERROR_CODE = "BAD_REQUEST"


def _mlflow_error(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "error_code": ERROR_CODES.get(problem["status"], OTHER_ERROR_CODE),
        "message": problem["detail"],
        **{name: problem[name] for name in ("code", "request_id", "errors")},
    }


MLFLOW_ERRORS = ErrorFormat(JSON_TYPE, "MlflowError", _mlflow_error, {422: 400})
