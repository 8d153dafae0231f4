"""Rows that are read once and kept."""

import numpy as np

from domain.dataset import Dataset
from domain.rows import Numbers, Rows

# Rows that are copied at once.
COPIED_ROWS = 8192


def in_memory(rows: Rows) -> Dataset:
    """Return all rows as a table in memory, of the type that they are read in."""
    features: Numbers = np.empty((0, len(rows.feature_names)))
    target: Numbers = np.empty(0)
    done = 0
    for block in rows.blocks(COPIED_ROWS):
        if not done:
            features = np.empty((len(rows), len(rows.feature_names)), block.features.dtype)
            target = np.empty(len(rows), block.target.dtype)
        start, done = done, done + len(block.target)
        features[start:done], target[start:done] = block
    return Dataset(features, target, rows.feature_names, rows.target_name)
