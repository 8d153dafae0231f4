"""Finding: the result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Severity of a finding; with `WARNING` the service works, but perhaps not as intended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


OK, WARNING, ERROR = Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check of `subject`; `remedy` is empty if there is nothing to do."""

    subject: str
    severity: Severity
    message: str
    remedy: str = ""
