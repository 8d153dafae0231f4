"""RememberedDrift: the columns that have drifted, compared again once in a while, because many clients ask."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from application.monitoring.report_drift import ReportDrift
from domain.errors import EndeavourError
from domain.monitoring.facts import NONE_DRIFTED, Drifted

# Between two comparisons, which take milliseconds for many columns.
SECONDS = 10.0


@dataclass(slots=True)
class RememberedDrift:
    """Return the columns that have drifted; `monotonic()` returns seconds."""

    report_drift: ReportDrift
    monotonic: Callable[[], float]
    _drifted: Drifted = field(default=NONE_DRIFTED, init=False)
    _read_at: float | None = field(default=None, init=False)

    def __call__(self) -> Drifted:
        """Return the columns; none if nothing can be compared."""
        now = self.monotonic()
        if self._read_at is None or now - self._read_at >= SECONDS:
            self._drifted, self._read_at = self._compared(), now
        return self._drifted

    def _compared(self) -> Drifted:
        try:
            report = self.report_drift()
        except EndeavourError:
            return NONE_DRIFTED
        since = None if report.since is None else datetime.fromtimestamp(report.since, UTC)
        return Drifted(report.drifted, since)
