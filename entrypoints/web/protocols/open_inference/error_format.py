"""Error format of the Open Inference Protocol."""

from collections.abc import Mapping
from typing import Any

from entrypoints.web.wire.error_formats import ErrorFormat
from entrypoints.web.wire.responses import JSON_TYPE


def _inference_error(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"error": problem["detail"], **problem}


# KServe's client shows no error of another media type than JSON.
OPEN_INFERENCE_ERRORS = ErrorFormat(JSON_TYPE, "InferenceError", _inference_error)
