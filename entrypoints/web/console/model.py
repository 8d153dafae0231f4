"""Model page: what each column adds to a prediction, how good the model is, and where a challenger differs."""

from dataclasses import dataclass

from application.serving.describe_model import DescribeModel, ModelDescription
from domain.delivery.errors import NoModelLoaded
from entrypoints.web.console.column_cards import ColumnCard, column_card, shown_effect, training_bins, typical_effect
from entrypoints.web.console.model_facts import ShownScore, facts, formula, scores
from entrypoints.web.console.page import Page, Query

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
    difference : tuple of str
        Sentences about champion and challenger.
    is_logarithmic : bool
        Whether effects are percentages of the prediction.
    """

    title: str
    problem: str = ""
    described: ModelDescription | None = None
    formula: str = ""
    cards: tuple[ColumnCard, ...] = ()
    listed: tuple[tuple[str, str], ...] = ()
    more: int = 0
    pairs: tuple[tuple[str, str], ...] = ()
    scores: tuple[ShownScore, ...] = ()
    warnings: tuple[tuple[str, tuple[str, ...] | None], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    difference: tuple[str, ...] = ()
    is_logarithmic: bool = False


def model_page(describe: DescribeModel) -> Page:
    """Return the page."""

    def view(_: Query) -> ModelView:
        try:
            return _view(describe())
        except NoModelLoaded as error:
            return ModelView("No model", str(error))

    return Page("model", "Model", "model.html", view, json="../effects", every=30)


def _view(described: ModelDescription) -> ModelView:
    version = described.champion.version
    versions = [served.version for served in (described.champion, described.challenger) if served]
    shown = shown_effect(version)
    others = {effect.name: effect for effect in described.challenger_effects}
    effects = described.effects
    rest = effects[MAX_CHARTS : MAX_CHARTS + MAX_LISTED]
    return ModelView(
        title=f"Model {version.name}",
        described=described,
        formula=formula(version.model, version.lineage.target),
        cards=tuple(
            column_card(effect, others.get(effect.name), shown, training_bins(version, effect))
            for effect in effects[:MAX_CHARTS]
        ),
        listed=tuple((effect.name, typical_effect(effect.spread, shown)) for effect in rest),
        more=max(len(effects) - MAX_CHARTS - MAX_LISTED, 0),
        pairs=tuple((name, typical_effect(spread, shown)) for name, spread in described.pairs[:MAX_PAIRS]),
        scores=tuple(scores(versions)),
        warnings=tuple((each.name, each.lineage.warnings) for each in versions),
        facts=tuple(facts(described)),
        difference=tuple(described.difference.lines()[1:]) if described.difference else (),
        is_logarithmic=version.model.target_transform.log,
    )
