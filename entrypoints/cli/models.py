"""`endeavour models`."""

import click

from application.list_models import ListedModel
from domain.record import to_record
from entrypoints.cli.output import as_json, echo, moment, show_json, show_table
from entrypoints.container import Container
from entrypoints.settings import Settings

SHOWN_FEATURES = 60


@click.command()
@as_json
@click.pass_obj
def models(container: Container, /, as_json: bool) -> None:
    """List the model versions, and say which is in production."""
    listed = container.list_models()()
    if as_json:
        show_json([_facts(model) for model in listed])
    elif listed:
        show_table(("version", "", "R²", "RMSE", "features", "trained", "run"), [_row(model) for model in listed])
    else:
        echo(f"no models yet in {_place(container.settings())}; `endeavour train` makes one")


def _place(settings: Settings) -> str:
    if settings.store == "mlflow":
        return f"{settings.tracking_uri} under the name {settings.model_name}"
    return str(settings.artifacts)


def _facts(model: ListedModel) -> dict[str, object]:
    record = to_record(model.version) if model.version else {"name": model.name}
    return {"standing": model.standing, "problem": model.problem, **record}


def _row(model: ListedModel) -> tuple[str, ...]:
    if model.version is None:
        return model.name, model.standing, "", "", f"broken: {model.problem}", "", ""
    lineage, features = model.version.lineage, ", ".join(model.version.model.feature_names)
    shown = features if len(features) <= SHOWN_FEATURES else f"{features[:SHOWN_FEATURES]}…"
    scores = lineage.scores
    return (
        model.name,
        model.standing,
        f"{scores.r2:.4f}",
        f"{scores.rmse:.6g}",
        shown,
        moment(lineage.created_at),
        lineage.run_id,
    )
