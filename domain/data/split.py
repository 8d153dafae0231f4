"""How rows are split into those that are learned from and those that judge what was learned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import Mask
from domain.data.errors import InvalidData
from domain.data.row_hash import SPAN, row_hash
from domain.data.rows import RowRule, Rows
from domain.errors import InvalidParameter

# R² compares with the mean of the held-out rows: of a single row, that is a division by zero.
MIN_TEST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Split:
    """A table in two parts that share no row."""

    train: Rows
    test: Rows

    def validate_learnable(self) -> None:
        """Raise `InvalidData` where a fit or its scores would mean nothing.

        A hyperplane of d features passes exactly through d + 1 rows; one more row leaves an error to learn from.
        """
        _require_rows("training", len(self.train), len(self.train.feature_names) + 2)
        _require_rows("held-out", len(self.test), MIN_TEST_ROWS)
        for part, rows in (("training", self.train), ("held-out", self.test)):
            value = rows.constant_target()
            if value is not None:
                where = f"in every one of the {part} rows: nothing can be learned"
                raise InvalidData(f"the target {rows.target_name!r} is {value:g} {where}")


@dataclass(frozen=True, slots=True)
class HoldOutLast:
    """Hold out the last `count` rows: for tables in order of time, and for known answers."""

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

    def _holds_out(self, first: int, count: int, total: int) -> Mask:
        chosen: Mask = np.arange(first, first + count) >= total - self.count
        return chosen

    def __str__(self) -> str:
        return f"last {self.count} rows"


@dataclass(frozen=True, slots=True)
class HoldOutFraction:
    """Hold out about a `fraction` of the rows, chosen by a seeded hash of their numbers.

    The choice depends on a row's number and the seed alone: it is the same for a streamed table as for one in memory,
    and stays as it is when rows are appended.
    """

    fraction: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InvalidParameter("holdout", self.fraction, "a fraction between 0 and 1, or a number of rows")
        if not 0 <= self.seed < 2**63:
            raise InvalidParameter("seed", self.seed, "0 or more, and no more than fits in 63 bits")

    def __call__(self, table: Rows) -> Split:
        """Return the split; both parts keep the table's order."""
        return _split(table, self._holds_out)

    def _holds_out(self, first: int, count: int, total: int) -> Mask:
        del total
        chosen: Mask = row_hash(first, count, self.seed) < np.uint32(min(round(self.fraction * SPAN), SPAN - 1))
        return chosen

    def __str__(self) -> str:
        return f"random {self.fraction:g} of the rows, seed {self.seed}"


@dataclass(frozen=True, slots=True)
class HoldOutFiles:
    """Judge by rows in files of their own: `load(target, features)` returns them, the record names their `place`."""

    place: str
    load: Callable[[str, Sequence[str]], Rows]

    def __call__(self, table: Rows) -> Split:
        """Return all of `table` to learn from, and the rows of the files to judge by."""
        return Split(train=table, test=self.load(table.target_name, table.feature_names))

    def __str__(self) -> str:
        return f"the files {self.place}"


HoldOutStrategy = HoldOutLast | HoldOutFraction | HoldOutFiles


def _require_rows(part: str, have: int, need: int) -> None:
    if have < need:
        raise InvalidData(f"the {part} rows are too few: {have}, at least {need} are needed")


def _split(table: Rows, rule: RowRule) -> Split:
    return Split(train=table.where(rule, chosen=False), test=table.where(rule, chosen=True))
