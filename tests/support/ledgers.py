"""Entries of a ledger, for tests."""

from datetime import timedelta
from typing import Any

from domain.delivery.ledger import LedgerDraft, LedgerEntry, LedgerHead, to_line
from tests.support.examples import NOON


def a_draft(version: str = "1", replaced: str | None = None, minutes: int = 0, **facts: Any) -> LedgerDraft:
    """Return a promotion by hand, some minutes after noon."""
    defaults = {"actor": "kim@host", "event": "promote", "why": "by hand", "at": NOON + timedelta(minutes=minutes)}
    return LedgerDraft(**{**defaults, **facts}, version=version, replaced=replaced)


def a_rollout_end(version: str = "2", replaced: str = "1", minutes: int = 0, **facts: Any) -> LedgerDraft:
    """Return the promotion of version 2 by a rollout."""
    ended = {"event": "promoted", "challenger": "2", "rollout": "20261128T090412Z-2", "plan": {"steps": [1, 5.5]}}
    return a_draft(
        version, replaced, minutes, **{**ended, "counts": {"pairs": 7}, "verdicts": {"failures": "pass"}, **facts}
    )


def chained(*drafts: LedgerDraft) -> tuple[tuple[LedgerEntry, ...], tuple[str, ...], LedgerHead]:
    """Return the entries, their lines, and the head."""
    entries, head = [], LedgerHead()
    for draft in drafts:
        entries.append(head.next(draft))
        head = LedgerHead.of(entries[-1])
    return tuple(entries), tuple(map(to_line, entries)), head
