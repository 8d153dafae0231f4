"""Error answers, and the table of status and code for errors of the domain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from domain.delivery.errors import NoModelLoaded
from domain.errors import EndeavourError
from domain.model.errors import (
    FeatureNotFinite,
    FeatureOutOfRange,
    InvalidRow,
    MissingFeature,
    PredictionNotFinite,
    UnknownFeature,
)
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.error_formats import wording_of

MAX_ERRORS, MAX_TEXT_CHARACTERS = 10, 240

# The most derived class that is listed decides.
ERRORS: Mapping[type[EndeavourError], tuple[int, str]] = {
    InvalidRow: (422, "wrong_feature_count"),
    MissingFeature: (422, "missing_field"),
    UnknownFeature: (422, "unknown_field"),
    FeatureNotFinite: (422, "not_finite"),
    FeatureOutOfRange: (422, "out_of_range"),
    PredictionNotFinite: (422, "result_not_finite"),
    NoModelLoaded: (503, "no_model"),
}
# All that Flask raises by itself: no route, none of this method, and what it makes of an unexpected exception.
STATUSES = {404: "not_found", 405: "method_not_allowed", 500: "internal_error"}


@dataclass(frozen=True, slots=True)
class Place:
    """What is wrong at one place of the request, such as `X[3].bmi`."""

    place: str
    detail: str


class ProblemError(Exception):
    """A request that is not in a form that the server reads, or that comes while it is overloaded."""

    def __init__(
        self, status: int, code: str, detail: str, places: Iterable[Place] = (), *, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.places = status, code, detail, places
        self.retry_after = retry_after


def problem(status: int, code: str, detail: str, places: Iterable[Place] = ()) -> Response:
    """Return the answer to a request that failed, of at most 4 KiB, in the words of the protocol that was used."""
    errors = [
        {"place": at.place[:MAX_TEXT_CHARACTERS], "detail": at.detail[:MAX_TEXT_CHARACTERS]}
        for at in islice(places, MAX_ERRORS)
    ]
    facts = context_of(request.environ)
    facts.code = code
    body = {**members(status, code, detail[:MAX_TEXT_CHARACTERS], facts.request_id), "errors": errors}
    wording = wording_of(request)
    status = wording.statuses.get(status, status)
    response = Response(orjson.dumps(wording.body(body)), status, content_type=wording.media_type)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    return response


def members(status: int, code: str, detail: str, request_id: str) -> dict[str, object]:
    """Return the members of a problem, but for the places in the request."""
    return {
        "type": f"urn:endeavour:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }


def answer_problems(app: Flask) -> None:
    """Have `app` answer every error as a problem."""
    app.register_error_handler(ProblemError, _refused)
    app.register_error_handler(HTTPException, _of_http)
    for error in ERRORS:
        app.register_error_handler(error, from_domain_error)


def from_domain_error(error: EndeavourError, place: Place | None = None) -> Response:
    """Return the answer to a request that the domain refused, at `place` if that is known."""
    status, code = next(ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS)
    detail = f"{place.place}: {place.detail}" if place else str(error)
    return problem(status, code, detail, [place] if place else ())


def _refused(refused: ProblemError) -> Response:
    response = problem(refused.status, refused.code, refused.detail, refused.places)
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def _of_http(error: HTTPException) -> Response:
    """Answer what Flask raises, an unexpected exception (500) among them, in fixed words."""
    if error.code not in STATUSES:
        raise error  # Flask takes what a handler raises for a defect: it is logged, and comes back as a 500
    status = HTTPStatus(error.code)
    response = problem(status, STATUSES[status], status.phrase)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response
