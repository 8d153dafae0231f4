"""`endeavour train`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from application.train_model import TrainingOutcome
from domain.sgd import OnEpoch, Scaling, Schedule
from entrypoints.cli.output import as_json, show_facts, show_json
from entrypoints.cli.plan import Words
from entrypoints.container import Container
from entrypoints.revision import code_revision
from entrypoints.signals import refuse_to_go_on

INCOMPLETE = 3


class HoldOutText(click.ParamType[str]):
    """A number of last rows (`20`) or a fraction of random rows (`0.2`)."""

    name = "rows|fraction"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text if it is one of the two."""
        try:
            float(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of rows like 20 nor a fraction like 0.2", param, ctx)
        return str(value)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="CSV file with a header.  [default: the diabetes data]")
@click.option("--target", help="Column to predict; needed with --data.")
@click.option("--features", help="Columns to predict from, as a,b,c.  [default: all others; of the diabetes data, bmi]")
@click.option(
    "--holdout",
    type=HoldOutText(),
    help="Rows to judge by: 20 is the last 20, 0.2 a fifth.  [default: 0.2; of the diabetes data, 20]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the fraction held out, and the order of rows.")
@click.option(
    "--learning-rate",
    type=float,
    help="Step size; whitened, it shapes the path only.  [default: from batch and features]",
)
@click.option("--schedule", type=click.Choice(get_args(Schedule)), help="How the rate falls.  [default: step_decay]")
@click.option("--batch-size", type=click.IntRange(min=0), help="Rows a step; 0 takes all rows in each.  [default: 32]")
@click.option("--epochs", type=click.IntRange(min=1), help="Readings of the data at most.  [default: 100]")
@click.option("--tolerance", type=float, help="Relative excess loss to stop at.  [default: 1e-14]")
@click.option("--scaling", type=click.Choice(get_args(Scaling)), help="Of the features.  [default: whiten]")
@click.option("--textbook", is_flag=True, help="Plain gradient descent: rate 0.1, 15,000 full batches, no scaling.")
@as_json
@click.pass_obj
def train(
    container: Container,
    /,
    data: Path | None,
    target: str | None,
    features: str | None,
    holdout: str | None,
    seed: int,
    textbook: bool,
    as_json: bool,
    **learner: Any,
) -> None:
    """Train a model, track the run, and promote it if the policy says so.

    Without options: the diabetes data, from bmi, judged on the last 20 rows.

    \b
    Examples:
      endeavour train
      endeavour train --data houses.csv --target price --holdout 0.2 --seed 7
      endeavour train --data houses.csv --target price --features area,rooms
    """
    words = Words(data, target, features, holdout, seed, textbook, learner)
    plan, settings = words.plan(), container.settings()
    train_model = container.train_model(
        source=container.source(words.path), code_revision=code_revision(settings.revision)
    )
    with _progress(plan.learner.epochs) as on_epoch:
        outcome = train_model(plan, on_epoch)
    if as_json:
        show_json(_facts(outcome))
    else:
        show_facts(_summary(outcome))
    if outcome.unavailable:
        kept = f"everything is kept under {settings.artifacts}"
        done = f"version {outcome.version.name} is registered and judged, but the record of its run is incomplete"
        click.echo(f"endeavour: {outcome.unavailable}; {kept if outcome.kept_locally else done}", err=True)
        raise click.exceptions.Exit(INCOMPLETE)


@contextmanager
def _progress(epochs: int) -> Iterator[OnEpoch]:
    """Show a bar on a terminal, and nothing elsewhere; it vanishes at the end."""
    console = Console(stderr=True)
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=epochs, loss="")

        def on_epoch(epoch: int, loss: float) -> None:
            refuse_to_go_on()
            progress.update(task, completed=epoch, loss=f"loss {loss:.6g}")

        yield on_epoch


def _facts(outcome: TrainingOutcome) -> dict[str, object]:
    model, report = outcome.version.model, outcome.training.fit.report
    return {
        "version": outcome.version.name,
        "run_id": outcome.run_id,
        "promoted": outcome.decision.promote,
        "reasons": outcome.decision.reasons,
        "scores": outcome.training.scores.as_dict(),
        "intercept": model.intercept,
        "coefficients": dict(zip(model.feature_names, model.coefficients.tolist(), strict=True)),
        "epochs": report.epochs,
        "stop_reason": report.stop_reason,
        "seconds": report.seconds,
        "kept_locally": outcome.kept_locally,
    }


def _summary(outcome: TrainingOutcome) -> dict[str, str]:
    model, report, scores = outcome.version.model, outcome.training.fit.report, outcome.training.scores
    train_rows, test_rows = len(outcome.training.split.train), len(outcome.training.split.test)
    ended = f"{report.epochs:,} epochs, stopped by {report.stop_reason}, {report.seconds:.2g} s"
    weights = zip(model.coefficients.tolist(), model.feature_names, strict=True)
    terms = "".join(f" {'-' if weight < 0 else '+'} {abs(weight):.6g}·{name}" for weight, name in weights)
    return {
        "model": f"{outcome.version.lineage.target} = {model.intercept:.6g}{terms}",
        "fit": f"{train_rows:,} rows, {ended}",
        "scores": f"R² {scores.r2:.4f}, RMSE {scores.rmse:.6g}, MAE {scores.mae:.6g} on {test_rows:,} held-out rows",
        "version": f"{outcome.version.name} (run {outcome.run_id})",
        "decision": f"{'promoted' if outcome.decision.promote else 'refused'}: {'; '.join(outcome.decision.reasons)}",
    }
