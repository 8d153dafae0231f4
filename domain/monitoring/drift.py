"""Drift: whether later rows come from the distribution of the training rows, by column and for the predictions.

A column has drifted if its rows are sure to differ from the training rows, and differ by much. The test holds at every
look: without drift, the probability that any column of a model is ever found to have drifted is at most 1 %. It takes
rows as independent of each other.
"""

import math
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.evidence import two_shares_differ
from domain.features.encoding import AnyColumn, Encoding
from domain.model.distributions import Counts, Distribution, Distributions
from domain.monitoring.shares import share_name, shares_of

# Probability of a false alarm of any column, ever, at most.
ALPHA = 0.01
# Population stability index, beyond its expectation, from which a difference counts as drift: a shift of a normal
# distribution by a third of its standard deviation.
MIN_INDEX = 0.1
PREDICTIONS = "(prediction)"
"""Name of the predictions among columns."""


@dataclass(frozen=True, slots=True)
class Change:
    """The share whose evidence is largest.

    Parameters
    ----------
    name : str
        What its rows have.
    share, in_training : float
        Of the rows counted now, and of the training rows.
    """

    name: str
    share: float
    in_training: float

    @property
    def text(self) -> str:
        """The change in words."""
        word = "more" if self.share > self.in_training else "fewer"
        return f"{word} {self.name} ({_percent(self.share)} %, in training {_percent(self.in_training)} %)"


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """Comparison of a column, or of the predictions, with the training rows.

    Parameters
    ----------
    name : str
    kind : str
        Of the column, or 'prediction'.
    rows : int
        Rows that were counted.
    index, expected_index : float
        Population stability index, and its expectation without drift for so many rows.
    evidence, level : float
        Natural logarithm of the e-value, and the level from which the difference is sure.
    change : Change
    bins : int
        Number of its bins.
    since : float or None
        Unix time since when it has drifted, None if it has not, or that is not known.
    """

    name: str
    kind: str
    rows: int
    index: float
    expected_index: float
    evidence: float
    level: float
    change: Change
    bins: int
    since: float | None = None

    @property
    def is_sure(self) -> bool:
        """Whether the rows are sure to differ from the training rows."""
        return self.evidence >= self.level

    @property
    def is_large(self) -> bool:
        """Whether the index is large for so many rows."""
        return self.index - self.expected_index >= MIN_INDEX

    @property
    def verdict(self) -> str:
        """The comparison in one or two words."""
        if not self.is_sure:
            return "as in training" if self.rows else "no rows"
        if self.has_drifted:
            return "drifted"
        return "moved on" if self.is_large else "slightly changed"

    @property
    def has_drifted(self) -> bool:
        """Whether the difference is sure and large; time moves on by itself, so a datetime never has."""
        return self.is_sure and self.is_large and self.kind != "datetime"


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


def stability_index(before: Counts, now: Counts) -> tuple[float, float]:
    """Return the population stability index of counts by bin, and its expectation without drift.

    Each bin that has a row has half a row more, so that none has a share of 0.

    References
    ----------
    Yurdakul and Naranjo (2020), "Statistical properties of the population stability index".
    """
    used = (before + now) > 0
    bins = int(used.sum())
    if not now.sum():
        return 0.0, 0.0
    p, q = _with_half(before[used]), _with_half(now[used])
    index = float(np.sum((q - p) * np.log(q / p)))
    return index, (bins - 1) * (1 / int(before.sum()) + 1 / int(now.sum()))


def _with_half(counts: Counts) -> FloatArray:
    shares: FloatArray = (counts + 0.5) / (counts.sum() + len(counts) / 2)
    return shares


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.2g}" if share < 0.0995 else f"{100 * share:.0f}"  # noqa: PLR2004  # two digits
