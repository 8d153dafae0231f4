"""Ledger history: changes of champion in the ledger, compared with the history that the store has."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from domain.delivery.ledger import UNKNOWN, LedgerDraft
from domain.promotion.history import PromotionHistory

FOUND = "found in the history of the store, without a record of its own"


def changes(entries: Sequence[LedgerDraft]) -> tuple[LedgerDraft, ...]:
    """Return the changes of champion, oldest first."""
    return tuple(sorted((entry for entry in entries if entry.changes_champion), key=lambda entry: entry.at))


def champion_at(entries: Sequence[LedgerDraft], at: datetime) -> tuple[str | None, LedgerDraft | None]:
    """Return the version in production at the time `at`, and the change that put it there if that is recorded."""
    recorded = changes(entries)
    before = [change for change in recorded if change.at <= at]
    if before:
        return before[-1].version, before[-1]
    return (recorded[0].replaced if recorded else None), None


def missing_changes(entries: Sequence[LedgerDraft], history: PromotionHistory) -> tuple[LedgerDraft, ...]:
    """Return the changes of the history that the ledger lacks, oldest first, with the actor `UNKNOWN`.

    An entry of a promotion or a rollback has the time of its change. The end of a rollout is recorded later: it stands
    for the last such change before it.
    """
    times: defaultdict[tuple[str, str | None], list[datetime]] = defaultdict(list)
    for change in history.changes:
        times[change.version, change.replaced].append(change.at)
    recorded = {
        (entry.version, entry.replaced, _change_time(entry, times[entry.version, entry.replaced]))
        for entry in changes(entries)
    }
    return tuple(
        LedgerDraft(
            at=change.at,
            actor=UNKNOWN,
            event=change.action,
            version=change.version,
            replaced=change.replaced,
            why=FOUND,
        )
        for change in history.changes
        if (change.version, change.replaced, change.at) not in recorded
    )


def _change_time(entry: LedgerDraft, times: Sequence[datetime]) -> datetime | None:
    """Return the time of the change that `entry` records, None if it is at none of `times`, the oldest first."""
    if not entry.rollout:
        return entry.at
    later = bisect_right(times, entry.at)
    return times[later - 1] if later else None
