"""Problems (RFC 9457): one exception for every refusal of a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import EndeavourError
from entrypoints.web.wire.error_codes import DOMAIN_ERRORS

MAX_ERRORS, MAX_TEXT_CHARACTERS = 10, 240
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


def problem_from_domain_error(error: EndeavourError, locations: Sequence[ErrorLocation] = ()) -> ProblemError:
    """Return the problem for an error of a class in `DOMAIN_ERRORS`, at `locations` if they are given."""
    status, code = next(DOMAIN_ERRORS[base] for base in type(error).__mro__ if base in DOMAIN_ERRORS)
    if not locations:
        return ProblemError(status, code, str(error))
    return ProblemError(status, code, f"{locations[0].place}: {locations[0].detail}", locations)
