"""RememberedDrift: the columns that have drifted, compared again once in a while, because many clients ask."""

from collections.abc import Callable
from dataclasses import dataclass, field

from application.monitoring.report_drift import ReportDrift
from domain.errors import EndeavourError

# Between two comparisons, which take milliseconds for many columns.
SECONDS = 10.0


@dataclass(slots=True)
class RememberedDrift:
    """Return the names of the columns that have drifted; `monotonic()` returns seconds."""

    report_drift: ReportDrift
    monotonic: Callable[[], float]
    _drifted: tuple[str, ...] = field(default=(), init=False)
    _read_at: float | None = field(default=None, init=False)

    def __call__(self) -> tuple[str, ...]:
        """Return the names; none if nothing can be compared."""
        now = self.monotonic()
        if self._read_at is None or now - self._read_at >= SECONDS:
            self._drifted, self._read_at = self._compared(), now
        return self._drifted

    def _compared(self) -> tuple[str, ...]:
        try:
            return self.report_drift().drifted
        except EndeavourError:
            return ()
