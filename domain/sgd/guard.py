"""Whether a descent ended where the sample lets it."""

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.certificate import Certificate


def is_plausible(point: FloatArray, sampled: Certificate, rows: int, rounding: float) -> bool:
    """Tell whether `point` (k + 1,) may be the optimum, of which a sample of `rows` rows has given an estimate.

    Both are least squares, up to sampling: in whitened coordinates their squared distance is about loss / rows for each
    of the k + 1 coordinates. Blocks that differ from each other, or a few huge rows, throw a descent much further off.
    """
    freedom = len(point)
    distance = float(np.sum((point - sampled.point) ** 2))
    limit = (3 + 10 / np.sqrt(freedom)) * freedom * sampled.loss / rows
    return bool(distance <= limit + rounding)
