"""Watch: looks at a rollout again and again, shows it, and returns how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from application.rollout.tick import Tick
from domain.delivery.rollout import Rollout
from domain.delivery.rollout_decision import TOO_FEW
from domain.ports import ModelStore, RolloutStore
from entrypoints.cli.rollout.attempts import Attempts
from entrypoints.cli.rollout.ending import Ending, ending

RETRY_SECONDS, SHOW_SECONDS = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Watch:
    """Follow a rollout to its end, also while the registry is away.

    Parameters
    ----------
    store : ModelStore
    rollouts : RolloutStore
    show : callable
        Shows a state.
    wait : callable
        Waits for a number of seconds.
    ends_if_held : bool
        Whether a rollout that waits for an operator or for evidence is left. One that lacks replicas goes on by itself.
    """

    store: ModelStore
    rollouts: RolloutStore
    show: Callable[[Rollout], None]
    wait: Callable[[float], None]
    ends_if_held: bool

    def __call__(self, rollout: Rollout, look: Callable[[], Tick], every: float | None = None) -> Ending:
        """Return how `rollout` ended; `look` returns its next state, `every` some seconds or as often as it needs."""
        attempt = Attempts()
        self.show(rollout)
        while True:
            seen = attempt(partial(self._looked, rollout, look))
            if isinstance(seen, Ending):
                return seen
            if seen and seen.rollout:
                rollout = seen.rollout
                self.show(rollout)
                if self.ends_if_held and rollout.held and not rollout.held.startswith(TOO_FEW):
                    return Ending(rollout, None, rollout.held)
            self._pause((every or seen.next_look) if seen else RETRY_SECONDS, rollout)

    def _pause(self, seconds: float, rollout: Rollout) -> None:
        """Wait, and show the state again each second, because times and replicas change."""
        while seconds > SHOW_SECONDS:
            self.wait(SHOW_SECONDS)
            self.show(rollout)
            seconds -= SHOW_SECONDS
        self.wait(seconds)

    def _looked(self, last: Rollout, look: Callable[[], Tick]) -> Tick | Ending:
        tick = look()
        if tick.rollout is None or tick.rollout.id != last.id:
            return ending(last, self.store, self.rollouts)
        return Ending(tick.rollout, tick.outcome, tick.rollout.why) if tick.outcome else tick
