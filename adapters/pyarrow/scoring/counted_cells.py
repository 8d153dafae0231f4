"""Counted cells: the values of a column, and which of its cells are of another kind than the column."""

import numpy as np
import pyarrow as pa

from adapters.pyarrow.cells import places_of
from adapters.pyarrow.scoring.feature_cells import FeatureCells, MisfitError
from domain.data.arrays import FloatArray, Mask


def fitting_values(reading: FeatureCells, cells: pa.Array) -> tuple[FloatArray, Mask]:
    """Return one value per cell, NaN if the cell is empty or a misfit, and which cells are misfits."""
    try:
        return reading.values(cells), np.zeros(len(cells), np.bool_)
    except (MisfitError, pa.ArrowInvalid):
        encoded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
        values, misfits = _of_distinct(reading, encoded.dictionary)
        places = places_of(encoded.indices)
        return np.append(values, np.nan)[places], np.append(misfits, False)[places]


def _of_distinct(reading: FeatureCells, distinct: pa.Array) -> tuple[FloatArray, Mask]:
    """Return values and misfits of different cells; halves without a misfit are read at once."""
    try:
        return reading.values(distinct), np.zeros(len(distinct), np.bool_)
    except (MisfitError, pa.ArrowInvalid):
        if len(distinct) == 1:
            return np.array([np.nan]), np.array([True])
        middle = len(distinct) // 2
        (low, low_misfits), (high, high_misfits) = (
            _of_distinct(reading, part) for part in (distinct[:middle], distinct[middle:])
        )
        return np.append(low, high), np.append(low_misfits, high_misfits)
