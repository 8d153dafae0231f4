"""Population stability index: the size of a difference of two distributions by bin."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.model.distributions import Counts


def stability_index(before: Counts, now: Counts) -> tuple[FloatArray, FloatArray]:
    """Return the population stability index of counts by bin, and its expectation without drift.

    The first axis is that of the bins. Each bin that has a row has half a row more, so that none has a share of 0.

    References
    ----------
    Yurdakul and Naranjo (2020), "Statistical properties of the population stability index".
    """
    used, rows = (before + now) > 0, now.sum(axis=0)
    bins = used.sum(axis=0)
    p, q = _with_half(before, bins), _with_half(now, bins)
    index = np.sum(np.where(used, (q - p) * np.log(q / p), 0.0), axis=0)
    expected = (bins - 1) * (1 / before.sum(axis=0) + 1 / np.maximum(rows, 1))
    return np.where(rows, index, 0.0), np.where(rows, expected, 0.0)


def _with_half(counts: Counts, bins: Counts) -> FloatArray:
    shares: FloatArray = (counts + 0.5) / (counts.sum(axis=0) + bins / 2)
    return shares
