"""Commands `endeavour models`, `promote` and `rollback`."""

import click

from application.promotion.list_models import ListedModel
from domain.model.serialization import to_record
from domain.promotion.history import PromotionHistory
from entrypoints.cli.output import as_json, in_columns, moment, place_of, show
from entrypoints.container import Container

HEADER = ("version", "", "R²", "RMSE", "features", "trained", "run")
MAX_FEATURE_CHARACTERS = 60

why = click.option("--why", metavar="TEXT", default="by hand", show_default=True, help="Reason, for the ledger.")


@click.command()
@as_json
@click.pass_obj
def models(container: Container, /, as_json: bool) -> None:
    """List the model versions and their roles."""
    listed = container.list_models()()
    none = f"no models yet in {place_of(container.settings())}; `endeavour train` makes one"
    show(as_json, [_facts(model) for model in listed], in_columns([HEADER, *map(_row, listed)]) if listed else none)


@click.command()
@click.argument("version")
@click.option("--allow-feature-change", is_flag=True, help="Clients send the new features from now on.")
@why
@as_json
@click.pass_obj
def promote(container: Container, /, version: str, why: str, allow_feature_change: bool, as_json: bool) -> None:
    """Promote VERSION by hand, without the promotion policy. `endeavour models` lists the versions.

    A version with other features than the champion's, or the same in another order, breaks clients that send the old
    ones: it needs --allow-feature-change.
    """
    _show_history(container.promote_model()(version, why, feature_change_approved=allow_feature_change), as_json)


@click.command()
@why
@as_json
@click.pass_obj
def rollback(container: Container, /, why: str, as_json: bool) -> None:
    """Promote the previous version again, with any features; a second rollback goes further back."""
    _show_history(container.roll_back()(why), as_json)


def _facts(model: ListedModel) -> dict[str, object]:
    if model.version is None:
        return {"role": model.role, "problem": model.problem, "name": model.name}
    return {"role": model.role, "features": model.version.model.feature_names, **to_record(model.version)}


def _row(model: ListedModel) -> tuple[str, ...]:
    if model.version is None:
        return model.name, model.role, "", "", f"broken: {model.problem}", "", ""
    lineage, features = model.version.lineage, ", ".join(model.version.model.feature_names)
    shown = features if len(features) <= MAX_FEATURE_CHARACTERS else f"{features[:MAX_FEATURE_CHARACTERS]}…"
    scores = (f"{lineage.scores.r2:.4f}", f"{lineage.scores.rmse:.6g}")
    return model.name, model.role, *scores, shown, moment(lineage.created_at), lineage.run_id


def _show_history(history: PromotionHistory, as_json: bool) -> None:
    champion, previous = history.champion, history.previous
    text = f"in production: {champion}; before it: {previous or 'nothing'}"
    show(as_json, {"champion": champion, "previous": previous}, text)
