"""ObserveReplicas: reads the replicas of a rollout and analyzes what they have counted."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from application.rollout.total_counts import orders_of, total_counts
from domain.delivery.analysis import Analysis
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import Order
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout, RolloutRecord
from domain.delivery.rollout_decision import Observation, is_sufficient
from domain.ports import Clock, ReplicaCounts, ReplicaReport

log = logging.getLogger(__name__)

Analyze = Callable[[RolloutCounts, RolloutCounts, RolloutPlan, int], Analysis]


@dataclass(slots=True)
class ObserveReplicas:
    """Add what the replicas have counted to the counts of the state.

    The counters that an observation began with remain the base until a state with its counts has been read back.

    Parameters
    ----------
    replicas : ReplicaCounts
    clock : Clock
    monotonic : callable
        Returns seconds.
    analyze : callable
    """

    replicas: ReplicaCounts
    clock: Clock
    monotonic: Callable[[], float]
    analyze: Analyze
    _latest: Mapping[str, ReplicaReport] = field(default_factory=dict, init=False)
    _counted: Mapping[str, ReplicaReport] = field(default_factory=dict, init=False)
    _counted_generation: int = field(default=0, init=False)
    _stage: tuple[str, Phase, int] | None = field(default=None, init=False)
    _stage_generation: int = field(default=0, init=False)
    _reported_at: float = field(default=0.0, init=False)
    _unread: Mapping[str, str] = field(default_factory=dict, init=False)

    def begin(self) -> None:
        """Take new bases, because another controller may have counted what the replicas show."""
        self._latest, self._counted, self._counted_generation, self._stage = {}, {}, 0, None
        self._reported_at = self.monotonic()

    def orders(self) -> tuple[Order, ...]:
        """Return the orders that replicas report now."""
        return orders_of(self._read())

    def __call__(self, record: RolloutRecord) -> Observation:
        """Return what is observed of the rollout now."""
        rollout = record.rollout
        self._follow(rollout)
        readings = total_counts(self._read(), self._latest, rollout=rollout.id, generation=self._stage_generation)
        self._counted, self._counted_generation = readings.latest, rollout.generation + 1
        if is_sufficient(readings.reporting, readings.replicas):
            self._reported_at = self.monotonic()
        counts = rollout.counts + readings.counts
        return Observation(
            now=self.clock(),
            counts=counts,
            analysis=self.analyze(counts, counts - rollout.stage_base, rollout.plan, rollout.stage),
            replicas=readings.replicas,
            reporting=readings.reporting,
            ready=readings.ready,
            silent_seconds=self.monotonic() - self._reported_at,
            request=record.request,
            orders=readings.orders,
        )

    def _read(self) -> tuple[ReplicaReport, ...]:
        """Return the reports, and log each new reason why a replica cannot be read."""
        reports = self.replicas.read()
        unread = {report.replica: report.problem for report in reports if report.problem}
        for replica, why in unread.items():
            if self._unread.get(replica) != why:
                log.warning("replica_unread", extra={"replica": replica, "why": why})
        self._unread = unread
        return reports

    def _follow(self, rollout: Rollout) -> None:
        """Accept the readings whose counts the state has, and note the generation in which its stage began."""
        if rollout.generation >= self._counted_generation:
            self._latest = self._counted
        stage = rollout.id, rollout.phase, rollout.stage
        if stage != self._stage:
            self._stage, self._stage_generation = stage, rollout.generation
