"""Population stability index: the size of a difference of two distributions by bin."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.model.distributions import Counts


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
