"""Problem responses (RFC 9457): one exception for every refusal, and one handler that answers all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from domain.errors import EndeavourError
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.error_codes import DOMAIN_ERRORS
from entrypoints.web.wire.error_formats import ErrorFormat, find_error_format

MAX_ERRORS, MAX_TEXT_CHARACTERS = 10, 240

# All that Flask raises by itself: no route, none of this method, and its substitute for an unexpected exception.
STATUSES = {404: "not_found", 405: "method_not_allowed", 500: "internal_error"}
ACRONYMS = ("csv", "json")


@dataclass(frozen=True, slots=True)
class ErrorLocation:
    """A place in the request, such as `X[3].bmi`, and the error there."""

    place: str
    detail: str


class ProblemError(Exception):
    """A refused request.

    Parameters
    ----------
    status : int
        HTTP status in RFC 9457's format; another format may replace it.
    code : str
        One of `error_codes.CODES[status]`.
    detail : str
        For people, without text of the client's.
    locations : iterable of ErrorLocation, optional
        The response has the first `MAX_ERRORS`.
    headers : mapping of str to str, optional
        Headers of the response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        locations: Iterable[ErrorLocation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.locations, self.headers = locations, headers or {}


def problem_members(status: int, code: str, detail: str, request_id: str) -> dict[str, object]:
    """Return the members of a problem, without `errors`."""
    return {
        "type": f"urn:endeavour:problem:{code}",
        "title": _title(code),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }


def _title(code: str) -> str:
    first, *others = code.split("_")
    return " ".join([first.capitalize(), *(word.upper() if word in ACRONYMS else word for word in others)])


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


def problem_from_domain_error(error: EndeavourError, locations: Sequence[ErrorLocation] = ()) -> ProblemError:
    """Return the problem for an error of a class in `DOMAIN_ERRORS`, at `locations` if they are given."""
    status, code = next(DOMAIN_ERRORS[base] for base in type(error).__mro__ if base in DOMAIN_ERRORS)
    if not locations:
        return ProblemError(status, code, str(error))
    return ProblemError(status, code, f"{locations[0].place}: {locations[0].detail}", locations)


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
