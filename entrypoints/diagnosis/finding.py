"""Result of an examination."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Severity of a finding."""

    GOOD = "good"
    WORTH_KNOWING = "worth knowing"
    """The service works, but perhaps not as intended."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a `subject`, and the remedy, which is empty where there is nothing to do."""

    subject: str
    state: State
    said: str
    mend: str = ""


def good(subject: str, said: str) -> Finding:
    """Return that `subject` works as intended."""
    return Finding(subject, State.GOOD, said)


def worth_knowing(subject: str, said: str, mend: str) -> Finding:
    """Return that the service works, but that `subject` may not be as intended."""
    return Finding(subject, State.WORTH_KNOWING, said, mend)


def broken(subject: str, said: str, mend: str) -> Finding:
    """Return that `subject` does not work."""
    return Finding(subject, State.BROKEN, said, mend)
