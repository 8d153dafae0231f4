"""Whether the place where hosts count requests together can be reached."""

from collections.abc import Iterator

from domain.errors import BackendUnavailable
from domain.ports import RateLimit
from entrypoints.diagnosis.finding import Finding, broken, good

SUBJECT = "redis"
# A client of that name never asks: the doctor's request is counted for nobody.
NOBODY = "doctor"


def counter(rates: RateLimit) -> Iterator[Finding]:
    """Say whether requests can be counted there."""
    try:
        rates.wait(NOBODY)
    except BackendUnavailable as error:
        yield broken(SUBJECT, str(error), "each host counts its own requests meanwhile; check ENDEAVOUR_REDIS_URL")
    else:
        yield good(SUBJECT, "hosts count requests there together")
