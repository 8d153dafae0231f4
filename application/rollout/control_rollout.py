"""ControlRollout: drives the rollout of the champion, one tick at each call."""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace

from application.rollout.lease import Lease, LeaseExpired, Standing
from application.rollout.observe_replicas import ObserveReplicas
from application.rollout.rollout_writes import RolloutWrites, Write
from application.rollout.tick import Tick
from domain.delivery.order import Order
from domain.delivery.rollout import Outcome, Phase, Rollout, RolloutRecord
from domain.delivery.rollout_decision import Observation, decide
from domain.delivery.rollout_transitions import aborted, explained, taken_over
from domain.delivery.supersession import supersession
from domain.errors import StoreRefusal
from domain.model.errors import ModelNotFound
from domain.ports import ModelStore, RolloutStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)

Steps = Generator[None, None, Tick]
"""A tick that yields before each access to a store, where its process may be suspended or killed."""


@dataclass(slots=True)
class ControlRollout:
    """Read the state, observe the replicas, decide, and write: at most one transition in a tick.

    Several controllers may run: one of them drives, by its lease, and the others wait.

    Parameters
    ----------
    store : ModelStore
    rollouts : RolloutStore
    observe : ObserveReplicas
    writes : RolloutWrites
    lease : Lease
    obey : callable
        Carries out an order about the champion while there is no rollout; each order is tried once.
    """

    store: ModelStore
    rollouts: RolloutStore
    observe: ObserveReplicas
    writes: RolloutWrites
    lease: Lease
    obey: Callable[[Order], None]
    _tried: dict[str, None] = field(default_factory=dict, init=False)
    _driven: Rollout | None = field(default=None, init=False)

    def __call__(self) -> Tick:
        """Return the outcome of one tick, or raise `StoreUnavailable`; the next tick reads the state again."""
        steps = self.steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                tick: Tick = end.value
                return tick

    def steps(self) -> Steps:
        """Run one tick as a generator."""
        try:
            return (yield from self._look())
        except (StoreRefusal, LeaseExpired) as error:
            log.warning("rollout_tick_refused", extra={"why": str(error), "controller": self.lease.name})
            return Tick(self._driven, problem=str(error))

    def _look(self) -> Steps:
        yield
        self.lease.begin_read()
        record = self.rollouts.read()
        yield
        history = self.store.history()
        if record is None:
            return (yield from self._look_back(history))
        standing = self.lease.standing(record.rollout)
        if standing is Standing.OTHER:
            self._driven = None
            return Tick(record.rollout, problem=f"controller {record.rollout.writer} drives the rollout")
        if why := supersession(record.rollout, history):
            return (yield from self._supersede(record, why, history))
        if standing is not Standing.OWN:
            return (yield from self._take(record.rollout, standing))
        return (yield from self._drive(record, history))

    def _take(self, rollout: Rollout, standing: Standing) -> Steps:
        """Write a beat, which begins the lease; after a take-over, complete a promotion that was cut off.

        A second attempt at a promotion has a time of its own, because the first one has ended by now.
        """
        if standing is Standing.FREE or rollout.phase is Phase.PROMOTING:
            rollout = taken_over(rollout, self.observe.clock())
        yield
        self.lease.require_recent_read()
        taken = self._write(rollout)
        if standing is Standing.FREE:
            log.info("rollout_taken_over", extra={"rollout": rollout.id, "controller": self.lease.name})
            self.observe.begin()
            if taken.phase is Phase.WATCH:
                yield from self._run(self.writes.completion(taken))
        return Tick(taken, is_at_once=True)

    def _drive(self, record: RolloutRecord, history: PromotionHistory) -> Steps:
        if record.rollout.phase is Phase.ABORTING:
            return (yield from self._end(record.rollout, Outcome.ABORTED, None))
        yield
        seen = self.observe(record)
        decision = decide(record.rollout, seen)
        if decision.ignored:
            log.warning("rollout_request_ignored", extra={"rollout": record.rollout.id, "why": decision.ignored})
        if decision.outcome:
            return (yield from self._end(decision.rollout, decision.outcome, seen))
        yield
        self.lease.require()
        rollout = self._write(decision.rollout)
        _log_transition(record.rollout, rollout)
        if rollout.phase is Phase.ABORTING:
            return (yield from self._end(rollout, Outcome.ABORTED, seen))
        if rollout.phase is Phase.PROMOTING and not rollout.held:
            return (yield from self._promote(rollout, history, seen))
        return Tick(rollout, seen)

    def _promote(self, rollout: Rollout, history: PromotionHistory, seen: Observation) -> Steps:
        approved = history.feature_change_approved
        try:
            yield from self._run(self.writes.promotion(rollout, feature_change_approved=approved))
        except ModelNotFound as error:
            yield
            self.lease.require()
            rollout = self._write(aborted(rollout, self.observe.clock(), f"The version was deleted: {error}."))
            return (yield from self._end(rollout, Outcome.ABORTED, seen))
        log.info("model_promoted", extra={"version": rollout.challenger, "previous": rollout.champion})
        return Tick(rollout, seen, is_at_once=True)

    def _end(self, rollout: Rollout, outcome: Outcome, seen: Observation | None) -> Steps:
        champion = rollout.champion if outcome is Outcome.ABORTED else rollout.challenger
        yield from self._run(self.writes.end(rollout, outcome, champion))
        return self._ended(rollout, outcome, seen)

    def _supersede(self, record: RolloutRecord, why: str, history: PromotionHistory) -> Steps:
        """Remove a state that no longer holds, unless the champion changed between the two reads."""
        yield
        if self.rollouts.read() != record:
            return Tick(record.rollout, is_at_once=True)
        return (yield from self._clear(explained(record.rollout, why), history))

    def _look_back(self, history: PromotionHistory) -> Steps:
        """Return the end of the rollout that this controller drove, if the champion has no state any more."""
        if self._driven is None:
            return (yield from self._obey())
        rollout = self._driven
        yield
        if end := self.writes.ledger.end(rollout):
            return self._ended(explained(rollout, end.why), Outcome(end.event), None)
        why = supersession(rollout, history) or "Its state was removed from the registry by hand."
        return (yield from self._clear(explained(rollout, why), history))

    def _obey(self) -> Steps:
        """Carry out the orders about the champion, which a rollout would forbid."""
        yield
        for order in self.observe.orders():
            if order.champion and order.id not in self._tried:
                yield
                self.obey(order)
                self._tried[order.id] = None
        return Tick()

    def _clear(self, rollout: Rollout, history: PromotionHistory) -> Steps:
        for write in self.writes.end(rollout, Outcome.SUPERSEDED, str(history.champion)):
            yield
            self.lease.require_recent_read()
            write()
        return self._ended(rollout, Outcome.SUPERSEDED, None)

    def _ended(self, rollout: Rollout, outcome: Outcome, seen: Observation | None) -> Tick:
        log.info("rollout_ended", extra={"rollout": rollout.id, "outcome": str(outcome), "why": rollout.why})
        self._driven = None
        return Tick(rollout, seen, outcome)

    def _run(self, writes: Iterable[Write]) -> Iterator[None]:
        for write in writes:
            yield
            self.lease.require()
            write()

    def _write(self, rollout: Rollout) -> Rollout:
        """Write the state as the next one of this controller, and begin the lease again."""
        generation, began_at = rollout.generation, self.lease.monotonic()
        written = replace(rollout, generation=generation + 1, beat=rollout.beat + 1, writer=self.lease.name)
        self.rollouts.write(written, replacing=generation)
        self.lease.renew(began_at)
        self._driven = written
        return written


def _log_transition(before: Rollout, after: Rollout) -> None:
    if (before.phase, before.stage, before.held) != (after.phase, after.stage, after.held):
        facts = {"rollout": after.id, "phase": str(after.phase), "weight": after.weight, "held": after.held}
        log.info("rollout_transition", extra={**facts, "why": after.why})
