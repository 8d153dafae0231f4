"""Drift: whether later rows come from the distribution of the training rows, by column and for the predictions.

A column has drifted if its rows are sure to differ from the training rows, and differ by much. The test holds at every
look: without drift, the probability that any column of a model is ever found to have drifted is at most 1 %. It takes
rows as independent of each other.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.evidence import two_shares_differ
from domain.features.encoding import AnyColumn, Encoding
from domain.model.distributions import Counts, Distribution, Distributions
from domain.monitoring.column_drift import PREDICTIONS, Change, ColumnDrift
from domain.monitoring.shares import shares_of
from domain.monitoring.stability_index import stability_index
from domain.monitoring.window_share import log_share

# Probability of a false alarm of any column, ever, at most.
ALPHA = 0.01


def column_drifts(
    distributions: Distributions, encoding: Encoding, counts: Counts, looks: int = 1
) -> tuple[ColumnDrift, ...]:
    """Return the comparison of each column, and of the predictions last.

    Parameters
    ----------
    distributions : Distributions
    encoding : Encoding
        Of the same model.
    counts : ndarray of shape (distributions.size,)
        Rows by bin, as `Distributions.count` returns them.
    looks : int
        Which window the counts are of, from 1: each has its share of the probability of an alarm (`log_share`).
    """
    level = math.log(len(distributions.every) / ALPHA) - log_share(looks)
    columns: list[AnyColumn | None] = [*encoding.columns[: len(distributions.columns)], None]
    parts = list(zip(columns, distributions.every, distributions.split(counts), strict=True))
    # Columns with bins of the same kind and number are compared at once, which takes a tenth of the time.
    alike: dict[tuple[type, int], list[int]] = {}
    for place, (_, training, _) in enumerate(parts):
        alike.setdefault((type(training.bins), training.bins.size), []).append(place)
    drifts = {
        place: drift
        for places in alike.values()
        for place, drift in zip(places, _compared([parts[place] for place in places], level), strict=True)
    }
    return tuple(drifts[place] for place in range(len(parts)))


def _compared(parts: Sequence[tuple[AnyColumn | None, Distribution, Counts]], level: float) -> Iterator[ColumnDrift]:
    """Yield the comparisons of columns with bins of the same kind and number."""
    before = np.array([training.counts for _, training, _ in parts]).T
    counts = np.array([found for _, _, found in parts]).T
    shares = shares_of(parts[0][1].bins)
    now, then = shares.count(counts), shares.count(before)
    evidence = two_shares_differ(*now, *then)
    largest = evidence.argmax(axis=0)
    of_largest = (_ratios(*each, largest) for each in (now, then))
    numbers = (counts.sum(axis=0), *stability_index(before, counts), mean_evidence(evidence), largest, *of_largest)
    for (column, training, _), (rows, index, expected, sure, place, share, in_training) in zip(
        parts, zip(*(each.tolist() for each in numbers), strict=True), strict=True
    ):
        yield ColumnDrift(
            name=column.name if column else PREDICTIONS,
            kind=column.kind if column else "prediction",
            rows=rows,
            index=index,
            expected_index=expected,
            evidence=sure,
            level=level,
            change=Change(training.bins, column, place, share, in_training),
            bins=training.bins.size,
        )


def mean_evidence(evidence: FloatArray) -> FloatArray:
    """Return the logarithm of the mean of e-values, which is one too, from their logarithms by the first axis."""
    mean: FloatArray = np.logaddexp.reduce(evidence, axis=0) - math.log(len(evidence))
    return mean


def _ratios(parts: Counts, wholes: Counts, places: Counts) -> FloatArray:
    """Return the share of each column at its place."""
    part, whole = (np.take_along_axis(each, places[np.newaxis], 0)[0] for each in (parts, wholes))
    return np.where(whole, part / np.maximum(whole, 1), 0.0)
