"""Command `endeavour rollout history`: lists the ends of rollouts."""

import click

from domain.delivery.ledger import LedgerEntry
from domain.delivery.rollout import Outcome
from entrypoints.cli.output import as_json, in_columns, moment, show
from entrypoints.container import Container

HEADER = ("ended", "rollout", "outcome", "in production", "answers by the challenger", "ended by", "why")


@click.command()
@as_json
@click.pass_obj
def history(container: Container, /, as_json: bool) -> None:
    """List the ends of rollouts, oldest first; with --json, with their plans, counts and verdicts."""
    ends = [entry for entry in container.ledger().entries() if entry.event in tuple(Outcome)]
    text = in_columns([HEADER, *map(_row, ends)]) if ends else "no rollout has ended yet"
    show(as_json, list(map(_facts, ends)), text)


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    answers = f"{sum(entry.counts.get(name, 0) for name in ('answers_candidate', 'entity_answers')):,}"
    return moment(entry.at), entry.rollout, entry.event, entry.version, answers, entry.actor, entry.why


def _facts(entry: LedgerEntry) -> dict[str, object]:
    named = {"ended": entry.at, "outcome": entry.event, "in_production": entry.version, "by": entry.actor}
    same = ("rollout", "challenger", "why", "plan", "counts", "verdicts")
    return {**named, **{name: getattr(entry, name) for name in same}}
