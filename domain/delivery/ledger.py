"""Ledger: changes of champion and ends of rollouts as lines, each with the hash of the line before it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal, Self, get_args

from domain.data.plain_values import require_count, require_fields, require_mapping, require_moment, require_text
from domain.data.short_text import short_plain_text

SCHEMA = 1
UNKNOWN = "unknown"
"""Actor of a change that was found in the history of the store."""
START = "0" * 64
"""Hash before the first entry."""
# A promotion takes some 400 characters, the end of a rollout some 5,000, and that of one whose texts are emoji 50,000.
MAX_LINE_CHARACTERS = 60_000
MAX_TEXT_CHARACTERS = 400
_HEAD = re.compile(r"(0|[1-9][0-9]{0,8}) ([0-9a-f]{64})", re.ASCII)

Event = Literal["promote", "rollback", "promoted", "aborted", "superseded", "refused"]
"""By hand or by a training: the first two; then the ends of a rollout, and an order that the controller refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDraft:
    """Facts of one entry, before it has a place in the ledger.

    Parameters
    ----------
    at : datetime
        Of the event, kept in UTC.
    actor : str
        User and host, or the run of a training; `UNKNOWN` if the change was found in the history.
    event : Event
    version : str
        In production after the event.
    replaced : str or None
        In production before it; equal to `version` if the champion stays.
    challenger : str
        Of the rollout, or the version that a refused order names; otherwise empty.
    rollout : str
        Its id.
    plan, counts, verdicts : mapping
        Plain values of the rollout; `verdicts` also hold its orders and transitions, or the refused order.
    why : str
        One sentence. A text of more than 400 characters is cut, and control characters are escaped.
    """

    at: datetime
    actor: str
    event: Event
    version: str
    replaced: str | None
    challenger: str = ""
    rollout: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        for name in ("actor", "why"):
            object.__setattr__(self, name, short_plain_text(getattr(self, name), MAX_TEXT_CHARACTERS))

    @property
    def changes_champion(self) -> bool:
        """Whether the champion changed by this event; a superseded rollout follows a change that has its own entry."""
        return self.event not in ("superseded", "refused") and self.version != self.replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry(LedgerDraft):
    """A draft with its number, which counts from 1, and the hash of the entry before it."""

    number: int
    previous: str


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """Number and hash of the last entry; those of an empty ledger by default."""

    number: int = 0
    hash: str = START

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        """Return the head of a ledger that ends with `entry`."""
        return cls(entry.number, line_hash(to_line(entry)))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the head; raise `ValueError` if the text differs from what `to_text` writes."""
        found = _HEAD.fullmatch(text)
        if found is None:
            raise ValueError("not the head of a ledger")
        return cls(int(found[1]), found[2])

    def to_text(self) -> str:
        """Return number and hash."""
        return f"{self.number} {self.hash}"

    def next(self, draft: LedgerDraft) -> LedgerEntry:
        """Return the entry that follows."""
        facts = {name.name: getattr(draft, name.name) for name in fields(LedgerDraft)}
        return LedgerEntry(number=self.number + 1, previous=self.hash, **facts)


def line_hash(line: str) -> str:
    """Return the sha256 of a line, in hexadecimal."""
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


def to_line(entry: LedgerEntry) -> str:
    """Return the entry as ASCII JSON with sorted keys, without a line break.

    Raises
    ------
    ValueError
        If the plain values hold a number that is not finite, or the line more than `MAX_LINE_CHARACTERS`.
    """
    values = {name.name: getattr(entry, name.name) for name in fields(LedgerEntry)}
    values |= {"schema": SCHEMA, "at": entry.at.isoformat()}
    line = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(line) > MAX_LINE_CHARACTERS:
        raise ValueError(f"an entry of the ledger has more than {MAX_LINE_CHARACTERS} characters")
    return line


def from_line(line: str) -> LedgerEntry:
    """Return the entry; raise `ValueError` if the line differs from what `to_line` writes."""
    if len(line) > MAX_LINE_CHARACTERS:
        raise ValueError(f"the line has more than {MAX_LINE_CHARACTERS} characters")
    try:
        values = dict(require_fields(json.loads(line), "schema", *_READ))
        values.pop("schema")
        entry = LedgerEntry(**{name: read(values[name]) for name, read in _READ.items()})
    except RecursionError as error:
        raise ValueError("the line is nested too deeply") from error
    if to_line(entry) != line:
        raise ValueError("the line is not as Endeavour writes it")
    return entry


def readable(lines: Sequence[str]) -> tuple[LedgerEntry, ...]:
    """Return the entries of those lines that are sound, by number."""
    entries = []
    for line in lines:
        try:
            entries.append(from_line(line))
        except ValueError:
            continue
    return tuple(sorted(entries, key=lambda entry: entry.number))


def head_or_start(text: str | None) -> LedgerHead:
    """Return the head in `text`, that of an empty ledger if there is none or a damaged one."""
    try:
        return LedgerHead.from_text(text or "")
    except ValueError:
        return LedgerHead()


def last_head(head: LedgerHead, lines: Sequence[str]) -> LedgerHead:
    """Return `head`, or that of the last sound line if this is later because the head could not be written."""
    return max((head, *map(LedgerHead.of, readable(lines))), key=lambda each: each.number)


def _event(value: object) -> object:
    if value not in get_args(Event):
        raise ValueError("not an event of a ledger")
    return value


_READ: Mapping[str, Any] = {
    **dict.fromkeys(("actor", "version", "challenger", "rollout", "why", "previous"), require_text),
    **dict.fromkeys(("plan", "counts", "verdicts"), require_mapping),
    "at": require_moment,
    "event": _event,
    "replaced": lambda value: None if value is None else require_text(value),
    "number": require_count,
}
