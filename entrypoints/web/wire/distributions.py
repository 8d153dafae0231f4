"""Distributions: shares of the training rows by range or level as members of JSON."""

from typing import Any

from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn
from domain.model.column_bins import LevelBins
from domain.model.distributions import Distribution
from domain.model.model_version import ModelVersion

FALSE_AND_TRUE = ("false", "true")


def prediction_facts(version: ModelVersion) -> dict[str, Any] | None:
    """Return the distribution of the predictions for the training rows; None if the version keeps none."""
    found = version.distributions
    return _facts(found.predictions, (), found.rows) if found else None


def column_facts(version: ModelVersion) -> dict[str, dict[str, Any]]:
    """Return the distributions of the columns by name; those that the version does not keep are left out."""
    found, columns = version.distributions, version.model.encoding.columns
    kept = zip(columns, found.columns, strict=False) if found else ()
    return {column.name: _facts(each, _texts(column), found.rows) for column, each in kept if found}


def _texts(column: AnyColumn) -> tuple[str, ...]:
    return column.column.levels if isinstance(column, CategoryColumn) else FALSE_AND_TRUE


def _facts(distribution: Distribution, texts: tuple[str, ...], rows: int) -> dict[str, Any]:
    bins, shares = distribution.bins, [count / rows for count in distribution.counts]
    if isinstance(bins, LevelBins):
        *of_levels, others, unseen, empty = shares
        levels = [{"level": texts[place], "share": share} for place, share in zip(bins.levels, of_levels, strict=True)]
        return {"edges": [], "shares": [], "levels": levels, "other": others, "unseen": unseen, "empty": empty}
    *of_ranges, empty = shares
    return {"edges": list(bins.edges), "shares": of_ranges, "levels": [], "other": 0.0, "unseen": 0.0, "empty": empty}
