"""Problem responses: one handler that answers every refusal in the format that its path has."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import islice

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.error_codes import DOMAIN_ERRORS
from entrypoints.web.wire.error_formats import ErrorFormat, find_error_format
from entrypoints.web.wire.problems import (
    MAX_ERRORS,
    MAX_TEXT_CHARACTERS,
    ProblemError,
    problem_from_domain_error,
    problem_members,
)

# All that Flask raises by itself: no route, none of this method, and its substitute for an unexpected exception.
STATUSES = {404: "not_found", 405: "method_not_allowed", 500: "internal_error"}


def answer_problems(app: Flask, error_formats: Mapping[str, ErrorFormat]) -> None:
    """Have `app` answer every error as a problem, in the format whose URL prefix the path of the request has."""

    def answer(problem: ProblemError) -> Response:
        context = context_of(request.environ)
        context.code = problem.code
        return _response(problem, context.request_id, find_error_format(request.path, error_formats))

    app.register_error_handler(ProblemError, answer)
    app.register_error_handler(HTTPException, lambda error: answer(_from_http_exception(error)))
    for error_class in DOMAIN_ERRORS:
        app.register_error_handler(error_class, lambda error: answer(problem_from_domain_error(error)))


def _response(problem: ProblemError, request_id: str, error_format: ErrorFormat) -> Response:
    """Return a response of at most 4 KiB."""
    members = problem_members(problem.status, problem.code, problem.detail[:MAX_TEXT_CHARACTERS], request_id)
    members["errors"] = [
        {"place": location.place[:MAX_TEXT_CHARACTERS], "detail": location.detail[:MAX_TEXT_CHARACTERS]}
        for location in islice(problem.locations, MAX_ERRORS)
    ]
    status = error_format.statuses.get(problem.status, problem.status)
    response = Response(orjson.dumps(error_format.body(members)), status, content_type=error_format.media_type)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    response.headers.update(problem.headers)
    return response


def _from_http_exception(error: HTTPException) -> ProblemError:
    """Return a problem in fixed words for an exception of Flask's; a 500 stands for an unexpected exception."""
    if error.code not in STATUSES:
        raise error  # Flask logs an exception of a handler as a defect, and calls the handler again with a 500.
    status = HTTPStatus(error.code)
    methods = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    headers = {"Allow": ", ".join(sorted(methods))} if methods else {}
    return ProblemError(status, STATUSES[status], status.phrase, headers=headers)
