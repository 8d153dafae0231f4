"""Total counts: what all replicas have counted between two readings of their counters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.delivery.counts import RolloutCounts
from domain.delivery.order import Order
from domain.ports import ReplicaReport


@dataclass(frozen=True, slots=True)
class Readings:
    """The reports of one moment, compared with those before.

    Parameters
    ----------
    counts : RolloutCounts
        Since the readings before.
    replicas, reporting, ready : int
        Number of replicas; of those that report this rollout; and of those that have verified its challenger.
    orders : tuple of Order
        Those that replicas report, by their times; each once.
    latest : mapping of str to ReplicaReport
        Last report of each replica that has ever reported.
    """

    counts: RolloutCounts
    replicas: int
    reporting: int
    ready: int
    orders: tuple[Order, ...]
    latest: Mapping[str, ReplicaReport]


def total_counts(
    reports: Sequence[ReplicaReport], before: Mapping[str, ReplicaReport], *, rollout: str, generation: int
) -> Readings:
    """Return the sum of what the replicas counted since the reports `before`.

    A replica that has not reported before gives its counts as a base: evidence may be lost, but is never counted twice.
    A server that has started since counts from zero. Reports of another rollout, or of a state older than `generation`,
    in which the stage began, are not counted.
    """
    answered = [report for report in reports if not report.problem]
    applying = [report for report in answered if report.rollout == rollout]
    counts = RolloutCounts()
    for report in applying:
        if report.generation >= generation and (base := _base(report, before.get(report.replica))) is not None:
            counts += report.counts - base
    return Readings(
        counts=counts,
        replicas=len(reports),
        reporting=len(applying),
        ready=sum(report.ready for report in applying),
        orders=orders_of(reports),
        latest={**before, **{report.replica: report for report in answered}},
    )


def orders_of(reports: Sequence[ReplicaReport]) -> tuple[Order, ...]:
    """Return the orders that replicas report, by their times; one that two replicas report is one."""
    orders = {order.id: order for report in reports for order in report.orders}
    return tuple(sorted(orders.values(), key=lambda order: (order.at, order.id)))


def _base(report: ReplicaReport, last: ReplicaReport | None) -> RolloutCounts | None:
    """Return the counts from which those of a report count, None if they do not count."""
    if last is None:
        return None
    if last.started != report.started:
        return RolloutCounts()
    has_risen = all(now >= then for now, then in zip(_numbers(report), _numbers(last), strict=True))
    return last.counts if has_risen and last.rollout == report.rollout else None


def _numbers(report: ReplicaReport) -> Iterator[int]:
    for value in report.counts.to_values().values():
        yield from value if isinstance(value, list) else (value,)
