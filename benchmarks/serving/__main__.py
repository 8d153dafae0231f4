"""`python -m benchmarks.serving`: measure, compare with what is asked for, and write the page if told to."""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.learning.environment import load_average
from benchmarks.learning.markdown import findings_table, table
from benchmarks.serving import page
from benchmarks.serving.environment import environment
from benchmarks.serving.measurements import measure
from benchmarks.serving.scale import FULL, QUICK
from benchmarks.serving.virtual_environments import MLSERVER


@click.command()
@click.option("--quick", is_flag=True, help="Measure for seconds, and judge nothing.")
@click.option("--runs", type=click.IntRange(1), help="Turns of each server.")
@click.option("--without-mlserver", is_flag=True, help="Do not install and measure MLServer.")
@click.option("--write", is_flag=True, help="Write the part of docs/benchmarks.md.")
def main(*, quick: bool, runs: int | None, without_mlserver: bool, write: bool) -> None:
    """Measure the server beside others; end with 1 if a bar is missed."""
    if write and (quick or without_mlserver):
        raise click.UsageError("the page holds the full measurements: --write goes with neither of the others")
    scale = QUICK if quick else FULL
    scale, before = replace(scale, runs=runs or scale.runs), load_average()
    with TemporaryDirectory(prefix="bench-serving-") as folder:
        found = measure(
            scale,
            Path(folder),
            lambda work: click.echo(f"measuring {work}", err=True),
            with_mlserver=not without_mlserver,
        )
    averages = {"load average before": before, "load average after": load_average()}
    facts = {**environment(), "MLServer": MLSERVER.pinned("mlserver"), **found.contests[0].facts, **averages}
    click.echo(findings_table(found.findings, judged=not quick))
    click.echo(f"\n{page.servers_tables(found.contests, scale)}")
    click.echo(f"\n{table(('what', 'which'), list(facts.items()))}")
    if write:
        page.write(found, facts, scale)
    if found.missed and not quick:
        click.echo(f"\n{len(found.missed)} missed", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
