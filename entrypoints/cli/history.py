"""Command `endeavour history`: prints changes of champion and ends of rollouts, or the champion of a moment."""

from datetime import UTC, datetime
from typing import Any

import click

from domain.delivery.ledger import LedgerDraft, LedgerEntry
from domain.delivery.ledger_history import champion_at
from entrypoints.cli.output import as_json, in_columns, moment, place_of, show
from entrypoints.container import Container

HEADER = ("entry", "time", "event", "in production", "before", "by", "why")


def _time(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise click.BadParameter("write a time such as 2026-11-01T12:00Z; without a zone it is UTC") from error
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


@click.command()
@click.option("--at", metavar="TIME", callback=_time, help="Print the version in production at this time only.")
@as_json
@click.pass_obj
def history(container: Container, /, at: datetime | None, as_json: bool) -> None:
    """List promotions, rollbacks, ends of rollouts and refused orders: who, when, what and why.

    A change without a number has no entry in the ledger yet. `endeavour audit verify` examines the ledger.
    """
    changes = container.read_history()()
    if at:
        version, change = champion_at(changes, at)
        facts = {"at": at.isoformat(), "version": version, "change": change and entry_facts(change)}
        show(as_json, facts, _answer(version, change))
    else:
        none = f"no promotions yet in {place_of(container.settings())}; `endeavour train` makes the first"
        text = in_columns([HEADER, *map(_row, changes)]) if changes else none
        show(as_json, list(map(entry_facts, changes)), text)


def entry_facts(change: LedgerDraft) -> dict[str, Any]:
    """Return the plain values of an entry; a change without an entry has no number."""
    names = [name for name in LedgerDraft.__slots__ if name != "at"]
    number = change.number if isinstance(change, LedgerEntry) else None
    return {"number": number, "at": change.at.isoformat(), **{name: getattr(change, name) for name in names}}


def _row(change: LedgerDraft) -> tuple[str, ...]:
    number = str(change.number) if isinstance(change, LedgerEntry) else ""
    event = f"rollout of {change.challenger} {change.event}" if change.rollout else change.event
    return number, moment(change.at), event, change.version, change.replaced or "", change.actor, change.why


def _answer(version: str | None, change: LedgerDraft | None) -> str:
    if version is None:
        return "nothing was in production"
    if change is None:
        return f"version {version}, since before the first entry"
    return f"version {version}, since {moment(change.at)}: {change.event} by {change.actor}: {change.why}"
