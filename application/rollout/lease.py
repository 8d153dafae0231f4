"""Lease: the time in which a controller may write, measured on its own monotonic clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from domain.delivery.rollout import Rollout


class LeaseExpired(Exception):
    """The controller was suspended, or the registry was slow, for longer than another controller waits."""

    def __init__(self) -> None:
        super().__init__("the controller was suspended for too long, so it reads the state again before it acts")


class Standing(Enum):
    """Relation of a controller to the state that it has read."""

    OWN = auto()
    """It wrote the state, and may act."""
    EXPIRED = auto()
    """It wrote the state too long ago to act, so it renews the lease first."""
    FREE = auto()
    """The beat has stood still, so that it may take over."""
    OTHER = auto()
    """Another controller drives the rollout."""


@dataclass(slots=True)
class Lease:
    """Permits an action within half of the plan's `ttl_seconds` after the own last write, on a read as young as that.

    Another controller takes over after the beat has stood still for `ttl_seconds` on its own clock, by which time the
    lease has expired. The time before a write counts, because others may see the write before it returns.

    Parameters
    ----------
    name : str
        The controller's, as `Rollout.writer`; unique.
    monotonic : callable
        Returns seconds.
    """

    name: str
    monotonic: Callable[[], float]
    _seconds: float = field(default=0.0, init=False)
    _seen: tuple[str, int, int] | None = field(default=None, init=False)
    _seen_at: float = field(default=float("-inf"), init=False)
    _read_at: float = field(default=float("-inf"), init=False)
    _wrote_at: float = field(default=float("-inf"), init=False)

    def begin_read(self) -> None:
        """Note the time before the state is read."""
        self._read_at = self.monotonic()

    def standing(self, rollout: Rollout) -> Standing:
        """Return what the controller may do with the state that it has read."""
        ttl = rollout.plan.ttl_seconds
        self._seconds = ttl / 2
        seen = rollout.id, rollout.generation, rollout.beat
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._read_at
        if rollout.writer == self.name:
            return Standing.OWN if self._is_recent(self._wrote_at) else Standing.EXPIRED
        is_still = self._read_at - self._seen_at > ttl
        return Standing.FREE if is_still or not rollout.writer else Standing.OTHER

    def require(self) -> None:
        """Raise `LeaseExpired` unless the controller may act now."""
        self.require_recent_read()
        if not self._is_recent(self._wrote_at):
            raise LeaseExpired

    def require_recent_read(self) -> None:
        """Raise `LeaseExpired` unless what was read is recent."""
        if not self._is_recent(self._read_at):
            raise LeaseExpired

    def renew(self, wrote_at: float) -> None:
        """Begin the lease again after a write that began at `wrote_at`."""
        self._wrote_at = wrote_at

    def _is_recent(self, at: float) -> bool:
        return self.monotonic() - at < self._seconds
