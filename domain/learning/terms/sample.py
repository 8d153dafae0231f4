"""Sample of training rows, from which features, terms and the penalty are chosen."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.rows import Rows

MAX_SAMPLE_ROWS, MAX_SAMPLE_CELLS = 16_384, 16_000_000


def draw_sample(rows: Rows, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return features and target of a sample, in the table's order; the same seed gives the same rows."""
    count = min(MAX_SAMPLE_ROWS, MAX_SAMPLE_CELLS // len(rows.columns))
    features, target = rows.sample(count, seed)
    return features.astype(np.float64, copy=False), target.astype(np.float64, copy=False)
