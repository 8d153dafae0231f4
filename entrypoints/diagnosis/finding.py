"""What an examination comes to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    GOOD = "good"
    WORTH_KNOWING = "worth knowing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined.

    Parameters
    ----------
    subject : str
        What was looked at.
    state : State
    said : str
        What was found.
    mend : str
        What to do about it; empty where nothing needs doing.
    """

    subject: str
    state: State
    said: str
    mend: str = ""


def good(subject: str, said: str) -> Finding:
    """Return that `subject` is as it should be."""
    return Finding(subject, State.GOOD, said)


def worth_knowing(subject: str, said: str, mend: str) -> Finding:
    """Return that the service works with `subject` as it is, but that it may not be what was meant."""
    return Finding(subject, State.WORTH_KNOWING, said, mend)


def broken(subject: str, said: str, mend: str) -> Finding:
    """Return that something does not work."""
    return Finding(subject, State.BROKEN, said, mend)
