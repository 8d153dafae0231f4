"""Command `endeavour drift`: compares rows with the training rows of a version."""

import click

from domain.monitoring.drift import ColumnDrift
from domain.monitoring.drift_report import DriftReport
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.name_list import names_of
from entrypoints.cli.output import as_json, in_columns, show
from entrypoints.cli.progress import shown_scoring
from entrypoints.container import Container
from entrypoints.web.wire.drift import drift_facts

HEADER = ("column", "PSI", "expected", "verdict", "what changed")


@click.command()
@click.option(
    "--data",
    metavar="PLACE",
    required=True,
    help="CSV or Parquet file, folder, or pattern like 'data/*.parquet', to compare; also s3://, gs:// and abfs://.",
)
@click.option("--version", help="Compare with the training rows of this version.  [default: the one in production]")
@click.option("--na", metavar="TEXTS", help="Texts of an empty cell, as a,b,c.  [default: NA, N/A, NaN, null, …]")
@click.option("--encoding", help="Encoding of CSV files.  [default: utf-8]")
@as_json
@click.pass_obj
@click.pass_context
def drift(
    context: click.Context,
    container: Container,
    /,
    data: str,
    version: str | None,
    na: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Compare a table with the training rows of a version, column by column, without a server.

    A column has drifted if its rows are sure to differ from the training rows, and differ by much: the exit code is
    then 5. The population stability index (PSI) measures by how much.
    """
    given = {"na": None if na is None else names_of(na, "--na"), "encoding": encoding}
    counter = container.table_counter(data, **{name: value for name, value in given.items() if value is not None})
    with shown_scoring() as on_progress:
        report = container.compare_table(counter=counter)(version, on_progress)
    show(as_json, drift_facts(report), in_text(report))
    if report.drifted:
        context.exit(ExitCode.DRIFTED)


def in_text(report: DriftReport) -> str:
    """Return the report as a summary and a table."""
    lines = [
        ("version", f"{report.version}, with {report.training_rows:,} of its training rows"),
        ("compared", f"{report.rows:,} rows"),
        ("drifted", ", ".join(report.drifted) or "no column"),
    ]
    if report.unusable:
        cells = ", ".join(f"{name} {count:,}" for name, count in report.unusable.items())
        lines.append(("unusable", f"cells that count as empty: {cells}"))
    return f"{in_columns(lines)}\n\n{in_columns([HEADER, *map(_row, report.columns)])}"


def _row(drift: ColumnDrift) -> tuple[str, ...]:
    change = drift.change.text if drift.is_sure else ""
    return drift.name, f"{drift.index:.3f}", f"{drift.expected_index:.3f}", drift.verdict, change
