"""Moments: texts in ISO 8601 as seconds since 1970 in UTC, and back; a text without a time zone is in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np

from domain.data.arrays import FloatArray
from domain.features.datetime_column import MAX_SECONDS, MIN_SECONDS

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
# What is between the digits of a text that numpy reads as Python does, and the characters of such a text, at most.
USUAL_MARKS = frozenset(f"--{separator}::."[:count] for separator in "T " for count in range(2, 7))
MAX_USUAL_CHARACTERS = len("2026-05-01T10:11:12.123456")
MARKS = itemgetter(slice(4, 20, 3))


def to_seconds(cell: Any) -> float:
    """Return the seconds of a text, maybe with spaces around; raise `TypeError` or `ValueError` if it is no moment."""
    moment = datetime.fromisoformat(cell.strip() if isinstance(cell, str) else cell)
    return float(((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND) / 1e6


def to_seconds_at_once(cells: Sequence[Any]) -> FloatArray:
    """Return the seconds of texts without spaces around, shape (n,), and NaN for None; raise as `to_seconds` does."""
    filled = [cell for cell in cells if cell is not None]
    moments = list(map(datetime.fromisoformat, filled))
    if {None}.issuperset(map(attrgetter("tzinfo"), moments)):
        # numpy reads a text in a thirtieth of the time that it takes for a `datetime`.
        texts_or_moments = filled if _are_usual(filled) else moments
        seconds = np.array(texts_or_moments, dtype="M8[us]").astype(np.int64) / 1e6
    else:
        seconds = np.array([(moment - EPOCH) // MICROSECOND for moment in moments]) / 1e6
    if len(filled) == len(cells):
        return seconds
    values = np.full(len(cells), np.nan)
    values[[cell is not None for cell in cells]] = seconds
    return values


def _are_usual(texts: Sequence[str]) -> bool:
    """Return whether numpy reads moments as Python does: it takes 20260501 for a year, and T1011 for a time zone."""
    return USUAL_MARKS.issuperset(map(MARKS, texts)) and max(map(len, texts), default=0) <= MAX_USUAL_CHARACTERS


def to_iso_text(seconds: float) -> str:
    """Return a moment in seconds since 1970 in UTC as an ISO 8601 date, or as a timestamp if its time is not 00:00.

    Examples
    --------
    >>> to_iso_text(86400.0), to_iso_text(1.5)
    ('1970-01-02', '1970-01-01T00:00:01.500000Z')
    """
    moment = EPOCH + timedelta(seconds=min(max(seconds, MIN_SECONDS), MAX_SECONDS))
    text = moment.isoformat().removesuffix("+00:00")
    return text.removesuffix("T00:00:00") if text.endswith("T00:00:00") else f"{text}Z"
