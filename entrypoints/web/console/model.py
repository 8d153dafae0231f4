"""Model page: what each column adds to a prediction, how good the model is, and where a challenger differs."""

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from math import expm1

from markupsafe import Markup

from application.serving.describe_model import DescribeModel, ModelDescription
from domain.delivery.errors import NoModelLoaded
from domain.features.cells import to_iso_text
from domain.model.column_bins import NumberBins
from domain.model.column_effects import ColumnEffect
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.scores import METRICS
from entrypoints.web.console.charts.bars import bar
from entrypoints.web.console.charts.curves import Labels, curve
from entrypoints.web.console.charts.density import Bins
from entrypoints.web.console.numerals import number, signed
from entrypoints.web.console.page import Page, Query

# Columns with a chart, levels of one column, columns in the list below them, and terms of a formula, at most.
MAX_CHARTS, MAX_LEVELS, MAX_LISTED, MAX_FORMULA_TERMS = 12, 8, 50, 6


@dataclass(frozen=True, slots=True)
class LevelBar:
    """Effect of a level, in words and as a bar; `other` is that of the challenger."""

    name: str
    text: str
    chart: Markup
    other: str = ""


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """Effect of a column: its typical size, its curve, and its levels with the largest effects."""

    name: str
    kind: str
    spread: str
    chart: Markup | None
    levels: tuple[LevelBar, ...]
    more_levels: int


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
    scores : tuple of (str, str, str)
        Name, champion's and challenger's value.
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
    scores: tuple[tuple[str, str, str], ...] = ()
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
    shown = _percent if version.model.target_transform.log else signed
    others = {effect.name: effect for effect in described.challenger_effects}
    effects = described.effects
    rest = effects[MAX_CHARTS : MAX_CHARTS + MAX_LISTED]
    return ModelView(
        title=f"Model {version.name}",
        described=described,
        formula=_formula(version.model, version.lineage.target),
        cards=tuple(
            _card(effect, others.get(effect.name), shown, _bins(version, effect)) for effect in effects[:MAX_CHARTS]
        ),
        listed=tuple((effect.name, _spread(effect.spread, shown)) for effect in rest),
        more=max(len(effects) - MAX_CHARTS - MAX_LISTED, 0),
        pairs=tuple((name, _spread(spread, shown)) for name, spread in described.pairs[:MAX_LEVELS]),
        scores=tuple(_scores(described)),
        facts=tuple(_facts(described)),
        difference=tuple(described.difference.lines()[1:]) if described.difference else (),
        is_logarithmic=version.model.target_transform.log,
    )


def _bins(version: ModelVersion, effect: ColumnEffect) -> Bins:
    """Return the ranges that the training rows were counted in, within the range of the curve, and their shares."""
    place = version.model.feature_names.index(effect.name)
    if not (effect.curve and version.distributions and place < len(version.distributions.columns)):
        return ()
    found = version.distributions.columns[place]
    if not isinstance(found.bins, NumberBins):
        return ()
    ends = (effect.curve[0][0], *found.bins.edges, effect.curve[-1][0])
    counted = zip(pairwise(ends), found.counts, strict=False)
    return tuple((low, high, count / version.distributions.rows) for (low, high), count in counted if high >= low)


def _card(effect: ColumnEffect, other: ColumnEffect | None, shown: Callable[[float], str], bins: Bins) -> ColumnCard:
    same = other if other is not None and other.kind == effect.kind else None
    ranked = sorted(effect.levels, key=lambda level: -abs(level[1]))[:MAX_LEVELS]
    low, high = (min(0.0, *(each for _, each in ranked)), max(0.0, *(each for _, each in ranked))) if ranked else (0, 0)
    of_other = dict(same.levels) if same else {}
    return ColumnCard(
        name=effect.name,
        kind=effect.kind,
        spread=_spread(effect.spread, shown),
        chart=_chart(effect, same, shown, bins) if effect.curve else None,
        levels=tuple(
            LevelBar(
                _calendar_name(name) if effect.kind == "datetime" else name,
                shown(each),
                bar(each, low, high),
                shown(of_other[name]) if name in of_other else "",
            )
            for name, each in ranked
        ),
        more_levels=len(effect.levels) - len(ranked),
    )


def _chart(effect: ColumnEffect, other: ColumnEffect | None, shown: Callable[[float], str], bins: Bins) -> Markup:
    others = other.curve if other else ()
    points = (*effect.curve, *others)
    low, high = (end(place for place, _ in points) for end in (min, max))
    effects = [each for _, each in points]
    first, last = (to_iso_text(end)[:10] if effect.kind == "datetime" else number(end) for end in (low, high))
    label = (
        f"Effect of {effect.name} from {first} to {last}: "
        f"{shown(effect.curve[0][1])} at the least, {shown(effect.curve[-1][1])} at the largest value"
    )
    return curve(
        effect.curve, others, Labels(label, first, last, f"{shown(min(effects))} to {shown(max(effects))}"), bins
    )


def _calendar_name(level: str) -> str:
    """Return the name of a month or a weekday; hours and the empty cell have none.

    >>> _calendar_name("month 1"), _calendar_name("weekday 7"), _calendar_name("hour 3")
    ('January', 'Sunday', 'hour 3')
    """
    part, _, value = level.partition(" ")
    if part == "month":
        return calendar.month_name[int(value)]
    return calendar.day_name[int(value) - 1] if part == "weekday" else level


def _spread(spread: float | None, shown: Callable[[float], str]) -> str:
    return "" if spread is None else shown(spread).removeprefix("+")


def _percent(effect: float) -> str:
    """Return an effect on the logarithm of the target as a change of the target in per cent."""
    return f"{signed(100 * expm1(effect))} %"


def _formula(model: LinearModel, target: str) -> str:
    if not model.encoding.is_plain or len(model.coefficients) > MAX_FORMULA_TERMS:
        return ""
    weights = zip(model.coefficients.tolist(), model.term_names, strict=True)
    terms = "".join(f" {'−' if weight < 0 else '+'} {number(abs(weight), 6)} · {name}" for weight, name in weights)
    return f"{target} = {number(model.intercept, 6)}{terms}"


def _scores(described: ModelDescription) -> Iterator[tuple[str, str, str]]:
    """Yield name, champion's and challenger's value of each score in target units or without a unit."""
    versions = [served.version for served in (described.champion, described.challenger) if served]
    values = [version.lineage.scores.as_dict() for version in versions]
    for name in values[0]:
        if name != "mse":
            texts = [f"{each[name]:.4f}" if name == "r2" else number(each[name]) for each in values if name in each]
            yield METRICS[name].label, texts[0], texts[1] if len(texts) > 1 else ""


def _facts(described: ModelDescription) -> Iterator[tuple[str, str]]:
    version = described.champion.version
    lineage, encoding = version.lineage, version.model.encoding
    yield "predicts", lineage.target
    yield "terms", f"{len(version.model.term_names)} of {len(encoding.columns)} columns"
    if version.moments:
        yield "training rows", number(version.moments.rows)
    if encoding.left_out:
        yield "left out", "; ".join(f"{column.name} ({column.reason})" for column in encoding.left_out[:MAX_LEVELS])
    yield "trained", f"{lineage.created_at.astimezone(UTC):%-d %b %Y %H:%M} UTC"
    yield "run", lineage.run_id
    yield "program", lineage.code_revision
    yield "table", f"sha256 {lineage.data_fingerprint[:16]}…"
    yield "model", f"sha256 {version.model.digest[:16]}…"
    yield from _settings(lineage.settings)


def _settings(settings: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    chosen = [f"{name} {value}" for name, value in settings.items() if value is not None]
    if chosen:
        yield "settings", ", ".join(chosen)
