"""Validation of numbers: finite, with squares that neither overflow nor vanish."""

from collections.abc import Sequence

import numpy as np

from domain.data.arrays import Numbers
from domain.data.columns import Column
from domain.data.errors import InvalidCell

# Magnitudes between which a square, and a sum of squares over the rows, neither overflows nor vanishes in a float64.
MAX_MAGNITUDE, MIN_MAGNITUDE = 1e150, 1e-150
# Rows in which most columns have a value that is large enough.
FIRST_ROWS = 64
# Rows whose squares are added at once.
SUMMED_ROWS = 65_536


def validate_table(features: Numbers, target: Numbers, columns: Sequence[Column]) -> None:
    """Raise `InvalidCell` as `validate_cells` does, or for a column of values that are all too small to square.

    The largest magnitude in such a column is below 1e-150 and not zero.
    """
    validate_cells(features, target, columns)
    # `fmax` ignores NaN, which is an empty cell.
    first = np.append(
        np.fmax.reduce(np.abs(features[:FIRST_ROWS]), axis=0, initial=0), np.abs(target[:FIRST_ROWS]).max(initial=0)
    )
    for place in np.flatnonzero(first < MIN_MAGNITUDE).tolist():
        values = np.abs(target if place == features.shape[1] else features[:, place])
        largest = np.fmax.reduce(values, initial=0)
        if 0 < largest < MIN_MAGNITUDE:
            why = f"{largest:g} is the largest magnitude and too small to square; use a smaller unit"
            raise InvalidCell(int(np.flatnonzero(values == largest)[0]) + 1, columns[place].name, why)


def validate_cells(
    features: Numbers,
    target: Numbers,
    columns: Sequence[Column],
    row_numbers: Sequence[int] | None = None,
    place: str = "",
) -> None:
    """Raise `InvalidCell` for the first row with an unusable value.

    A value is usable if it is finite and no larger than 1e150 in magnitude, or NaN in a nullable column.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)
    target : ndarray of shape (n_rows,)
    columns : sequence of Column
        Of the features and, last, the target.
    row_numbers : sequence of int, optional
        Numbers of the rows in `place`, counted from 0; by default their positions.
    place : str
        The file, if the table is in files.
    """
    if squares_add_up(features) and squares_add_up(target):
        return
    largest = np.float64(MAX_MAGNITUDE)  # float32, the type of some tables, cannot hold it
    usable = np.column_stack([np.abs(features) <= largest, np.abs(target) <= largest])
    usable[:, :-1] |= np.isnan(features) & [column.nullable for column in columns[:-1]]
    for row in np.flatnonzero(~usable.all(axis=1))[:1]:
        cell = int(np.argmin(usable[row]))
        value = np.append(features[row], target[row])[cell]
        why = f"{value:g} is too large to square" if np.isfinite(value) else f"{value:g} is not a finite number"
        raise InvalidCell(int(row if row_numbers is None else row_numbers[row]) + 1, columns[cell].name, why, place)


def squares_add_up(values: Numbers) -> bool:
    """Return True if every value is usable; after False, the caller validates each. BLAS reads the values once.

    A sum of squares is below `MAX_MAGNITUDE` squared only if every value is below `MAX_MAGNITUDE`. NaN and infinity
    make the sum NaN or infinite.
    """
    rows = values.T if values.flags.f_contiguous else values
    chunks = (np.ascontiguousarray(rows[start : start + SUMMED_ROWS]) for start in range(0, len(rows), SUMMED_ROWS))
    with np.errstate(over="ignore", invalid="ignore"):
        squares = sum(float(flat @ flat) for flat in (chunk.reshape(-1) for chunk in chunks))
    return squares < MAX_MAGNITUDE**2
