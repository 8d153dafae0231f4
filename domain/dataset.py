"""A table to learn from: named feature columns and a target, checked once and never changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.errors import BadCell, DuplicateColumn, UnknownColumn

FloatArray = npt.NDArray[np.float64]

# Sums of squares are taken over the rows: beyond these, the square of a value overflows or vanishes in a float64.
LARGEST, SMALLEST = 1e150, 1e-150


def read_only(values: npt.ArrayLike) -> FloatArray:
    """Return `values` as a C-ordered float64 array of its own that refuses to be written to."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Rows of features and the target that belongs to each.

    Parameters
    ----------
    features : array_like of shape (n_rows, n_features)
        Copied in as float64; every value finite and no larger than 1e150 in magnitude.
    target : array_like of shape (n_rows,)
    feature_names : sequence of str
        One name a column, in the order of the columns; no name twice, none equal to `target_name`.
    target_name : str

    Raises
    ------
    BadCell
        If a value is NaN, infinite, or larger than 1e150 in magnitude, or all of a column are smaller than 1e-150.
    DuplicateColumn
        If two columns share a name.
    ValueError
        If shapes and names do not fit each other: a mistake of the program, not of the data.
    """

    features: FloatArray
    target: FloatArray
    feature_names: tuple[str, ...]
    target_name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", read_only(self.features))
        object.__setattr__(self, "target", read_only(self.target))
        object.__setattr__(self, "feature_names", tuple(self.feature_names))
        if self.features.shape != (len(self.target), len(self.feature_names)) or self.target.ndim != 1:
            raise ValueError(
                f"{self.features.shape} features, {self.target.shape} targets and "
                f"{len(self.feature_names)} names do not make a table"
            )
        self._refuse_repeated_names()
        self._refuse_unusable_numbers()

    def __len__(self) -> int:
        return len(self.target)

    def select(self, names: Sequence[str]) -> "Dataset":
        """Return the table with the features `names` only, in that order; raise `UnknownColumn` for a stranger."""
        for name in names:
            if name not in self.feature_names:
                raise UnknownColumn(name, self.feature_names)
        columns = [self.feature_names.index(name) for name in names]
        return Dataset(self.features[:, columns], self.target, tuple(names), self.target_name)

    def rows(self, chosen: slice | npt.NDArray[np.intp]) -> "Dataset":
        """Return the table with the `chosen` rows only."""
        return Dataset(self.features[chosen], self.target[chosen], self.feature_names, self.target_name)

    @property
    def fingerprint(self) -> str:
        """The sha256 of names and values, as 64 hexadecimal digits: equal exactly for equal tables."""
        digest = hashlib.sha256("\x1f".join((*self.feature_names, self.target_name)).encode())
        digest.update(str(self.features.shape).encode())
        # Negative zero equals zero, so it must not change the fingerprint: adding 0.0 turns -0.0 into 0.0.
        digest.update((self.features + 0.0).astype("<f8").tobytes())
        digest.update((self.target + 0.0).astype("<f8").tobytes())
        return digest.hexdigest()

    def _refuse_repeated_names(self) -> None:
        names = (*self.feature_names, self.target_name)
        for name in names:
            if names.count(name) > 1:
                raise DuplicateColumn(name)

    def _refuse_unusable_numbers(self) -> None:
        table = np.column_stack([self.features, self.target])
        bad = np.argwhere(~(np.abs(table) <= LARGEST))
        if len(bad):
            row, column = bad[0]
            name = (*self.feature_names, self.target_name)[column]
            value = table[row, column]
            why = f"{value:g} is too large to square" if np.isfinite(value) else f"{value:g} is not a finite number"
            raise BadCell(int(row) + 1, name, why)
        sizes = np.max(np.abs(table), axis=0, initial=0.0)
        for column in np.flatnonzero((sizes > 0) & (sizes < SMALLEST)):
            row = int(np.argmax(np.abs(table[:, column])))
            why = f"{table[row, column]:g} is the largest value and too small to square: use a smaller unit"
            raise BadCell(row + 1, (*self.feature_names, self.target_name)[column], why)
