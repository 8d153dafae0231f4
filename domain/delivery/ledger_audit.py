"""Ledger audit: finds entries that were changed, removed, reordered or added, and contradictions to other records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.delivery.ledger import LedgerEntry, LedgerHead, from_line, line_hash
from domain.delivery.ledger_history import changes, missing_changes
from domain.promotion.history import PromotionHistory

# The entry of a line and the hash of the line; none of a damaged line.
Found = tuple[LedgerEntry | None, str]


def chain_problems(lines: Sequence[str], head: LedgerHead) -> tuple[str, ...]:
    """Return what is wrong with the lines, in their order, or with the head; nothing if the ledger is whole.

    An entry that follows the head is sound, because the program may end between the two writes.
    """
    found = tuple(map(_read, lines))
    return (*_line_problems(found), *_head_problems(found, head))


def witness_problems(lines: Sequence[str], witnesses: Mapping[str, LedgerHead]) -> tuple[str, ...]:
    """Return the contradictions between the lines and the heads that hosts have seen, by the host's name."""
    heads = _heads(map(_read, lines))
    return tuple(
        f"{name} has seen an entry {seen.number} with the hash {seen.hash[:12]}…, which the ledger does not have"
        for name, seen in witnesses.items()
        if seen != LedgerHead() and heads.get(seen.number) != seen.hash
    )


def history_problems(entries: Sequence[LedgerEntry], history: PromotionHistory) -> tuple[str, ...]:
    """Return the contradictions between the ledger and what the store has."""
    missing = missing_changes(entries, history)
    found = [
        f"version {draft.version} replaced {draft.replaced or 'none'} at {draft.at:%Y-%m-%d %H:%M:%S} UTC, "
        "and no entry records it; the next promotion or rollback adds one"
        for draft in missing
    ]
    recorded = changes(entries)
    if not missing and recorded and recorded[-1].version != history.champion:
        found.append(
            f"version {recorded[-1].version} is the champion of the last entry, "
            f"and version {history.champion or 'none'} is in production"
        )
    return tuple(found)


def _read(line: str) -> Found:
    try:
        return from_line(line), line_hash(line)
    except ValueError:
        return None, ""


def _line_problems(lines: Iterable[Found]) -> Iterator[str]:
    number, before = 1, LedgerHead().hash
    for place, (entry, digest) in enumerate(lines, start=1):
        if entry is None:
            yield f"line {place} is no entry: it is damaged or incomplete"
        elif entry.number > number:
            last = entry.number - 1
            missing = f"entry {number} is" if number == last else f"entries {number} to {last} are"
            yield f"{missing} missing before entry {entry.number}"
        elif entry.number < number:
            yield f"entry {entry.number} is out of order on line {place}, or there twice"
        elif before and entry.previous != before:
            yield f"entry {entry.number} does not follow the entry before it: one of the two was changed"
        number, before = (entry.number if entry else number) + 1, digest


def _head_problems(lines: Iterable[Found], head: LedgerHead) -> Iterator[str]:
    heads = {0: LedgerHead().hash, **_heads(lines)}
    last = max(heads)
    if head.number > last:
        yield f"the ledger ends with entry {last}, and its head names entry {head.number}: later entries are missing"
    elif heads.get(head.number) != head.hash:
        yield f"entry {head.number} is not the one that the head names: one of the two was changed"
    elif head.number < last - 1:
        yield f"the head of the ledger names entry {head.number}, and there are entries up to {last}"


def _heads(lines: Iterable[Found]) -> dict[int, str]:
    return {entry.number: digest for entry, digest in lines if entry}
