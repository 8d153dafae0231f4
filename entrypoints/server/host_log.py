"""Host log: the parent process keeps starts of server and workers, and absences of the registry."""

import logging
from collections.abc import Callable

from domain.data.quoting import without_control_characters
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.errors import StoreUnavailable
from domain.monitoring.change import Change, What
from domain.ports import Clock, HostChanges

log = logging.getLogger(__name__)

# Polls in a row, so that one lost answer is no change.
MIN_FAILURES = 3
FAILURES = (RegistryState.UNREACHABLE, RegistryState.INVALID)
MAX_REASON_CHARACTERS = 400


class HostLog:
    """Adds changes of this host; one that cannot be kept is logged.

    Parameters
    ----------
    changes : HostChanges
    clock : Clock
    host : str

    Attributes
    ----------
    registry_status : callable or None
        Returns the state of the registry; None until it can be read.
    """

    def __init__(self, changes: HostChanges, clock: Clock, host: str) -> None:
        self._changes, self._clock, self._host = changes, clock, host
        self.registry_status: Callable[[], RegistryStatus] | None = None
        self._failures, self._is_away = 0, False

    def started(self) -> None:
        """Add that the server was started."""
        self._add(What.SERVER_STARTED)

    def worker_replaced(self) -> None:
        """Add that a worker ended by itself, or was killed, and that another has taken its place."""
        self._add(What.WORKER_REPLACED, "The requests that it was answering failed.")

    def polled(self) -> None:
        """Add that the registry is away after `MIN_FAILURES` polls without a usable answer, and that it is back."""
        if self.registry_status is None:
            return
        found = self.registry_status()
        self._failures = self._failures + 1 if found.state in FAILURES else 0
        if not self._is_away and self._failures >= MIN_FAILURES:
            self._is_away = True
            self._add(What.REGISTRY_AWAY, found.reason)
        elif self._is_away and not self._failures:
            self._is_away = False
            self._add(What.REGISTRY_BACK)

    def _add(self, what: What, why: str = "") -> None:
        reason = without_control_characters(why[:MAX_REASON_CHARACTERS])[:MAX_REASON_CHARACTERS]
        try:
            self._changes.add(Change(at=self._clock(), what=what, host=self._host, why=reason))
        except StoreUnavailable as error:
            log.warning("host_change_not_kept", extra={"what": what, "why": str(error)})
