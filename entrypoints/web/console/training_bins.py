"""Training bins: the ranges of a column that the training rows were counted in, for drawings of their density."""

from itertools import pairwise
from math import ceil, inf, nextafter

from domain.model.column_bins import NumberBins
from domain.model.model_version import ModelVersion
from entrypoints.web.console.charts.density import Bins

# From a whole number to the middle between it and the one before.
HALF = 0.5


def training_bins(version: ModelVersion, place: int, low: float, high: float) -> Bins:
    """Return ranges of the column at `place` between `low` and `high`, and their shares of the training rows.

    A whole number stands for a range of 1 around it. The result is empty for columns of other kinds, and for versions
    without distributions.
    """
    distributions = version.distributions
    if distributions is None or place >= len(distributions.columns):
        return ()
    found = distributions.columns[place]
    if not isinstance(found.bins, NumberBins):
        return ()
    ends = (low, *found.bins.edges, high)
    if all(map(_is_whole, ends)):
        ends = tuple(ceil(end) - HALF for end in (*ends[:-1], high + 1))
    counted = zip(pairwise(ends), found.counts, strict=False)
    return tuple((start, end, count / distributions.rows) for (start, end), count in counted if count and end >= start)


def _is_whole(edge: float) -> bool:
    """Return whether an edge is a whole number, or the next larger float, which ends the range of that number alone."""
    return edge.is_integer() or nextafter(edge, -inf).is_integer()
