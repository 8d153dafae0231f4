"""What MLflow's clients read: predictions under their key, and errors with a code of MLflow's."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, request

from application.predict import Predictions
from domain.errors import BadRecord
from entrypoints.web.answer import JSON_TYPE, Answer
from entrypoints.web.facts import facts_of
from entrypoints.web.problems import CONTENT_TYPE, Place, of_domain

# MLflow's names for what went wrong, as its own server and its clients use them with these statuses.
ERROR_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    422: "INVALID_PARAMETER_VALUE",
    429: "REQUEST_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
OTHERWISE = "BAD_REQUEST"
# The statuses of ours that MLflow does not know, and what it answers instead.
STATUSES = {422: 400}


def predicted(predictions: Predictions) -> Response:
    """Return the answer to a request in order."""
    snapshot, facts = predictions.snapshot, facts_of(request.environ)
    facts.rows, facts.snapshot = len(predictions.values), snapshot
    body = orjson.dumps({"predictions": predictions.values}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Answer(body, {"X-Model-Version": snapshot.version.name, "X-Model-Source": snapshot.source})


def of_record(error: BadRecord) -> Response:
    """Return the answer to a row that does not fit the model; rows have a number in every form."""
    row = f"rows[{error.row}]"
    return of_domain(error, Place(f"{row}.{error.field}" if error.field else row, error.why))


def told_of(problem: Mapping[str, Any]) -> dict[str, object]:
    """Return the body of an answer that says what `problem` does."""
    return {
        "error_code": ERROR_CODES.get(problem["status"], OTHERWISE),
        "message": problem["detail"],
        "code": problem["code"],
        "request_id": problem["request_id"],
        "errors": problem["errors"],
    }


def in_mlflows_words(response: Response) -> Response:
    """Return a problem in MLflow's form, other answers as they are.

    The status is MLflow's too, which knows no 422; the headers stay, and so does what says more than MLflow would: our
    code, the places, and the request id.
    """
    if response.status_code < HTTPStatus.BAD_REQUEST or response.content_type != CONTENT_TYPE:
        return response
    body = told_of(orjson.loads(response.get_data()))
    response.status_code = STATUSES.get(response.status_code, response.status_code)
    response.content_type = JSON_TYPE
    response.set_data(orjson.dumps(body))
    return response
