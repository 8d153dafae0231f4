"""Model page: what each column adds to a prediction, how good the model is, and where another version differs."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from application.serving.describe_model import DescribeModel, ModelDescription
from domain.delivery.errors import NoModelLoaded
from domain.model.column_effects import ColumnEffect
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.density import Bins
from entrypoints.web.console.column_cards import ColumnCard, column_card, shown_effect, typical_effect
from entrypoints.web.console.model_facts import ShownScore, difference_lines, facts, formula, run_link, scores
from entrypoints.web.console.page import Page, Query
from entrypoints.web.console.training_bins import training_bins

# Columns with a chart, columns in the list below them, and pairs of columns, at most.
MAX_CHARTS, MAX_LISTED, MAX_PAIRS = 12, 50, 8


@dataclass(frozen=True, slots=True)
class ModelView:
    """View of the page.

    Parameters
    ----------
    title : str
    problem : str
        Why there is no model, empty if there is one; the other fields are then empty.
    described : ModelDescription or None
    roles : tuple of str
        Of the version and of the other one: champion, challenger, or empty.
    query : str
        Of the address, for the same facts as JSON.
    formula : str
        Empty if the model has more than a few terms, or others than plain numbers.
    cards : tuple of ColumnCard
    listed : tuple of (str, str)
        Other columns, and their typical effects.
    more : int
        Columns that are not shown.
    pairs : tuple of (str, str)
        Pairs of columns with products, and their typical effects.
    scores : tuple of ShownScore
    warnings : tuple of (str, tuple of str or None)
        Warnings of the training of each version, by its name; None if it keeps none.
    facts : tuple of (str, str)
    run_link : str
        Address of the run's page in MLflow; empty if it has none.
    difference : tuple of str
        Sentences about the other version.
    changes : tuple of (str, str)
        Columns whose effects differ most, and how far.
    added : tuple of (str, str)
        Columns of the other version alone, and their typical effects.
    is_logarithmic : bool
        Whether effects are percentages of the prediction.
    same_scale : bool
        Whether the effects of both versions are on the same scale; else those of the other one are not drawn.
    """

    title: str
    problem: str = ""
    described: ModelDescription | None = None
    roles: tuple[str, ...] = ()
    query: str = ""
    formula: str = ""
    cards: tuple[ColumnCard, ...] = ()
    listed: tuple[tuple[str, str], ...] = ()
    more: int = 0
    pairs: tuple[tuple[str, str], ...] = ()
    scores: tuple[ShownScore, ...] = ()
    warnings: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    run_link: str = ""
    difference: tuple[str, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    is_logarithmic: bool = False
    same_scale: bool = True


def model_page(describe: DescribeModel, run_pages: str = "") -> Page:
    """Return the page, which links the run to MLflow's pages at the address `run_pages`, if there is one."""

    def view(query: Query) -> ModelView:
        asked = {name: query[name] for name in ("version", "against") if query.get(name)}
        try:
            described = describe(**asked)
            shown = _view(described)
            roles = tuple(describe.role(version) if version else "" for version in (described.version, described.other))
        except NoModelLoaded as error:
            return ModelView("No model", str(error))
        link = run_link(run_pages, described.version.lineage.run_id)
        return replace(shown, roles=roles, query=f"?{urlencode(asked)}" if asked else "", run_link=link)

    return Page("model", "Model", "model.html", view, json="../effects", every=10)


def _view(described: ModelDescription) -> ModelView:
    version, other = described.version, described.other
    versions = [version, *([other] if other else [])]
    shown = shown_effect(version)
    same_scale = other is None or other.model.target_transform.log == version.model.target_transform.log
    others = {effect.name: effect for effect in described.other_effects}
    effects, drawn = described.effects, others if same_scale else {}
    names = {effect.name for effect in effects}
    rest = effects[MAX_CHARTS : MAX_CHARTS + MAX_LISTED]
    return ModelView(
        title=f"Version {other.name} instead of {version.name}" if other else f"Model {version.name}",
        described=described,
        formula=formula(version.model, version.lineage.target),
        cards=tuple(
            replace(
                column_card(effect, drawn.get(effect.name), shown, _bins(version, effect)),
                change=_change(effect, others.get(effect.name), other),
            )
            for effect in effects[:MAX_CHARTS]
        ),
        listed=tuple((effect.name, typical_effect(effect.spread, shown)) for effect in rest),
        more=max(len(effects) - MAX_CHARTS - MAX_LISTED, 0),
        pairs=tuple((name, typical_effect(spread, shown)) for name, spread in described.pairs[:MAX_PAIRS]),
        scores=tuple(scores(versions)),
        warnings=tuple((each.name, each.lineage.warnings) for each in versions),
        facts=tuple(facts(version)),
        difference=tuple(difference_lines(described)),
        changes=tuple((name, typical_effect(change, shown)) for name, change in described.changes[:MAX_PAIRS]),
        added=tuple(
            (effect.name, typical_effect(effect.spread, shown_effect(other)))
            for effect in described.other_effects
            if other and effect.name not in names
        )[:MAX_LISTED],
        is_logarithmic=version.model.target_transform.log,
        same_scale=same_scale,
    )


def _bins(version: ModelVersion, effect: ColumnEffect) -> Bins:
    """Return the ranges of the training rows along the curve; empty without one."""
    if not effect.curve:
        return ()
    place = version.model.feature_names.index(effect.name)
    return training_bins(version, place, effect.curve[0][0], effect.curve[-1][0])


def _change(effect: ColumnEffect, in_other: ColumnEffect | None, other: ModelVersion | None) -> str:
    """Return how a column differs in the other version; empty if it does not."""
    if other is None:
        return ""
    if in_other is None:
        return f"not in version {other.name}"
    return "" if in_other.kind == effect.kind else f"{in_other.kind} in version {other.name}"
