"""Tick: the outcome of one look at a rollout, as the command line shows it."""

from dataclasses import dataclass

from domain.delivery.rollout import Outcome, Rollout
from domain.delivery.rollout_decision import Observation

# Seconds between two ticks, at most; a lease lasts for several of them.
MAX_SECONDS, TICKS_PER_TTL = 10.0, 6


@dataclass(frozen=True, slots=True)
class Tick:
    """Outcome of one tick.

    Parameters
    ----------
    rollout : Rollout or None
        Its state after the tick, None if there is no rollout.
    seen : Observation or None
        What was observed, None if the controller did not drive the rollout.
    outcome : Outcome or None
        The end of the rollout, None before it.
    problem : str
        Why the controller did not act; empty if it did, or if there is nothing to do.
    is_at_once : bool
        Whether the next tick follows at once.
    """

    rollout: Rollout | None = None
    seen: Observation | None = None
    outcome: Outcome | None = None
    problem: str = ""
    is_at_once: bool = False

    @property
    def next_look(self) -> float:
        """Seconds until the next tick."""
        if self.is_at_once:
            return 0.0
        return min(MAX_SECONDS, self.rollout.plan.ttl_seconds / TICKS_PER_TTL) if self.rollout else MAX_SECONDS
