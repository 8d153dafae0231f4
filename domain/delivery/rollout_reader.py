"""Rollout reader: decides how much traffic a host gives the challenger, from the states that it reads."""

from dataclasses import dataclass

from domain.delivery.rollout import Action, Phase, Rollout, RolloutRecord

# Ids of aborted rollouts that a host remembers; a controller that was suspended for longer has lost its lease.
MAX_ABORTED = 64


@dataclass(frozen=True, slots=True)
class Exposure:
    """A rollout as a host applies it.

    Parameters
    ----------
    rollout : Rollout
    weight : int
        Requests of 10,000 that the host routes to the version that is not the champion.
    trusted_until : float
        Monotonic seconds after which the weight is 0, because no controller was seen to work.
    """

    rollout: Rollout
    weight: int
    trusted_until: float


class RolloutReader:
    """Reads successive states of a store where the last write wins.

    A state of an older generation is ignored. A host that has seen an abort gives that rollout no traffic again, also
    if an older state comes back. The controller counts as working while its beat was seen to move within the plan's
    `ttl_seconds`; a beat that is only seen counts for nothing, because the state may be old.
    """

    def __init__(self) -> None:
        self._latest: Rollout | None = None
        self._moved_at = float("-inf")
        self._aborted: dict[str, None] = {}

    def observe(self, record: RolloutRecord | None, now: float) -> Exposure | None:
        """Return what to apply after `record` was read at the monotonic time `now`; None without a rollout."""
        if record is None:
            self._latest = None
            return None
        self._latch_abort(record)
        rollout = self._newest(record.rollout, now)
        weight = 0 if rollout.id in self._aborted else rollout.routed_weight
        return Exposure(rollout, weight, self._moved_at + rollout.plan.ttl_seconds)

    def _latch_abort(self, record: RolloutRecord) -> None:
        rollout, request = record.rollout, record.request
        is_asked = request is not None and (request.action, request.rollout) == (Action.ABORT, rollout.id)
        if rollout.phase is Phase.ABORTING or is_asked:
            self._aborted[rollout.id] = None
            if len(self._aborted) > MAX_ABORTED:
                del self._aborted[next(iter(self._aborted))]

    def _newest(self, rollout: Rollout, now: float) -> Rollout:
        before = self._latest
        if before is None or before.id != rollout.id:
            self._moved_at = float("-inf")
        elif rollout.generation < before.generation:
            return before
        elif rollout.beat != before.beat:
            self._moved_at = now
        self._latest = rollout
        return rollout
