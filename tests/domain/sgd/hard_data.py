"""Tables that are hard to learn from, by name; each says what is nasty about it.

`python -m tests.domain.sgd.hard_data [NAME…]` fits all of them, or those whose name contains one of the words, and
prints what came of it.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from domain.dataset import Dataset
from domain.sgd import SGD, Fit
from domain.sgd.reading import block_rows
from domain.sgd.sample import sample_size
from tests.domain.sgd.truth import LeastSquares

FloatArray = npt.NDArray[np.floating]
Table = tuple[FloatArray, FloatArray]

N, D = 200_000, 20
TOL = 1e-8
# Rows of a block of the learner, and the number of blocks.
BLOCK_ROWS = block_rows(N, D)
BLOCKS = -(-N // BLOCK_ROWS)
# Rows that the learner samples of N x D.
SAMPLE = sample_size(N, D)


@dataclass(frozen=True, slots=True)
class Case:
    """A table by name; `fits_exactly` where least squares leaves no residual for an excess to be relative to."""

    name: str
    why: str
    make: Callable[[], Table]
    fits_exactly: bool = False
    slow: bool = False

    def table(self) -> Table:
        """Return features of shape (n, d) and target of shape (n,), the same at every call."""
        return self.make()


STUDY: dict[str, Case] = {}
NASTIER: dict[str, Case] = {}


def listed(
    book: dict[str, Case], name: str = "", *arguments: object, fits_exactly: bool = False, slow: bool = False
) -> Callable[[Callable[..., Table]], Callable[..., Table]]:
    """Enter a maker into `book`, under its own name or `name`, called with `arguments`."""

    def enter(maker: Callable[..., Table]) -> Callable[..., Table]:
        key = name or maker.__name__
        book[key] = Case(key, str(maker.__doc__), partial(maker, *arguments), fits_exactly, slow)
        return maker

    return enter


study, nastier = partial(listed, STUDY), partial(listed, NASTIER)


@cache
def _normal(rows: int = N, columns: int = D, seed: int = 1) -> FloatArray:
    values = np.random.default_rng(seed).standard_normal((rows, columns))
    values.setflags(write=False)
    return values


def slopes(count: int) -> FloatArray:
    """Return coefficients of both signs between 0.5 and 2 in size."""
    random = np.random.default_rng(2)
    return random.uniform(0.5, 2, count) * random.choice([-1, 1], count)


def noise(rows: int = N) -> FloatArray:
    return np.random.default_rng(3).standard_normal(rows)


def line(features: FloatArray, size: float = 1.0) -> Table:
    """Return the features and 3 + Σ slopes · features / spread + `size` · normal noise."""
    spread = features.std(axis=0, dtype=np.float64)
    effect = (features - features.mean(axis=0)) @ (slopes(features.shape[1]) / np.where(spread > 0, spread, 1))
    return features, 3 + effect + size * noise(len(features))


def in_order_of(key: FloatArray, table: Table) -> Table:
    order = np.argsort(key, kind="stable")
    return table[0][order], table[1][order]


# --- the study's table of robustness ---


@study()
def iid() -> Table:
    """Nothing: the case that must be fast."""
    return line(_normal())


@study()
def scales() -> Table:
    """The columns' scales run from 1e-8 to 1e8, so curvature differs by 32 orders of magnitude."""
    features, target = line(_normal())
    return features * np.logspace(-8, 8, D), target


@study("x_offset_1e6", 1e6)
@study("x_offset_1e9", 1e9)
def x_offset(offset: float) -> Table:
    """The means are 1e6 and 1e9 spreads away from zero: uncentred sums of squares lose 12 and 18 digits."""
    return line(_normal() + offset)


@study("y_offset_1e9", 1e9)
def y_offset(offset: float) -> Table:
    """The target's mean is 1e9 times its noise."""
    features, target = line(_normal())
    return features, target + offset


@study("y_scale_1e12", 1e12)
@study("y_scale_1e-12", 1e-12)
@study("y_scale_1e150", 1e150)
def y_scale(largest: float) -> Table:
    """An absolute threshold anywhere would show; at 1e150 squares only just stay finite."""
    features, target = line(_normal())
    return features, target / np.abs(target).max() * largest


@study()
def sorted_by_y() -> Table:
    """Each contiguous block has a target of its own: no block is like the whole."""
    features, target = line(_normal())
    return in_order_of(target, (features, target))


@study()
def sorted_by_x0() -> Table:
    """A feature is constant within a block and varies between blocks only."""
    features, target = line(_normal())
    return in_order_of(features[:, 0], (features, target))


@study()
def trend() -> Table:
    """The target drifts by ten noises along the rows, which no feature explains."""
    features, target = line(_normal())
    return features, target + np.linspace(-5, 5, N)


@study()
def drifted_groups() -> Table:
    """Twenty groups, in order, each with a mean of its own in every feature and in the target."""
    random = np.random.default_rng(5)
    group = np.arange(N) * 20 // N
    features, target = line(_normal() + 3 * random.standard_normal((20, D))[group])
    return features, target + 5 * random.standard_normal(20)[group]


@study()
def one_hot_sorted() -> Table:
    """All levels have a column, so one is redundant; sorted, a block knows one level only."""
    level = np.sort(np.random.default_rng(6).integers(0, D, N))
    return line(np.eye(D)[level])


@study()
def polynomial_sorted() -> Table:
    """Powers 1 to 8 of one number between 0 and 1: nearly collinear, and in order."""
    x = np.sort(np.random.default_rng(7).uniform(size=N))
    features = x[:, None] ** np.arange(1, 9)
    return features, 3 + np.sin(6 * x) + noise()


@study()
def collinear() -> Table:
    """Two columns differ by 1e-6 of their size and the target by 1e5 times that difference."""
    features, target = line(_normal())
    features = features.copy()
    features[:, 1] = features[:, 0] + 1e-6 * features[:, 1]
    return features, target + 1e5 * (features[:, 1] - features[:, 0])


@study()
def duplicates_and_constant() -> Table:
    """An exact duplicate, a three-fold duplicate and a constant column: rank d − 3, and infinitely many answers."""
    features, target = line(_normal())
    features = features.copy()
    features[:, 17], features[:, 18], features[:, 19] = features[:, 0], 3 * features[:, 1], 7.0
    return features, target


@study()
def heavy_noise() -> Table:
    """The noise has no variance: Student's t with 1.2 degrees of freedom."""
    features, target = line(_normal(), size=0)
    return features, target + np.random.default_rng(8).standard_t(1.2, N)


@study()
def outliers() -> Table:
    """Twenty targets are off by a million noises."""
    features, target = line(_normal())
    target[np.random.default_rng(9).choice(N, 20, replace=False)] += 1e6
    return features, target


@study()
def leverage() -> Table:
    """Five rows are 1e4 times as long as the others: all curvature is in rows that no sample has."""
    features, target = line(_normal())
    features = features.copy()
    features[np.random.default_rng(10).choice(N, 5, replace=False)] *= 1e4
    return features, target


@study()
def heavy_features() -> Table:
    """The features have no variance: Student's t with 1.5 degrees of freedom."""
    features = np.random.default_rng(11).standard_t(1.5, (N, D))
    return features, 3 + features @ slopes(D) + noise()


@study()
def lognormal_features() -> Table:
    """exp(3 · normal): a handful of rows have nearly all of the variance."""
    features = np.exp(3 * _normal())
    return features, 3 + features @ slopes(D) + noise()


@study()
def rare_binary() -> Table:
    """A yes-or-no feature that is yes in ten rows of 200 000 with an effect of 50: constant in the sample."""
    features, target = line(_normal())
    features = features.copy()
    features[:, 0] = 0
    features[np.random.default_rng(12).choice(N, 10, replace=False), 0] = 1
    return features, target + 50 * features[:, 0]


@study()
def equal_but_for_three_rows() -> Table:
    """Two columns are equal except in three rows: one direction is invisible in the sample."""
    features, target = line(_normal())
    features = features.copy()
    features[:, 1] = features[:, 0]
    features[[11, N // 2, N - 7], 1] += 1
    return features, target + 50 * (features[:, 1] - features[:, 0])


@study(fits_exactly=True)
def noiseless() -> Table:
    """The line is exact: there is no error to be relative to."""
    return line(_normal(), size=0)


@study("n_5", 5, 20, fits_exactly=True)
@study("n_1", 1, 20, fits_exactly=True)
@study("n_50_d_80", 50, 80, fits_exactly=True)
@study("n_80_d_79", 80, 79, fits_exactly=True)
@study("n_30_d_30", 30, 30, fits_exactly=True)
def as_many_columns_as_rows(rows: int, columns: int) -> Table:
    """The line goes through every row, or many lines do."""
    features = _normal(rows, columns, 4)
    return features, 3 + features @ slopes(columns) + noise(rows)


@study("float32", 0.0)
@study("float32_offset_1e3", 1e3)
@study("float32_offset_1e4", 1e4)
def single_precision(offset: float) -> Table:
    """24 bits a number: at an offset of 1e4, ten of them are left for what varies."""
    features, target = line((_normal() + offset).astype(np.float32))
    return features, target.astype(np.float32)


@study()
def fortran_order() -> Table:
    """A row's numbers lie 1.6 MB apart."""
    features, target = line(_normal())
    return np.asfortranarray(features), target


@study()
def row_strided() -> Table:
    """Every second row of a table is somebody else's."""
    features, target = line(_normal())
    return np.repeat(features, 2, axis=0)[::2], np.repeat(target, 2)[::2]


@study()
def column_strided() -> Table:
    """Every second column of a table is somebody else's."""
    features, target = line(_normal())
    return np.repeat(features, 2, axis=1)[:, ::2], target


@study()
def d_200_sorted() -> Table:
    """200 columns, half as many rows, sorted by the target."""
    features, target = line(_normal(100_000, 200))
    return in_order_of(target, (features, target))


@study(slow=True)
def d_1500() -> Table:
    """The sample has not three rows a column: the preconditioner is poor."""
    return line(_normal(20_000, 1500))


# --- nastier ones ---


@nastier("period_of_the_block_count", BLOCKS)
@nastier("period_of_the_block_rows", BLOCK_ROWS)
@nastier("period_of_the_sample_stride", N // SAMPLE)
def periodic(period: int) -> Table:
    """Rows repeat with a period that blocks or the sample may fall in step with; slope and mean depend on the phase."""
    random = np.random.default_rng(20)
    phase = np.arange(N) % period
    level, slope = 5 * random.standard_normal((2, period))
    features, target = line(_normal() + 0.5 * level[phase, None])
    return features, target + level[phase] + slope[phase] * features[:, 0]


@nastier()
def only_in_the_last_rows() -> Table:
    """A feature is zero but in the last 1 % of the rows, where it is large: 40 rows of the sample know it."""
    features, target = line(_normal())
    features = features.copy()
    features[: -N // 100, 0] = 0
    return features, target + 100 * features[:, 0]


@nastier()
def new_regime_in_the_last_block() -> Table:
    """In the last block the target follows other slopes, a hundred times steeper: one block disagrees with the rest."""
    features, target = line(_normal())
    last = slice(BLOCK_ROWS * (BLOCKS - 1), None)
    target[last] = 1_000 - 100 * (features[last] @ slopes(D)[::-1])
    return features, target


@nastier()
def nested_collinearity() -> Table:
    """Each of four columns repeats the one before but for 1e-2, 1e-4, 1e-6, 1e-8 of it, and all differences matter."""
    features, target = line(_normal())
    features = features.copy()
    for column, size in enumerate((1e-2, 1e-4, 1e-6, 1e-8), start=1):
        features[:, column] = features[:, column - 1] + size * features[:, column]
        target = target + (features[:, column] - features[:, column - 1]) / size
    return features, target


@nastier()
def near_copy_of_the_intercept() -> Table:
    """A column is 1e6 and varies by 1e-4: ten digits of it are the intercept, six carry its effect."""
    features = _normal().copy()
    features[:, 0] = 1e6 + 1e-4 * features[:, 0]
    return line(features)


@nastier()
def heavy_features_and_noise() -> Table:
    """Neither features nor noise have a variance; the rows that count are few and contradict each other."""
    features, target = heavy_features()
    return features, target + np.random.default_rng(21).standard_t(1.2, N)


@nastier()
def hilbert_like() -> Table:
    """Powers 1 to 12 of one number between 0 and 1: the Gram matrix is Hilbert's, condition 1e16 and beyond."""
    x = np.random.default_rng(22).uniform(size=N)
    return x[:, None] ** np.arange(1, 13), 3 + np.sin(20 * x) + noise()


@nastier()
def float32_one_hot_wide() -> Table:
    """200 levels as 200 float32 columns, redundant by one, the frequent ones 1e4 times as frequent as the rare."""
    share = 1.0 / np.arange(1, 201) ** 1.7
    level = np.random.default_rng(23).choice(200, 50_000, p=share / share.sum())
    level[:200] = np.arange(200)
    features = np.eye(200, dtype=np.float32)[level]
    return features, (slopes(200)[level] + noise(50_000)).astype(np.float32)


@nastier()
def twelve_orders_in_a_column() -> Table:
    """Values from 1e-6 to 1e6 of either sign in every column: the many small ones carry as many digits."""
    random = np.random.default_rng(24)
    features = 10 ** random.uniform(-6, 6, (N, D)) * random.choice([-1, 1], (N, D))
    return line(features)


@nastier()
def alternating_outliers() -> Table:
    """Forty rows are ±1e8 in every feature and ∓1e8 in the target, in turns: means cancel, squares add up."""
    features, target = line(_normal())
    features = features.copy()
    rows = np.linspace(5, N - 5, 40).astype(int)
    sign = np.where(np.arange(40) % 2, 1.0, -1.0)
    features[rows] = 1e8 * sign[:, None] * (1 + 0.1 * features[rows])
    target[rows] = -1e8 * sign * (1 + 0.1 * target[rows])
    return features, target


@nastier()
def two_clusters() -> Table:
    """Two clusters 1e6 apart in every feature, one after the other: one direction has all of the variance."""
    features = _normal() + np.where(np.arange(N) < N // 3, -5e5, 5e5)[:, None]
    return features, 3 + (features @ slopes(D)) + noise()


@nastier()
def copies_of_three_rows() -> Table:
    """All rows are copies of three but for forty, which alone tell 18 directions apart; the target is noisy."""
    distinct = _normal(3, D, 30)
    features = distinct[np.random.default_rng(31).integers(0, 3, N)]
    features[np.linspace(0, N - 1, 40).astype(int)] = _normal(40, D, 32)
    return features, 3 + features @ slopes(D) + noise()


@nastier("n_2049", 2_049, 20)
@nastier("n_4097", 4_097, 20)
@nastier("n_5000", 5_000, 20)
@nastier("n_4200_d_200", 4_200, 200)
@nastier("n_4400_d_600", 4_400, 600, slow=True)
def just_above_the_sample(rows: int, columns: int) -> Table:
    """Just more rows than the learner samples: two blocks or so, and wide for that."""
    return line(_normal(rows, columns, 33))


@nastier()
def large_integers() -> Table:
    """Identifiers up to 2^53, and one that counts the rows up to it: all digits of a float64 are in use."""
    features = np.random.default_rng(34).integers(0, 2**53, (N, D)).astype(float)
    features[:, 0] = 2.0**53 - 5 * np.arange(N)[::-1]
    return line(features)


@nastier("one_row_of_1", 1.0)
@nastier("one_row_of_1e-20", 1e-20)
@nastier("one_row_of_1e-9", 1e-9)
@nastier("one_row_of_1e9", 1e9)
def zero_but_for_one_row(value: float) -> Table:
    """A column is zero except in one row, so its slope makes that residual zero, whatever the column's unit."""
    features, target = line(_normal())
    features, row = features.copy(), 2 * N // 3
    features[:, 0] = 0
    features[row, 0] = value
    target[row] += 10
    return features, target


@nastier("rare_binary_of_1e-9", 1e-9)
@nastier("rare_binary_of_1e-20", 1e-20)
def rare_binary_in_a_small_unit(unit: float) -> Table:
    """The rare yes is written as a tiny number: the gradient along it is as tiny and matters as much."""
    features, target = rare_binary()
    features[:, 0] *= unit
    return features, target


@nastier()
def duplicates_and_rare_binary() -> Table:
    """Of the directions that the sample does not show, one is real and three are redundant: only rounding tells."""
    features, target = duplicates_and_constant()
    features[:, 2] = 0
    features[np.random.default_rng(12).choice(N, 10, replace=False), 2] = 1
    return features, target + 50 * features[:, 2]


@nastier()
def one_hot_and_leverage() -> Table:
    """A redundant level, and five rows that force second moments of all rows, in which redundancy is 1e-16 of a row."""
    features, target = one_hot_sorted()
    long = np.random.default_rng(10).standard_normal(N)
    long[np.random.default_rng(10).choice(N, 5, replace=False)] *= 1e6
    return np.column_stack([features, long]), target + 1e-3 * long


@nastier()
def nearly_equal_but_for_three_rows() -> Table:
    """Two columns are equal except in three rows, where they differ by 1e-6 and the target by 50."""
    features, target = equal_but_for_three_rows()
    features[:, 1] = features[:, 0] + 1e-6 * (features[:, 1] - features[:, 0])
    return features, target


@nastier()
def one_row_times_1e10() -> Table:
    """A unit mistake in one row: 1e10 times as long. Sums of squares lose all that the other rows say."""
    features, target = line(_normal())
    features = features.copy()
    features[N // 7] *= 1e10
    return features, target


@nastier()
def rare_event_target() -> Table:
    """The target is 0 but in five rows, where it is 1: constant in the sample, which sees no error at all."""
    target = np.zeros(N)
    target[np.linspace(7, N - 7, 5).astype(int)] = 1
    return _normal(), target


@nastier("silent_but_for_2000_rows", 2_000)
@nastier("silent_but_for_200_rows", 200)
@nastier("silent_but_for_20_rows", 20)
def silent_but_for_the_last_rows(rows: int) -> Table:
    """Nearly all rows are zero in all columns: a few rows of the sample, or none, carry twenty slopes."""
    features = _normal().copy()
    features[:-rows] = 0
    return line(features)


@nastier()
def random_walks() -> Table:
    """Every feature is a random walk, and so is what they do not explain: no block is like another."""
    features = np.cumsum(_normal(), axis=0)
    return features, 3 + features @ slopes(D) / 100 + np.cumsum(noise())


@nastier()
def nearly_noiseless() -> Table:
    """The noise is 1e-8 of the signal, and the excess is relative to its square: 1e-24 of the target's variance."""
    return line(_normal(), size=1e-8)


@nastier()
def extreme_units() -> Table:
    """Features of 1e-148 and of 1e148 and a target of 1e148: slopes of 1e296, products at the edge of float64."""
    features, target = line(_normal())
    return features * np.where(np.arange(D) % 2, 1e-148, 1e148), 1e148 * target


@nastier("tiny_units", 1e-148)
@nastier("huge_units", 1e148)
def same_unit(unit: float) -> Table:
    """Features and target all in a unit whose square is at the edge of float64, its fourth power beyond."""
    features, target = line(_normal())
    return features * unit, target * unit


@nastier("constant_columns_only", N)
@nastier("constant_columns_only_small", 100)
def constant_columns(rows: int) -> Table:
    """No column varies: rank 0, and the answer is the target's mean."""
    return np.full((rows, 3), [0.1, -7.0, 0.0]), 3 + noise(rows)


@nastier("large_constants", N)
@nastier("large_constants_small", 100)
def large_constants(rows: int) -> Table:
    """Constant columns whose mean a float64 rounds, by 1e-7 of the others' unit and more, so that they seem to vary."""
    features, target = line(_normal(rows, 6, 37))
    return np.column_stack([features, np.full((rows, 4), [1e9 + 0.1, 1e15 / 3, 1e-20 / 3, 1e150])]), target


@nastier(fits_exactly=True)
def constant_target() -> Table:
    """The target is 0.1 in every row: nothing to explain, and a mean that is rounded."""
    return _normal(), np.full(N, 0.1)


def sampled_rows(rows: int = N) -> npt.NDArray[np.intp]:
    """Return the numbers of the rows that the learner with seed 0 will sample."""
    numbers = np.arange(rows, dtype=float)
    return dataset(numbers[:, None], numbers).sample(SAMPLE, 0).target.astype(np.intp)


@nastier()
def leverage_in_the_sample() -> Table:
    """Twenty rows are 1e3 times as long, all in the sample: it takes the loss for 49 times as curved as it is."""
    features, target = line(_normal())
    features = features.copy()
    features[sampled_rows()[100:4_000:195]] *= 1e3
    return features, target


@nastier()
def one_long_row_in_the_sample() -> Table:
    """One row is 1e3 times as long, and it is in the sample: one direction is 49 times less curved than it seems."""
    features, target = line(_normal())
    features = features.copy()
    features[sampled_rows()[2_000]] *= 1e3
    return features, target


@nastier()
def rare_binary_in_the_sample() -> Table:
    """Three binary features, each yes in four rows that are all in the sample: 49 times as rare as they seem."""
    features, target = line(_normal())
    features = features.copy()
    features[:, :3] = 0
    for column in range(3):
        features[sampled_rows()[column + 5 : 4_000 : 1_100], column] = 1
    return features, target + 50 * features[:, :3].sum(axis=1)


@nastier()
def nested_collinearity_with_leverage() -> Table:
    """Differences of 1e-8 carry effects, and five long rows force the second moments of all rows, which lose 1e-16."""
    features, target = nested_collinearity()
    rows = np.random.default_rng(10).choice(N, 5, replace=False)
    features[rows] *= 1e4
    return features, target


@nastier()
def hilbert_like_with_rare_binary() -> Table:
    """Powers up to 12, and a column that is constant in the sample: what the sample lacks is in a Hilbert matrix."""
    features, target = hilbert_like()
    rare = np.zeros(N)
    rare[np.random.default_rng(12).choice(N, 10, replace=False)] = 1
    return np.column_stack([features, rare]), target + 50 * rare


@nastier()
def small_difference_beside_a_large_offset() -> Table:
    """Two columns differ in three rows, by 1e-3, while another column is 1e9 away from zero and hides it."""
    features, target = equal_but_for_three_rows()
    features[:, 1] = features[:, 0] + 1e-3 * (features[:, 1] - features[:, 0])
    features[:, 19] += 1e9
    return features, target


@nastier()
def duplicates_and_scales() -> Table:
    """Scales from 1e-8 to 1e8 and duplicates: the smallest norm is that of slopes 16 orders of magnitude apart."""
    features, target = duplicates_and_constant()
    return features * np.logspace(-8, 8, D), target


@nastier()
def heavy_features_rotated() -> Table:
    """Student's t with half a degree of freedom, in directions that are no columns: the long rows share columns."""
    random = np.random.default_rng(38)
    rotation, _ = np.linalg.qr(random.standard_normal((D, D)))
    features = random.standard_t(0.5, (N, D)) @ rotation
    return features, 3 + features @ slopes(D) * 1e-3 + noise()


@nastier()
def growing_scale() -> Table:
    """Rows grow from 1e-6 to 1e6 along the table: the last tenth has all of the curvature."""
    features = _normal() * np.logspace(-6, 6, N)[:, None]
    return line(features)


@nastier("n_6500_d_400", 6_500, 400)
def ten_rows_a_column(rows: int, columns: int) -> Table:
    """The sample has ten rows a column: a pass gains ten-fold at best."""
    return line(_normal(rows, columns, 33))


@nastier("float32_units_1e20", 1e20, 1e20)
@nastier("float32_units_1e-25", 1e-25, 1e-25)
@nastier("float32_target_1e-25", 1.0, 1e-25)
@nastier("float32_target_1e25", 1.0, 1e25)
def single_precision_in_units(unit: float, target_unit: float) -> Table:
    """The numbers fit in a float32, their squares do not: they overflow, or vanish and look like a perfect fit."""
    features, target = line(_normal())
    return (features * unit).astype(np.float32), (target * target_unit).astype(np.float32)


@nastier()
def float32_scales() -> Table:
    """Float32 columns from 1e-15 to 1e15: as a whole the table looks large, and half of its columns are tiny."""
    features, target = line(_normal())
    return (features * np.logspace(-15, 15, D)).astype(np.float32), target.astype(np.float32)


@nastier("float32_small_noise", 1e-4, np.float32)
@nastier("float32_features_only", 1.0, np.float64)
def mixed_precision(size: float, target_type: type[np.floating]) -> Table:
    """Features in float32; a noise of 1e-4 of the signal, or a float64 target at 1e9, wants more digits."""
    features, target = line(_normal().astype(np.float32), size)
    return features, (target + (1e9 if target_type is np.float64 else 0)).astype(target_type)


@nastier()
def reversed_and_unaligned() -> Table:
    """The rows run backwards through memory, at addresses that no processor likes."""
    features, target = line(_normal())
    room = np.empty(features.nbytes + 1, dtype=np.uint8)
    backwards = np.ndarray(features.shape, np.float64, buffer=room, offset=1)
    backwards[:] = features[::-1]
    return backwards[::-1], target


@nastier()
def one_sorted_column() -> Table:
    """One feature, sorted, and curved effect: blocks of 65 536 rows, four of them, each with a slope of its own."""
    x = np.sort(_normal()[:, :1], axis=0)
    return x, 3 + x[:, 0] + x[:, 0] ** 3 + noise()


@nastier()
def clusters_of_different_spread() -> Table:
    """Ten rows in a thousand vary 1e5 times as much as the rest, and hold the other slopes: two models in one table."""
    random = np.random.default_rng(36)
    wide = random.uniform(size=N) < 1e-3
    features = np.where(wide[:, None], 1e5, 1.0) * _normal()
    return features, np.where(wide, features @ slopes(D)[::-1], features @ slopes(D)) + noise()


@nastier(fits_exactly=True)
def noiseless_and_redundant() -> Table:
    """An exact line over duplicates, sorted by the target, at an offset of 1e3."""
    features = _normal() + 1e3
    features[:, 19] = features[:, 0]
    target = 3 + features @ slopes(D)
    return in_order_of(target, (features, target))


CASES = STUDY | NASTIER


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the learner made of a case, and what is true about it."""

    case: Case
    fit: Fit
    problem: LeastSquares
    excess: float
    mse: float
    rounding: float
    noise: float
    seconds: float
    untouched: bool


def dataset(features: FloatArray, target: FloatArray) -> Dataset:
    return Dataset(features, target, tuple(f"x{column}" for column in range(features.shape[1])), "y")


def outcome(case: Case, learner: SGD | None = None) -> Outcome:
    """Fit the case's table and judge the model."""
    features, target = case.table()
    before = features.copy(), target.copy()
    rows = dataset(features, target)
    start = time.perf_counter()
    fit = (learner or SGD(tol=TOL)).fit(rows)
    seconds = time.perf_counter() - start
    untouched = np.array_equal(features, before[0]) and np.array_equal(target, before[1])
    problem = LeastSquares(features, target)
    judged = problem.judge(fit.model)
    return Outcome(
        case, fit, problem, judged.excess, judged.mse, judged.rounding, judged.noise, seconds, untouched=untouched
    )


def main(words: list[str]) -> None:
    """Print a line a case."""
    for name, case in CASES.items():
        if words and not any(word in name for word in words):
            continue
        try:
            print(row(outcome(case)), flush=True)  # noqa: T201  # a program that prints
        except Exception as error:
            print(f"{name:34} {type(error).__name__}: {error}", flush=True)  # noqa: T201  # a program's output


def row(result: Outcome) -> str:
    """Return the outcome as a line of the table."""
    report, problem = result.fit.report, result.problem
    if result.case.fits_exactly:
        size = float(np.var(problem.target)) or float(np.mean(problem.target**2))
        truth = f"MSE/var {result.mse / size:8.1e}"
    else:
        truth = f"excess  {result.excess:8.1e}"
    history = " ".join(f"{value:.0e}" for value in report.excess_risk)
    return (
        f"{result.case.name:38} {report.stop_reason:10} {report.passes:2} passes "
        f"rank {report.rank:4}/{problem.rank:<4} "
        f"{truth} rounding {result.rounding:7.0e} {1e3 * result.seconds:7.0f} ms  "
        f"[{history}] {'+'.join(report.seconds)} {report.warning}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
