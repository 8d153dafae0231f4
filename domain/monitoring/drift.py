"""Drift: whether later rows come from the distribution of the training rows, by column and for the predictions.

A column has drifted if its rows are sure to differ from the training rows, and differ by much. The test holds at every
look: without drift, the probability that any column of a model is ever found to have drifted is at most 1 %. It takes
rows as independent of each other.
"""

import math

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.evidence import two_shares_differ
from domain.features.encoding import AnyColumn, Encoding
from domain.model.distributions import Counts, Distribution, Distributions
from domain.monitoring.column_drift import PREDICTIONS, Change, ColumnDrift
from domain.monitoring.shares import share_name, shares_of
from domain.monitoring.stability_index import stability_index

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
        How often counting has begun anew, from 1: the k-th time has 1 / (k (k + 1)) of the probability of an alarm.
    """
    level = math.log(len(distributions.every) * looks * (looks + 1) / ALPHA)
    columns: list[AnyColumn | None] = [*encoding.columns[: len(distributions.columns)], None]
    parts = zip(columns, distributions.every, distributions.split(counts), strict=True)
    return tuple(_column_drift(column, training, found, level) for column, training, found in parts)


def _column_drift(column: AnyColumn | None, training: Distribution, counts: Counts, level: float) -> ColumnDrift:
    before = np.array(training.counts)
    index, expected = stability_index(before, counts)
    evidence = share_evidence(training, counts)
    shares = shares_of(training.bins)
    largest = int(np.argmax(evidence))
    (part, whole), (part_before, whole_before) = shares.count(counts), shares.count(before)
    change = Change(
        name=share_name(training.bins, column, largest),
        share=_ratio(part[largest], whole[largest]),
        in_training=_ratio(part_before[largest], whole_before[largest]),
    )
    return ColumnDrift(
        name=column.name if column else PREDICTIONS,
        kind=column.kind if column else "prediction",
        rows=int(counts.sum()),
        index=index,
        expected_index=expected,
        evidence=float(mean_evidence(evidence)),
        level=level,
        change=change,
        bins=training.bins.size,
    )


def share_evidence(training: Distribution, counts: Counts) -> FloatArray:
    """Return the evidence that each share of a column differs from that of the training rows.

    `counts` are those of the bins, shape (size,) or (size, n) for n sets of rows.
    """
    shares, before = shares_of(training.bins), np.array(training.counts).reshape(-1, *[1] * (counts.ndim - 1))
    return two_shares_differ(*shares.count(counts), *shares.count(before))


def mean_evidence(evidence: FloatArray) -> FloatArray:
    """Return the logarithm of the mean of e-values, which is one too, from their logarithms by the first axis."""
    mean: FloatArray = np.logaddexp.reduce(evidence, axis=0) - math.log(len(evidence))
    return mean


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0
