"""Record of distributions: to plain values that every store writes, and from them."""

from typing import Any

from domain.data.plain_values import require_count, require_fields, require_list, require_numbers
from domain.features.encoding import AnyColumn, Encoding
from domain.model.column_bins import LevelBins, NumberBins
from domain.model.distributions import MAX_BINS, MAX_COLUMNS, Distribution, Distributions, known_levels

Record = dict[str, Any]


def from_distributions(distributions: Distributions) -> Record:
    """Return `distributions` as dicts, lists and numbers."""
    return {
        "rows": distributions.rows,
        "columns": list(map(_from_distribution, distributions.columns)),
        "predictions": _from_distribution(distributions.predictions),
    }


def to_distributions(record: object, encoding: Encoding) -> Distributions:
    """Return the distributions that were kept as `record`, or raise `ValueError` if they do not fit the encoding."""
    read = require_fields(record, "rows", "columns", "predictions")
    # Lengths are checked first, because a small pickle can hold one long list a hundred thousand times.
    listed, columns = require_list(read["columns"]), encoding.columns[:MAX_COLUMNS]
    if len(listed) != len(columns):
        raise ValueError("its distributions do not fit its features")
    of_columns = tuple(_of_column(each, column) for each, column in zip(listed, columns, strict=True))
    return Distributions(require_count(read["rows"]), of_columns, _of_numbers(read["predictions"]))


def _from_distribution(distribution: Distribution) -> Record:
    bins, counts = distribution.bins, list(distribution.counts)
    if isinstance(bins, LevelBins):
        return {"levels": list(bins.levels), "known": bins.known, "counts": counts}
    return {"edges": list(bins.edges), "counts": counts}


def _of_column(record: object, column: AnyColumn) -> Distribution:
    if column.kind in ("number", "datetime"):
        return _of_numbers(record)
    read = require_fields(record, "levels", "known", "counts")
    bins = LevelBins(tuple(map(require_count, _short(read["levels"]))), require_count(read["known"]))
    if bins.known != known_levels(column):
        raise ValueError("a distribution is not of the levels of its column")
    return Distribution(bins, _counts(read["counts"]))


def _of_numbers(record: object) -> Distribution:
    read = require_fields(record, "edges", "counts")
    return Distribution(NumberBins(tuple(require_numbers(_short(read["edges"])))), _counts(read["counts"]))


def _counts(value: object) -> tuple[int, ...]:
    return tuple(map(require_count, _short(value)))


def _short(value: object) -> list[object]:
    """Return a list of no more numbers than all bins of a record."""
    listed = require_list(value)
    if len(listed) > MAX_BINS:
        raise ValueError("a distribution has too many bins")
    return listed
