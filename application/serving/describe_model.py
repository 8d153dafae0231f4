"""Describe model: effects of the columns of the served versions, and where their predictions differ most."""

from dataclasses import dataclass, replace

from application.serving.current_model import CurrentModel
from domain.delivery.difference import ModelDifference, largest_difference
from domain.delivery.served_model import ServedModel
from domain.model.column_effects import ColumnEffect, column_effects, pair_spreads
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion

# The search for the largest difference takes half a second of a processor for as many columns.
MAX_COMPARED_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """Description of the champion, and of the challenger of a rollout.

    Parameters
    ----------
    champion : ServedModel
    challenger : ServedModel or None
    effects, challenger_effects : tuple of ColumnEffect
        The largest first; () without a challenger.
    pairs : tuple of (str, float)
        Pairs of columns with products, and the standard deviation of what they add to the sum of the terms.
    difference : ModelDifference or None
        None without a challenger, with other features, or in too many columns.
    """

    champion: ServedModel
    challenger: ServedModel | None
    effects: tuple[ColumnEffect, ...]
    challenger_effects: tuple[ColumnEffect, ...] = ()
    pairs: tuple[tuple[str, float], ...] = ()
    difference: ModelDifference | None = None


class DescribeModel:
    """Describe the current models; a description is kept until one of them is replaced."""

    def __init__(self, current: CurrentModel) -> None:
        self._current = current
        self._latest: ModelDescription | None = None

    def __call__(self) -> ModelDescription:
        """Return the description, or raise `NoModelLoaded`."""
        models, latest = self._current.models, self._latest
        champion, challenger = models.champion, models.rollout.challenger if models.rollout else None
        if latest is None or _versions(latest.champion, latest.challenger) != _versions(champion, challenger):
            latest = self._latest = _described(champion, challenger)
        return replace(latest, champion=champion, challenger=challenger)


def _versions(champion: ServedModel, challenger: ServedModel | None) -> tuple[int, int | None]:
    """Return which objects they are, because to compare models takes longer than the description of a small one."""
    return id(champion.version), id(challenger.version) if challenger else None


def _described(champion: ServedModel, challenger: ServedModel | None) -> ModelDescription:
    first = champion.version
    effects, pairs = column_effects(first.model, first.moments), pair_spreads(first.model, first.moments)
    if challenger is None:
        return ModelDescription(champion, None, effects, pairs=pairs)
    second = challenger.version
    others = column_effects(second.model, second.moments)
    return ModelDescription(champion, challenger, effects, others, pairs, _difference(first, second))


def _difference(first: ModelVersion, second: ModelVersion) -> ModelDifference | None:
    encodings = first.model.encoding, second.model.encoding
    if feature_change(*(encoding.kinds for encoding in encodings)) or len(encodings[0].columns) > MAX_COMPARED_COLUMNS:
        return None
    return largest_difference(first, second)
