"""Feedback keys in a file that an operator shares among all hosts of a service."""

import re
from pathlib import Path

from adapters.host.bounded_read import read_bounded
from domain.delivery.feedback_keys import FeedbackKeys

# Two lines, with room for blanks.
MAX_BYTES = 1_024
# A part of a secret, also where the form of its line is wrong.
_SECRET = re.compile(r"[0-9a-fA-F]{16,}")


def read_feedback_keys(path: Path) -> FeedbackKeys:
    """Return the keys of the lines `NUMBER:SECRET` of a file.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is too long, or a line is no key.
    """
    return FeedbackKeys.from_text(_text(path))


def feedback_secrets(path: Path) -> list[str]:
    """Return the secrets in a file of any form, none if it cannot be read."""
    try:
        return _SECRET.findall(_text(path))
    except (OSError, ValueError):
        return []


def _text(path: Path) -> str:
    return read_bounded(path, MAX_BYTES, follow_links=True).decode("ascii", "replace")
