"""Command `endeavour drift`: compares rows with the training rows of a version."""

from datetime import UTC, datetime

import click

from application.monitoring.compare_replicas import ReplicasCompared
from domain.monitoring.column_drift import ColumnDrift
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.replica_drift import ReplicaDrift
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.key_file import with_key
from entrypoints.cli.name_list import names_of
from entrypoints.cli.output import as_json, in_columns, moment, show
from entrypoints.cli.progress import shown_scoring
from entrypoints.container import Container
from entrypoints.web.wire.drift import drift_facts

HEADER = ("column", "PSI", "expected", "verdict", "what changed")


@click.command()
@click.option(
    "--data",
    metavar="PLACE",
    help="CSV or Parquet file, folder, or pattern like 'data/*.parquet', to compare; also s3://, gs:// and abfs://.  "
    "[default: the rows that servers have answered]",
)
@click.option("--version", help="Compare with the training rows of this version.  [default: the one in production]")
@click.option("--na", metavar="TEXTS", help="Texts of an empty cell, as a,b,c.  [default: NA, N/A, NaN, null, …]")
@click.option("--encoding", help="Encoding of CSV files.  [default: utf-8]")
@with_key
@as_json
@click.pass_obj
@click.pass_context
def drift(
    context: click.Context,
    container: Container,
    /,
    data: str | None,
    version: str | None,
    key: str,
    as_json: bool,
    **options: str | None,
) -> None:
    """Compare rows with the training rows of a version, column by column.

    A column has drifted if its rows are sure to differ from the training rows, and differ by much: the exit code is
    then 5. The population stability index (PSI) measures by how much.

    With --data, the rows are those of a table, and no server is needed. Without it, they are a sample of what the
    servers in ENDEAVOUR_REPLICAS, or the one of this host, have answered; a server with keys asks for one of the role
    metrics.
    """
    if data is None:
        if named := [name for name, value in options.items() if value is not None]:
            raise click.UsageError(f"--{named[0]} goes with --data")
        compared = container.compare_replicas(drifts=container.replica_drifts(key=key))(version)
        report = compared.report
        show(as_json, _facts_of_servers(compared), _text(report, list(map(_of_replica, compared.replicas))))
    else:
        if key:
            raise click.UsageError("--key-file goes without --data")
        report = _of_table(container, data, version, **options)
        show(as_json, drift_facts(report), _text(report))
    if report.drifted:
        context.exit(ExitCode.DRIFTED)


def _of_table(
    container: Container, data: str, version: str | None, *, na: str | None, encoding: str | None
) -> DriftReport:
    given = {"na": None if na is None else names_of(na, "--na"), "encoding": encoding}
    counter = container.table_counter(data, **{name: value for name, value in given.items() if value is not None})
    with shown_scoring() as on_progress:
        report: DriftReport = container.compare_table(counter=counter)(version, on_progress)
    return report


def _facts_of_servers(compared: ReplicasCompared) -> dict[str, object]:
    replicas = [
        {"name": each.name, "rows": each.window.rows if each.window else 0, "problem": each.problem}
        for each in compared.replicas
    ]
    return {**drift_facts(compared.report), "replicas": replicas}


def _text(report: DriftReport, replicas: list[tuple[str, str]] | None = None) -> str:
    """Return the report as a summary and a table."""
    since = f" since {moment(datetime.fromtimestamp(report.window.since, UTC))}" if report.window else ""
    lines = [
        ("version", f"{report.version}, with {report.training_rows:,} of its training rows"),
        *(replicas or []),
        ("compared", f"{report.rows:,} rows{since}" if report.rows else "no rows yet"),
    ]
    if report.rows:
        lines.append(("drifted", ", ".join(report.drifted) or "no column"))
    if report.unusable:
        cells = ", ".join(f"{name} {count:,}" for name, count in report.unusable.items())
        lines.append(("unusable", f"cells that count as empty: {cells}"))
    return f"{in_columns(lines)}\n\n{in_columns([HEADER, *map(_row, report.columns)])}"


def _of_replica(replica: ReplicaDrift) -> tuple[str, str]:
    if replica.problem:
        return "server", f"{replica.name}: not read: {replica.problem}"
    if replica.window is None:
        return "server", f"{replica.name}: no rows"
    return "server", f"{replica.name}: {replica.window.rows:,} rows of version {replica.window.version}"


def _row(drift: ColumnDrift) -> tuple[str, ...]:
    change = drift.change.text if drift.is_sure else ""
    return drift.name, f"{drift.index:.3f}", f"{drift.expected_index:.3f}", drift.verdict, change
