"""How rows are parted into those that are learnt from and those that judge what was learnt."""

from dataclasses import dataclass

import numpy as np

from domain.dataset import Dataset
from domain.errors import BadSetting, ConstantTarget, TooFewRows

# R² compares with the mean of the held-out rows: of a single row, that is a division by zero.
FEWEST_TEST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Split:
    """A table in two parts that share no row."""

    train: Dataset
    test: Dataset

    def select(self, names: tuple[str, ...]) -> "Split":
        """Return both parts with the features `names` only, in that order."""
        return Split(self.train.select(names), self.test.select(names))

    def refuse_unlearnable(self) -> None:
        """Raise `TooFewRows` or `ConstantTarget` where a fit or its scores could not mean anything.

        A line through d features and an intercept passes exactly through d + 1 rows; one more leaves an error to learn
        from.
        """
        need = len(self.train.feature_names) + 2
        if len(self.train) < need:
            raise TooFewRows("training", len(self.train), need)
        if len(self.test) < FEWEST_TEST_ROWS:
            raise TooFewRows("held-out", len(self.test), FEWEST_TEST_ROWS)
        for part, rows in (("training", self.train), ("held-out", self.test)):
            if np.ptp(rows.target) == 0:
                raise ConstantTarget(part, rows.target_name, float(rows.target[0]))


@dataclass(frozen=True, slots=True)
class LastRows:
    """Hold out the last `count` rows: for tables in order of time, and for known answers."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise BadSetting("holdout", self.count, "a number of rows of at least 1, or a fraction between 0 and 1")

    def __call__(self, table: Dataset) -> Split:
        """Return the split, or raise `TooFewRows` if nothing would be left to learn from."""
        if len(table) <= self.count:
            raise TooFewRows("data", len(table), self.count + 1)
        return Split(train=table.rows(slice(None, -self.count)), test=table.rows(slice(-self.count, None)))

    def __str__(self) -> str:
        return f"last {self.count} rows"


@dataclass(frozen=True, slots=True)
class RandomFraction:
    """Hold out a seeded random `fraction` of the rows; both parts keep the table's order."""

    fraction: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise BadSetting("holdout", self.fraction, "a fraction between 0 and 1, or a number of rows")
        if not 0 <= self.seed < 2**63:
            raise BadSetting("seed", self.seed, "0 or more, and no more than fits in 63 bits")

    def __call__(self, table: Dataset) -> Split:
        """Return the split: round(fraction · n_rows) rows are held out, the same ones for the same seed."""
        order = np.random.default_rng(self.seed).permutation(len(table))
        held_out = round(self.fraction * len(table))
        return Split(train=table.rows(np.sort(order[held_out:])), test=table.rows(np.sort(order[:held_out])))

    def __str__(self) -> str:
        return f"random {self.fraction:g} of the rows, seed {self.seed}"


HoldOut = LastRows | RandomFraction
