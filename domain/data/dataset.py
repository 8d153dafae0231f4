"""A table to learn from in memory: named feature columns and a target, checked once and never changed."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.data.arrays import Block, Numbers, read_only_view
from domain.data.column_names import require_known_names, validate_names
from domain.data.rows import RowRule, Rows
from domain.data.validation import refuse_unusable

# Rows that the fingerprint converts at once.
FINGERPRINT_ROWS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Dataset(Rows):
    """Rows of features, in memory, and the target that belongs to each.

    Arrays of float64 or float32 are not copied: callers must not write to them afterwards.

    Parameters
    ----------
    features : array_like of shape (n_rows, n_features)
        Every value finite and no larger than 1e150 in magnitude.
    target : array_like of shape (n_rows,)
    feature_names : sequence of str
        One name a column, in the order of the columns; no name twice, none equal to `target_name`.
    target_name : str

    Raises
    ------
    InvalidCell
        If a value is NaN, infinite, or larger than 1e150 in magnitude, or all of a column are smaller than 1e-150.
    InvalidData
        If a name repeats, has a control character, or is too long.
    ValueError
        If shapes and names do not fit each other: a mistake of the program, not of the data.
    """

    features: Numbers
    target: Numbers
    feature_names: tuple[str, ...]
    target_name: str

    def __post_init__(self) -> None:
        features, target = read_only_view(self.features), read_only_view(self.target)
        names = (*self.feature_names, self.target_name)
        if features.shape != (len(target), len(names) - 1) or target.ndim != 1:
            found = f"{features.shape} features, {target.shape} targets and {len(names) - 1} names"
            raise ValueError(f"{found} do not make a table")
        self._set(features=features, target=target, feature_names=names[:-1])
        validate_names(names)
        refuse_unusable(features, target, names)

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.target)

    def select(self, names: Sequence[str]) -> "Dataset":
        """Return the table with the features `names` only, in that order; raise `InvalidData` for an unknown name."""
        if tuple(names) == self.feature_names:
            return self
        require_known_names(names, self.feature_names)
        places = {name: place for place, name in enumerate(self.feature_names)}
        return Dataset(self.features[:, [places[name] for name in names]], self.target, tuple(names), self.target_name)

    def rows(self, chosen: slice | npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Dataset":
        """Return the table with the `chosen` rows only, which are not checked again."""
        part = object.__new__(Dataset)
        features, target = read_only_view(self.features[chosen]), read_only_view(self.target[chosen])
        part._set(features=features, target=target, feature_names=self.feature_names, target_name=self.target_name)
        return part

    def where(self, rule: RowRule, *, chosen: bool) -> "Dataset":
        """Return the rows that `rule` chooses, or those that it does not."""
        return self.rows(rule(0, len(self), len(self)) == chosen)

    def sample(self, count: int, seed: int) -> "Dataset":
        """Return one row, drawn at random, from each of `count` equal parts of the table."""
        if count >= len(self):
            return self
        edges = np.arange(count + 1) * len(self) // count
        drawn = np.random.default_rng(seed).random(count) * np.diff(edges)
        return self.rows(edges[:-1] + drawn.astype(np.intp))

    def blocks(self, size: int, order: np.random.Generator | None = None) -> Iterator[Block]:
        """Yield views of `size` consecutive rows; the last rows of the table make a shorter one."""
        starts = np.arange(0, len(self), size)
        if order:
            order.shuffle(starts)
        for start in starts.tolist():
            yield Block(self.features[start : start + size], self.target[start : start + size])

    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None."""
        return float(self.target[0]) if len(self) and np.ptp(self.target) == 0 else None

    @property
    def fingerprint(self) -> str:
        """The sha256 of names and values, as 64 hexadecimal digits: equal exactly for equal tables."""
        digest = hashlib.sha256("\x1f".join((*self.feature_names, self.target_name)).encode())
        digest.update(str(self.features.shape).encode())
        for values in (self.features, self.target):
            for start in range(0, len(self), FINGERPRINT_ROWS):
                # Negative zero equals zero, so it must not change the fingerprint: adding 0.0 turns -0.0 into 0.0.
                digest.update((values[start : start + FINGERPRINT_ROWS] + 0.0).astype("<f8").tobytes())
        return digest.hexdigest()
