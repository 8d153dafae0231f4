"""Command `endeavour train`: trains a model, and prints the outcome."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, get_args

import click

from application.training.train_model import TrainingOutcome
from domain.learning.terms.choice import Terms
from domain.ports import DatasetSource
from entrypoints import garbage_collector
from entrypoints.cli.cluster_name import validated_cluster
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.output import as_json, echo, in_columns, place_of, show
from entrypoints.cli.progress import shown_progress
from entrypoints.cli.train_options import training_plan
from entrypoints.cli.training_summary import column_lines, summary
from entrypoints.container import Container
from entrypoints.git_revision import code_revision


@click.command()
@click.option(
    "--data",
    metavar="PLACE",
    help="A CSV or Parquet file, a folder of them, or a pattern like 'data/*.parquet'; also s3://, gs:// and abfs://.  "
    "[default: the diabetes data]",
)
@click.option("--target", help="Column to predict.  [default with --data: the column `target` or `y`]")
@click.option(
    "--features", help="Columns to predict from, as a,b,c.  [default: all that suit; of the diabetes data, bmi]"
)
@click.option("--exclude", metavar="COLUMNS", help="Columns to leave out, as a,b,c.")
@click.option(
    "--as", "kinds", metavar="KIND:COLUMN,…", help="Kinds that are not to be inferred, as category:zip,number:grade."
)
@click.option(
    "--holdout",
    metavar="ROWS|FRACTION|FILES",
    help="Held-out rows: 20 is the last 20, 0.2 a fifth, 'data/2026-*.parquet' those of the files.  "
    "[default: 0.2; of the diabetes data, 20]",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the held-out rows, the sample and the order."
)
@click.option(
    "--terms",
    type=click.Choice(get_args(Terms)),
    help="Terms of the columns; auto compares them by cross-validation.  [default: auto; of the diabetes data, linear]",
)
@click.option(
    "--penalty",
    metavar="auto|NUMBER",
    help="Ridge penalty on standardized terms; 0 is plain least squares.  [default: auto; of the diabetes data, 0]",
)
@click.option("--log-target", is_flag=True, help="Fit the logarithm of a positive target.")
@click.option("--na", metavar="TEXTS", help="Texts of an empty cell, as a,b,c.  [default: NA, N/A, NaN, null, …]")
@click.option("--encoding", help="Encoding of CSV files.  [default: utf-8]")
@click.option("--learning-rate", type=float, help="Step of plain gradient descent, without a certificate.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Rows per step.  [default: as many as the cache holds]")
@click.option("--max-passes", type=click.IntRange(min=1), help="Passes over the data, at most.  [default: 30]")
@click.option(
    "--tol", type=float, help="Relative excess loss at which the certificate ends the training.  [default: 1e-6]"
)
@click.option(
    "--dask",
    metavar="CLUSTER",
    callback=validated_cluster,
    help="Dask cluster that reads Parquet files: local:4 starts 4 workers here, tls://HOST:PORT is a scheduler.  "
    "[default: ENDEAVOUR_DASK]",
)
@click.option("--verbose", is_flag=True, help="Print the address of the cluster's dashboard.")
@click.option("--textbook", is_flag=True, help="Plain gradient descent: rate 0.1, 15,000 full batches.")
@click.option("--dry-run", is_flag=True, help="Validate data and options, print the plan, and write nothing.")
@as_json
@click.pass_obj
def train(container: Container, /, dask: str | None, verbose: bool, **options: Any) -> None:
    """Train a model, track the run, and promote the model if the promotion policy prefers it.

    Without options: the diabetes data, from bmi, scored on the last 20 rows.

    \b
    Examples:
      endeavour train
      endeavour train --data houses.csv --target price --holdout 0.2 --seed 7
      endeavour train --data 'data/*.parquet' --target price --exclude id,notes --as category:zip
      endeavour train --data 'data/*.parquet' --target price --dask local:4
    """
    with container.dask_cluster(dask or container.settings().dask, _print_dashboard if verbose else None) as cluster:
        _train(container, partial(container.dataset_source, cluster=cluster), **options)


def _print_dashboard(address: str | None) -> None:
    echo(f"endeavour: dashboard: {address or 'the scheduler has none'}", err=True)


def _train(
    container: Container, source_of: Callable[..., DatasetSource], as_json: bool, dry_run: bool, **options: Any
) -> None:
    settings = container.settings()
    plan, source = training_plan(source_of, **options)
    train_model = container.train_model(source=source, code_revision=code_revision(settings.code_revision))
    garbage_collector.start()
    if dry_run:
        prepared = train_model.prepare(plan)
        split = prepared.split
        facts: dict[str, object] = {
            **prepared.settings,
            "train_rows": len(split.train),
            "holdout_rows": len(split.test),
        }
        encoding = prepared.choice.encoding
        facts["left_out"] = {column.name: column.reason for column in encoding.left_out}
        rows = [(name, str(value)) for name, value in facts.items() if name != "left_out" and value is not None]
        columns = column_lines(encoding, plan.target, prepared.notes)
        show(as_json, facts, in_columns([*rows, *columns, ("store", f"{place_of(settings)}: nothing was written")]))
        return
    with shown_progress() as on_progress:
        outcome = train_model(plan, on_progress)
    show(as_json, _facts(outcome), in_columns(summary(outcome)))
    if outcome.training.fit.report.warning:
        echo(f"endeavour: {outcome.training.fit.report.warning}", err=True)
    if outcome.unavailable:
        again = "" if outcome.unavailable.remedy else ": train again later"
        kept = f"everything is kept under {settings.data_dir}{again}"
        done = f"version {outcome.version.name} is registered and judged, but the record of its run is incomplete"
        echo(f"endeavour: {outcome.unavailable}; {kept if outcome.kept_locally else done}", err=True)
        raise click.exceptions.Exit(ExitCode.from_error(outcome.unavailable))


def _facts(outcome: TrainingOutcome) -> dict[str, object]:
    model, report = outcome.version.model, outcome.training.fit.report
    return {
        "version": outcome.version.name,
        "run_id": outcome.run_id,
        "promoted": outcome.decision.promote,
        "rollout": outcome.decision.rollout,
        "reasons": outcome.decision.reasons,
        "scores": outcome.training.scores.as_dict(),
        "score_intervals": outcome.training.intervals,
        "features": model.encoding.kinds,
        "left_out": {column.name: column.reason for column in model.encoding.left_out},
        "notes": outcome.training.notes,
        "warnings": outcome.training.warnings,
        "candidates": list(map(asdict, outcome.training.candidates)),
        "penalty": outcome.training.settings["penalty"],
        "importance": {each.name: each.spread for each in outcome.training.importances},
        "intercept": model.intercept,
        "coefficients": dict(zip(model.term_names, model.coefficients.tolist(), strict=True)),
        "fit": report.metrics(),
        "relative_excess_loss": report.relative_excess_loss,
        "stop_reason": report.stop_reason,
        "warning": report.warning,
        "kept_locally": outcome.kept_locally,
    }
