"""Tables in memory: named feature columns and a target, checked once and never changed, and parts of such tables."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from domain.data.arrays import Block, Mask, Numbers, read_only_view
from domain.data.column_names import require_known_names, validate_names
from domain.data.columns import Column, to_columns
from domain.data.rows import RowRule, Rows
from domain.data.validation import validate_table

# Rows that the fingerprint converts at once, and that a rule chooses from at once: they fit into the processor's cache.
CHUNK_ROWS = 8_192

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Dataset(Rows):
    """Features and target of all rows, as two arrays.

    Arrays of float64 or float32 are not copied: callers must not write to them afterwards.

    Parameters
    ----------
    features : array_like of shape (n_rows, n_features)
        Every value finite and no larger than 1e150 in magnitude, or NaN in a nullable column.
    target : array_like of shape (n_rows,)
    columns : sequence of Column or str
        In the order of `features`; a name stands for a column of numbers without gaps. No name twice, none equal to
        `target_name`.
    target_name : str

    Raises
    ------
    InvalidCell
        If a value is NaN, infinite, or larger than 1e150 in magnitude, or all of a column are smaller than 1e-150.
    InvalidData
        If a name repeats, has a control character, or is too long.
    ValueError
        If the shapes do not match the names.
    """

    features: Numbers
    target: Numbers
    columns: tuple[Column, ...]
    target_name: str

    def __post_init__(self) -> None:
        features, target = read_only_view(self.features), read_only_view(self.target)
        columns = to_columns(self.columns)
        names = (*(column.name for column in columns), self.target_name)
        if features.shape != (len(target), len(names) - 1) or target.ndim != 1:
            found = f"{features.shape} features, {target.shape} targets and {len(names) - 1} names"
            raise ValueError(f"{found} do not make a table")
        self._set(features=features, target=target, columns=columns)
        validate_names(names)
        validate_table(features, target, (*columns, Column(self.target_name)))

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
        chosen = [places[name] for name in names]
        columns = tuple(self.columns[place] for place in chosen)
        return Dataset(self.features[:, chosen], self.target, columns, self.target_name)

    def rows(self, chosen: slice | Positions) -> "Dataset":
        """Return the table of the `chosen` rows, which are not validated again; a slice is a view."""
        part = object.__new__(Dataset)
        features, target = read_only_view(self.features[chosen]), read_only_view(self.target[chosen])
        part._set(features=features, target=target, columns=self.columns, target_name=self.target_name)
        return part

    def parts(self, rule: RowRule) -> tuple[Rows, Rows]:
        """Return the rows that `rule` leaves and those that it chooses; a part of neighboring rows is a view."""
        starts = range(0, len(self), CHUNK_ROWS)
        masks = [rule(start, min(CHUNK_ROWS, len(self) - start), len(self)) for start in starts]
        chosen = np.concatenate([np.empty(0, np.bool_), *masks])
        return self._part(~chosen), self._part(chosen)

    def _part(self, mask: Mask) -> Rows:
        positions = np.flatnonzero(mask)
        first, end = (positions[0], positions[-1] + 1) if len(positions) else (0, 0)
        if end - first == len(positions):
            return self.rows(slice(first, end))
        return ChosenRows(self, positions, self.columns, self.target_name)

    def sample(self, count: int, seed: int) -> Block:
        """Return one row, drawn at random, from each of `count` equal parts of the table."""
        if count >= len(self):
            return Block(self.features, self.target)
        drawn = _drawn_evenly(len(self), count, seed)
        return Block(self.features[drawn], self.target[drawn])

    def blocks(self, size: int, order: "np.random.Generator | None" = None) -> Iterator[Block]:
        """Yield views of `size` consecutive rows; the last rows of the table make a shorter one."""
        for start in _starts(len(self), size, order):
            yield Block(self.features[start : start + size], self.target[start : start + size])

    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None."""
        return float(self.target[0]) if len(self) and np.ptp(self.target) == 0 else None

    @property
    def fingerprint(self) -> str:
        """The sha256 of names, levels and values, as 64 hexadecimal digits: equal exactly for equal tables."""
        digest = hashlib.sha256("\x1f".join((*self.feature_names, self.target_name)).encode())
        for column in self.columns:
            digest.update("\x1f".join(column.levels).encode())
        digest.update(str(self.features.shape).encode())
        for values in (self.features, self.target):
            for start in range(0, len(self), CHUNK_ROWS):
                # Negative zero equals zero, so it must not change the fingerprint: adding 0.0 turns -0.0 into 0.0.
                chunk = np.add(values[start : start + CHUNK_ROWS], 0.0, dtype="<f8", order="C")
                digest.update(chunk.data)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class ChosenRows(Rows):
    """Rows of a table in memory at rising `positions`, which are copied block by block as they are read.

    A copy of all of them would cost more time than the passes of a fit, and as much memory again.
    """

    table: Dataset
    positions: Positions
    columns: tuple[Column, ...]
    target_name: str

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of a `Dataset` of these rows, which are copied to compute it."""
        return self.table.rows(self.positions).fingerprint

    def select(self, names: Sequence[str]) -> Rows:
        """Return the rows with the features `names` only, in that order, as a copy unless the features are the same."""
        return self if tuple(names) == self.feature_names else self.table.rows(self.positions).select(names)

    def parts(self, rule: RowRule) -> tuple[Rows, Rows]:
        """Return the rows that `rule` leaves and those that it chooses."""
        chosen = rule(0, len(self), len(self))
        return replace(self, positions=self.positions[~chosen]), replace(self, positions=self.positions[chosen])

    def sample(self, count: int, seed: int) -> Block:
        """Return one row, drawn at random, from each of `count` equal parts of the rows."""
        drawn = slice(None) if count >= len(self) else _drawn_evenly(len(self), count, seed)
        rows = self.positions[drawn]
        return Block(self.table.features[rows], self.table.target[rows])

    def blocks(self, size: int, order: "np.random.Generator | None" = None) -> Iterator[Block]:
        """Yield copies of `size` consecutive rows; the last rows make a shorter one."""
        features = np.empty((min(size, len(self)), len(self.columns)), self.table.features.dtype)
        target = np.empty(len(features), self.table.target.dtype)
        for start in _starts(len(self), size, order):
            rows = self.positions[start : start + size]
            block = Block(features[: len(rows)], target[: len(rows)])
            # The positions are in range; by its default, `take` would copy the result once more to be safe from errors.
            self.table.features.take(rows, axis=0, out=block.features, mode="clip")
            self.table.target.take(rows, out=block.target, mode="clip")
            yield block

    def constant_target(self) -> float | None:
        """Return the target's value if it is the same in all rows, else None."""
        parts = (
            self.table.target[self.positions[start : start + CHUNK_ROWS]] for start in _starts(len(self), CHUNK_ROWS)
        )
        value = None
        for part in parts:
            value = float(part[0]) if value is None else value
            if (part != value).any():
                return None
        return value


def _starts(rows: int, size: int, order: "np.random.Generator | None" = None) -> list[int]:
    """Return where blocks of `size` rows start, in the table's order or shuffled by `order`."""
    starts = np.arange(0, rows, size)
    if order:
        order.shuffle(starts)
    return starts.tolist()


def _drawn_evenly(rows: int, count: int, seed: int) -> Positions:
    """Return a position out of each of `count` equal parts of `rows` positions."""
    edges = np.arange(count + 1) * rows // count
    drawn = np.random.default_rng(seed).random(count) * np.diff(edges)
    return edges[:-1] + drawn.astype(np.intp)
