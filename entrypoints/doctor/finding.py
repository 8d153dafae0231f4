"""Result of an examination."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Severity: `WARNING` is of a service that works, but perhaps not as intended."""

    OK = "good"
    WARNING = "worth knowing"
    ERROR = "broken"


OK, WARNING, ERROR = Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a `subject`, and the remedy, which is empty where there is nothing to do."""

    subject: str
    state: Severity
    said: str
    mend: str = ""
