"""`python -m benchmarks.learning`: measure, compare with what is asked for, and write the page if told to."""

import sys

import click

from benchmarks.learning import page
from benchmarks.learning.environment import environment, load_average
from benchmarks.learning.markdown import contests_table, findings_table, table
from benchmarks.learning.measurements import measure
from benchmarks.learning.scale import FULL, QUICK


@click.command()
@click.option("--quick", is_flag=True, help="Measure small tables, in seconds, and judge nothing.")
@click.option("--write", is_flag=True, help="Write docs/benchmarks.md.")
def main(*, quick: bool, write: bool) -> None:
    """Measure the learner beside others; end with 1 if a bar is missed."""
    if quick and write:
        raise click.UsageError("the page holds the full measurements: --write goes without --quick")
    scale, before = QUICK if quick else FULL, load_average()
    found = measure(scale, lambda work: click.echo(f"measuring {work}", err=True))
    facts = {**environment(), "load average before": before, "load average after": load_average()}
    click.echo(findings_table(found.findings, judged=not quick))
    click.echo(f"\none BLAS thread\n\n{contests_table(found.one_thread)}")
    click.echo(f"\ndefault number of BLAS threads\n\n{contests_table([found.default_threads])}")
    click.echo(f"\n{table(('what', 'which'), list(facts.items()))}")
    if write:
        page.write(found, facts, scale.group_rows)
    if found.missed and not quick:
        click.echo(f"\n{len(found.missed)} missed", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
