"""RolloutWrites: the writes of a promotion and of an end, in the order in which each may be the last one.

Every write changes nothing if it is repeated. A controller that is restarted after any of them reads a state from which
the others follow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from application.rollout.rollout_ledger import RolloutLedger
from domain.delivery.errors import RolloutConflict
from domain.delivery.rollout import Outcome, Rollout
from domain.delivery.rollout_transitions import watched
from domain.ports import ModelStore, RolloutStore

Write = Callable[[], object]


@dataclass(frozen=True, slots=True)
class RolloutWrites:
    """Yield the writes that follow a state; the caller checks its lease before each."""

    store: ModelStore
    rollouts: RolloutStore
    ledger: RolloutLedger

    def promotion(self, rollout: Rollout, *, feature_change_approved: bool) -> Iterator[Write]:
        """Yield the writes after the state `PROMOTING`; the state of the watch is there before its champion is."""
        watch = watched(replace(rollout, generation=rollout.generation + 1, beat=rollout.beat + 1))
        yield partial(self._prepare, watch)
        yield partial(
            self.store.promote,
            rollout.challenger,
            replacing=rollout.champion,
            at=watch.entered_at,
            feature_change_approved=feature_change_approved,
        )
        yield from self.completion(watch)

    def completion(self, watch: Rollout) -> Iterator[Write]:
        """Yield the writes after the champion has changed."""
        yield partial(self.ledger.record_promotion, watch)
        yield partial(self.rollouts.remove, _other_state(watch))

    def end(self, rollout: Rollout, outcome: Outcome, champion: str) -> Iterator[Write]:
        """Yield the writes of an end, after which `champion` is in production.

        The state that the champion has is the last to be removed.
        """
        if outcome is Outcome.ABORTED:
            yield partial(self.rollouts.reject, rollout.challenger, rollout.why)
        if rollout.is_after_promotion and outcome is not Outcome.SUPERSEDED:
            yield partial(self.ledger.record_promotion, rollout)
        yield partial(self.ledger.record_end, rollout, outcome, champion)
        yield partial(self.rollouts.remove, _other_state(rollout))
        if rollout.is_after_promotion and outcome is Outcome.ABORTED:
            yield partial(self._roll_back, rollout)
        yield partial(self.rollouts.remove, rollout)

    def _prepare(self, watch: Rollout) -> None:
        """Write the state of the watch, instead of one that a promotion or a rollout that was cut off has left."""
        try:
            self.rollouts.write(watch, replacing=0)
        except RolloutConflict as error:
            self.rollouts.write(watch, replacing=error.found)

    def _roll_back(self, rollout: Rollout) -> None:
        """Return to the old champion at the time that the ledger has, so that a second attempt is the same change."""
        at = self.ledger.record_end(rollout, Outcome.ABORTED, rollout.champion).at
        self.store.rollback(at=at, replacing=rollout.challenger)


def _other_state(rollout: Rollout) -> Rollout:
    """Return a state that is kept with the other version: the one that a promotion has left, or that it prepared."""
    return replace(rollout, stage=0 if rollout.is_after_promotion else rollout.plan.watch)
