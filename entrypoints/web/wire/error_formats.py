"""Error formats: the media type, members and statuses of error responses, one format for each protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ErrorFormat:
    """The format of an error response.

    Parameters
    ----------
    media_type : str
    schema : str
        Its name in the OpenAPI document.
    body : callable
        Returns the members of the response for those of a problem (RFC 9457).
    statuses : mapping of int to int, optional
        Statuses that the protocol lacks, and their substitutes.
    """

    media_type: str
    schema: str
    body: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    statuses: Mapping[int, int] = field(default_factory=dict)


RFC_9457 = ErrorFormat("application/problem+json", "Problem", dict)


def find_error_format(path: str, formats: Mapping[str, ErrorFormat]) -> ErrorFormat:
    """Return the format whose URL prefix is `path` or a parent of it, RFC 9457 if there is none."""
    found = (formats[prefix] for prefix in formats if path == prefix or path.startswith(f"{prefix}/"))
    return next(found, RFC_9457)
