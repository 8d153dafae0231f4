"""Choice of columns: leaves out what no model should learn from unless it is named."""

import numpy as np

from domain.data.rows import Rows
from domain.data.table import LeftOut

SAMPLE_ROWS = 16_384


def select_columns(rows: Rows) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the names of the columns to learn from, and the others with the reasons, by a sample of training rows."""
    features, _ = rows.sample(SAMPLE_ROWS, seed=0)
    kept, left_out = [], []
    for column, values in zip(rows.columns, features.T, strict=True):
        present = values[~np.isnan(values)]
        if len(present) and np.ptp(present):
            kept.append(column.name)
        else:
            left_out.append(LeftOut(column.name, "has the same value in all training rows"))
    return tuple(kept), tuple(left_out)
