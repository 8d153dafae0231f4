"""Split: training rows, held-out rows, and the strategies that choose them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Mask
from domain.data.columns import Column
from domain.data.errors import InvalidData, TooFewRows
from domain.data.row_hash import HASH_RANGE, row_hash
from domain.data.rows import RowRule, Rows
from domain.errors import InvalidParameter

# R² compares with the mean of the held-out rows: of a single row, that is a division by zero.
MIN_TEST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Split:
    """A table in two parts that share no row."""

    train: Rows
    test: Rows

    def validate_learnable(self, min_rows: int) -> None:
        """Raise `InvalidData` if a fit or its scores would be meaningless; a fit needs `min_rows` training rows."""
        _require_rows("training", len(self.train), min_rows)
        _require_rows("held-out", len(self.test), MIN_TEST_ROWS)
        for part, rows in (("training", self.train), ("held-out", self.test)):
            value = rows.constant_target()
            if value is not None:
                why = "nothing can be learned" if part == "training" else "no score has a meaning; hold out other rows"
                where = f"in every one of the {part} rows, so that {why}"
                raise InvalidData(f"the target {rows.target_name!r} is {value:g} {where}")


@dataclass(frozen=True, slots=True)
class HoldOutLast:
    """Hold out the last `count` rows, for tables in order of time."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InvalidParameter(
                "holdout", self.count, "a number of rows of at least 1, or a fraction between 0 and 1"
            )

    def __call__(self, table: Rows) -> Split:
        """Return the split, or raise `InvalidData` if no row would be left to learn from."""
        _require_rows("data", len(table), self.count + 1)
        return _split(table, self._holds_out)

    def training_rows(self, table: Rows) -> Rows:
        """Return the rows that are not held out."""
        return self(table).train

    def _holds_out(self, first: int, count: int, total: int) -> Mask:
        chosen: Mask = np.arange(first, first + count) >= total - self.count
        return chosen

    def __str__(self) -> str:
        return f"last {self.count} rows"


@dataclass(frozen=True, slots=True)
class HoldOutFraction:
    """Hold out about a `fraction` of the rows, chosen by a seeded hash of their numbers.

    The choice depends on a row's number and the seed alone. It is the same for a stream as for a table in memory, and
    appended rows do not change it.
    """

    fraction: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InvalidParameter("holdout", self.fraction, "a fraction between 0 and 1, or a number of rows")
        if not 0 <= self.seed < 2**63:
            raise InvalidParameter("seed", self.seed, "a whole number from 0 to 2**63 - 1")

    def __call__(self, table: Rows) -> Split:
        """Return the split; both parts keep the table's order."""
        return _split(table, self._holds_out)

    def training_rows(self, table: Rows) -> Rows:
        """Return the rows that are not held out."""
        return self(table).train

    def _holds_out(self, first: int, count: int, total: int) -> Mask:
        del total
        bound = min(round(self.fraction * HASH_RANGE), HASH_RANGE - 1)
        chosen: Mask = row_hash(first, count, self.seed) < np.uint32(bound)
        return chosen

    def __str__(self) -> str:
        return f"random {self.fraction:g} of the rows, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class HoldOutFiles:
    """Hold out the rows of other files: `load(target, columns)` returns them, and the run records their `place`."""

    place: str
    load: Callable[[str, Sequence[Column]], Rows]

    def training_rows(self, table: Rows) -> Rows:
        """Return all of `table`."""
        return table

    def __call__(self, table: Rows) -> Split:
        """Return all of `table` as training rows, and the rows of the files as held out."""
        return Split(train=table, test=self.load(table.target_name, table.columns))

    def __str__(self) -> str:
        return f"the files {self.place}"


HoldOutStrategy = HoldOutLast | HoldOutFraction | HoldOutFiles


def _require_rows(part: str, have: int, need: int) -> None:
    if have < need:
        raise TooFewRows(part, have, need)


def _split(table: Rows, rule: RowRule) -> Split:
    train, test = table.parts(rule)
    return Split(train, test)
