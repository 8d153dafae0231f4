"""Result of an examination."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Severity: `WORTH_KNOWING` is of a service that works, but perhaps not as intended."""

    GOOD = "good"
    WORTH_KNOWING = "worth knowing"
    BROKEN = "broken"


GOOD, WORTH_KNOWING, BROKEN = State


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a `subject`, and the remedy, which is empty where there is nothing to do."""

    subject: str
    state: State
    said: str
    mend: str = ""
