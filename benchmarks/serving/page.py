"""The part of docs/benchmarks.md on the server: what was measured, and the tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.learning.markdown import findings_table, table
from benchmarks.serving.beside_others import OURS, Beside
from benchmarks.serving.contest import Rates
from benchmarks.serving.measurements import Measurements
from benchmarks.serving.scale import Scale
from benchmarks.serving.section import PAGE, replaced

TEXT = Path(__file__).with_name("page.md")


def write(found: Measurements, facts: Mapping[str, str], scale: Scale) -> None:
    """Write the part, and leave the others as they are."""
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), part(found, facts, scale)), encoding="utf-8")


def part(found: Measurements, facts: Mapping[str, str], scale: Scale) -> str:
    """Return the part as Markdown, one sentence a line."""
    return TEXT.read_text(encoding="utf-8").format(
        connections=scale.connections,
        runs=scale.runs,
        seconds=scale.seconds,
        findings=findings_table(found.findings, judged=True),
        servers=servers_tables(found.contests, scale),
        environment=table(("what", "which"), list(facts.items())),
    )


def servers_tables(contests: Sequence[Beside], scale: Scale) -> str:
    """Return a table for each model and kind of request, under a heading."""
    return "\n\n".join(
        f"### All servers, {found.name}, {kind}\n\n{servers_table(rates, found.memory)}"
        for found in contests
        for kind, rates in (("one record a request", found.one), (f"{scale.rows:,} rows a request", found.many))
    )


def servers_table(rates: Rates, memory: Mapping[str, float]) -> str:
    """Return the rates and costs of all servers over those of Endeavour."""
    ours = rates[OURS]
    header = ("server", "requests a second", "÷ Endeavour", "cost of an answer", "÷ Endeavour", "memory, all processes")
    rows = [
        (
            name,
            f"{turns.rate:,.0f}",
            f"{turns.rate / ours.rate:.3g}",
            f"{turns.cost * 1e6:,.0f} µs",
            f"{turns.cost / ours.cost:.3g}",
            f"{memory[name]:.0f} MB",
        )
        for name, turns in sorted(rates.items(), key=lambda pair: -pair[1].rate)
    ]
    return table(header, rows)
