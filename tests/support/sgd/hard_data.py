"""Tables that are hard to learn from, by name; the comment above each states what is hard about it."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from domain.data.dataset import Dataset
from domain.learning.sgd.block_reader import block_rows
from domain.learning.sgd.sample import sample_size

FloatArray = npt.NDArray[np.floating]
Table = tuple[FloatArray, FloatArray]

N, D = 200_000, 20
TOL = 1e-8
# Rows of a block of the learner, the number of blocks, and the rows that it samples, of N x D.
BLOCK_ROWS, SAMPLE = block_rows(N, D), sample_size(N, D)
BLOCKS = -(-N // BLOCK_ROWS)


@cache
def normal(rows: int = N, columns: int = D, seed: int = 1) -> FloatArray:
    values = np.random.default_rng(seed).standard_normal((rows, columns))
    values.setflags(write=False)
    return values


def noise(rows: int = N) -> FloatArray:
    return np.random.default_rng(3).standard_normal(rows)


def slopes(count: int = D) -> FloatArray:
    """Return coefficients of both signs between 0.5 and 2 in size."""
    random = np.random.default_rng(2)
    return random.uniform(0.5, 2, count) * random.choice([-1, 1], count)


def line(features: FloatArray, size: float = 1.0) -> Table:
    """Return the features and 3 + Σ slopes · features / spread + `size` · normal noise."""
    spread = features.std(axis=0, dtype=np.float64)
    effect = (features - features.mean(axis=0)) @ (slopes(features.shape[1]) / np.where(spread > 0, spread, 1))
    return features, 3 + effect + size * noise(len(features))


@cache
def y() -> FloatArray:
    """Return the target of the normal features."""
    return line(normal())[1]


def raw(features: FloatArray, slope: FloatArray | float = 1.0) -> Table:
    """Return the features and 3 + Σ slopes · features · `slope` + normal noise; the spread does not matter."""
    return features, 3 + features @ (slopes(features.shape[1]) * slope) + noise(len(features))


def put(where: object, values: object, features: FloatArray | None = None) -> FloatArray:
    """Return a copy of `features`, the normal ones by default, with `values` in some places."""
    changed = (normal() if features is None else features).copy()
    changed[where] = values
    return changed


def times(rows: object, factor: float, features: FloatArray | None = None) -> FloatArray:
    """Return a copy of `features`, the normal ones by default, with some rows multiplied."""
    changed = (normal() if features is None else features).copy()
    changed[rows] *= factor
    return changed


def chosen(seed: int, count: int) -> FloatArray:
    return np.random.default_rng(seed).choice(N, count, replace=False)


def sampled() -> FloatArray:
    """Return the numbers of the rows that the learner with seed 0 samples."""
    numbers = np.arange(N, dtype=float)
    return dataset(numbers[:, None], numbers).sample(SAMPLE, 0).target.astype(np.intp)


def in_order_of(key: FloatArray, table: Table) -> Table:
    order = np.argsort(key, kind="stable")
    return table[0][order], table[1][order]


def in_groups() -> Table:
    random = np.random.default_rng(5)
    group = np.arange(N) * 20 // N
    features, target = line(normal() + 3 * random.standard_normal((20, D))[group])
    return features, target + 5 * random.standard_normal(20)[group]


def periodic(period: int) -> Table:
    """Rows repeat with a period, and slope and mean depend on the phase."""
    random = np.random.default_rng(20)
    phase = np.arange(N) % period
    level, slope = 5 * random.standard_normal((2, period))
    features, target = line(normal() + 0.5 * level[phase, None])
    return features, target + level[phase] + slope[phase] * features[:, 0]


def powers(count: int, x: FloatArray, frequency: float) -> Table:
    return x[:, None] ** np.arange(1, count + 1), 3 + np.sin(frequency * x) + noise()


def collinear() -> Table:
    features = put(np.s_[:, 1], normal()[:, 0] + 1e-6 * normal()[:, 1])
    return features, y() + 1e5 * (features[:, 1] - features[:, 0])


def nested_collinearity() -> Table:
    features, target = normal().copy(), y()
    for column, size in enumerate((1e-2, 1e-4, 1e-6, 1e-8), start=1):
        features[:, column] = features[:, column - 1] + size * features[:, column]
        target = target + (features[:, column] - features[:, column - 1]) / size
    return features, target


def duplicates_and_constant() -> FloatArray:
    x = normal()
    return put(np.s_[:, 17:], np.column_stack([x[:, 0], 3 * x[:, 1], np.full(N, 7.0)]))


def rare_binary(features: FloatArray | None = None, column: int = 0, unit: float = 1.0) -> Table:
    """Return a table with a feature that is `unit` in ten rows, with an effect of 50, and 0 in the others."""
    rare = np.zeros(N)
    rare[chosen(12, 10)] = 1
    return put(np.s_[:, column], rare * unit, features), y() + 50 * rare


def equal_but_for_three_rows(difference: float = 1.0) -> Table:
    """Return a table whose first two columns differ in three rows, with an effect of 50."""
    apart = np.zeros(N)
    apart[[11, N // 2, N - 7]] = 1
    return put(np.s_[:, 1], normal()[:, 0] + difference * apart), y() + 50 * apart


def one_row(value: float) -> Table:
    """Return a table with a column that is 0 but in one row, whose residual its slope takes away."""
    only = np.zeros(N)
    only[2 * N // 3] = 1
    return put(np.s_[:, 0], value * only), y() + 10 * only


def one_hot_sorted() -> FloatArray:
    return np.eye(D)[np.sort(np.random.default_rng(6).integers(0, D, N))]


def one_hot_and_leverage() -> Table:
    long = np.random.default_rng(10).standard_normal(N)
    long[chosen(10, 5)] *= 1e6
    features, target = line(one_hot_sorted())
    return np.column_stack([features, long]), target + 1e-3 * long


def float32_one_hot_wide() -> Table:
    share = 1.0 / np.arange(1, 201) ** 1.7
    level = np.random.default_rng(23).choice(200, 50_000, p=share / share.sum())
    level[:200] = np.arange(200)
    return np.eye(200, dtype=np.float32)[level], (slopes(200)[level] + noise(50_000)).astype(np.float32)


def new_regime_in_the_last_block() -> Table:
    last = slice(BLOCK_ROWS * (BLOCKS - 1), None)
    return normal(), put(last, 1_000 - 100 * (normal()[last] @ slopes()[::-1]), y())


def twelve_orders() -> FloatArray:
    random = np.random.default_rng(24)
    return 10 ** random.uniform(-6, 6, (N, D)) * random.choice([-1, 1], (N, D))


def alternating_outliers() -> Table:
    rows, sign = np.linspace(5, N - 5, 40).astype(int), np.where(np.arange(40) % 2, 1.0, -1.0)
    features = put(rows, 1e8 * sign[:, None] * (1 + 0.1 * normal()[rows]))
    return features, put(rows, -1e8 * sign * (1 + 0.1 * y()[rows]), y())


def copies_of_three_rows() -> FloatArray:
    copies = normal(3, D, 30)[np.random.default_rng(31).integers(0, 3, N)]
    return put(np.linspace(0, N - 1, 40).astype(int), normal(40, D, 32), copies)


def large_integers() -> FloatArray:
    features = np.random.default_rng(34).integers(0, 2**53, (N, D)).astype(float)
    return put(np.s_[:, 0], 2.0**53 - 5 * np.arange(N)[::-1], features)


def rare_binaries_in_the_sample() -> Table:
    features = put(np.s_[:, :3], 0.0)
    for column in range(3):
        features[sampled()[column + 5 : 4_000 : 1_100], column] = 1
    return features, y() + 50 * features[:, :3].sum(axis=1)


def hilbert_like() -> Table:
    return powers(12, np.random.default_rng(22).uniform(size=N), 20)


def hilbert_like_with_rare_binary() -> Table:
    features, target = hilbert_like()
    rare = np.isin(np.arange(N), chosen(12, 10)).astype(float)
    return np.column_stack([features, rare]), target + 50 * rare


def small_difference_beside_a_large_offset() -> Table:
    features, target = equal_but_for_three_rows(1e-3)
    features[:, 19] += 1e9
    return features, target


def rotated_heavy_tails() -> FloatArray:
    random = np.random.default_rng(38)
    rotation, _ = np.linalg.qr(random.standard_normal((D, D)))
    return random.standard_t(0.5, (N, D)) @ rotation


def backwards_and_unaligned() -> FloatArray:
    room = np.empty(normal().nbytes + 1, dtype=np.uint8)
    backwards = np.ndarray((N, D), np.float64, buffer=room, offset=1)
    backwards[:] = normal()[::-1]
    return backwards[::-1]


def one_sorted_column() -> Table:
    x = np.sort(normal()[:, :1], axis=0)
    return x, 3 + x[:, 0] + x[:, 0] ** 3 + noise()


def clusters_of_different_spread() -> Table:
    wide = np.random.default_rng(36).uniform(size=N) < 1e-3
    features = np.where(wide[:, None], 1e5, 1.0) * normal()
    return features, np.where(wide, features @ slopes()[::-1], features @ slopes()) + noise()


def noiseless_and_redundant() -> Table:
    features = normal() + 1e3
    features[:, 19] = features[:, 0]
    target = 3 + features @ slopes()
    return in_order_of(target, (features, target))


def single(features: FloatArray, target: FloatArray) -> Table:
    return features.astype(np.float32), target.astype(np.float32)


CASES: dict[str, Callable[[], Table]] = {
    # Nothing: the case that must be fast.
    "iid": lambda: (normal(), y()),
    # The columns' scales run from 1e-8 to 1e8, so curvature differs by 32 orders of magnitude.
    "scales": lambda: (normal() * np.logspace(-8, 8, D), y()),
    # The means are far from zero: uncentered sums of squares lose 12 and 18 digits.
    "x_offset_1e6": lambda: line(normal() + 1e6),
    "x_offset_1e9": lambda: line(normal() + 1e9),
    "y_offset_1e9": lambda: (normal(), y() + 1e9),
    # An absolute threshold anywhere would show; at 1e150 squares only just stay finite.
    "y_scale_1e12": lambda: (normal(), y() / np.abs(y()).max() * 1e12),
    "y_scale_1e-12": lambda: (normal(), y() / np.abs(y()).max() * 1e-12),
    "y_scale_1e150": lambda: (normal(), y() / np.abs(y()).max() * 1e150),
    # No block is like the whole.
    "sorted_by_y": lambda: in_order_of(y(), (normal(), y())),
    "sorted_by_x0": lambda: in_order_of(normal()[:, 0], (normal(), y())),
    "trend": lambda: (normal(), y() + np.linspace(-5, 5, N)),
    "drifted_groups": in_groups,
    "random_walks": lambda: (
        np.cumsum(normal(), axis=0),
        3 + np.cumsum(normal(), axis=0) @ slopes() / 100 + np.cumsum(noise()),
    ),
    "one_sorted_column": one_sorted_column,
    "growing_scale": lambda: line(normal() * np.logspace(-6, 6, N)[:, None]),
    "new_regime_in_the_last_block": new_regime_in_the_last_block,
    # Blocks or the sample may fall in step with the period.
    "period_of_the_block_count": lambda: periodic(BLOCKS),
    "period_of_the_block_rows": lambda: periodic(BLOCK_ROWS),
    "period_of_the_sample_stride": lambda: periodic(N // SAMPLE),
    # All levels have a column, so one is redundant; sorted, a block has one level only.
    "one_hot_sorted": lambda: line(one_hot_sorted()),
    # 200 levels, the frequent ones 1e4 times as frequent as the rare.
    "float32_one_hot_wide": float32_one_hot_wide,
    "one_hot_and_leverage": one_hot_and_leverage,
    # Nearly collinear: powers of a number between 0 and 1 (Hilbert's matrix), small differences with large effects.
    "polynomial_sorted": lambda: powers(8, np.sort(np.random.default_rng(7).uniform(size=N)), 6),
    "hilbert_like": hilbert_like,
    "collinear": collinear,
    "nested_collinearity": nested_collinearity,
    "nested_collinearity_with_leverage": lambda: (
        times(chosen(10, 5), 1e4, nested_collinearity()[0]),
        nested_collinearity()[1],
    ),
    # A column is 1e6 and varies by 1e-4: ten digits of it are the intercept, six carry its effect.
    "near_copy_of_the_intercept": lambda: line(put(np.s_[:, 0], 1e6 + 1e-4 * normal()[:, 0])),
    # Rank d − 3, and infinitely many answers.
    "duplicates_and_constant": lambda: (duplicates_and_constant(), y()),
    "duplicates_and_scales": lambda: (duplicates_and_constant() * np.logspace(-8, 8, D), y()),
    "duplicates_and_rare_binary": lambda: rare_binary(duplicates_and_constant(), column=2),
    # No variance: Student's t.
    "heavy_noise": lambda: (normal(), line(normal(), 0)[1] + np.random.default_rng(8).standard_t(1.2, N)),
    "heavy_features": lambda: raw(np.random.default_rng(11).standard_t(1.5, (N, D))),
    "heavy_features_and_noise": lambda: (
        np.random.default_rng(11).standard_t(1.5, (N, D)),
        raw(np.random.default_rng(11).standard_t(1.5, (N, D)))[1] + np.random.default_rng(21).standard_t(1.2, N),
    ),
    "heavy_features_rotated": lambda: raw(rotated_heavy_tails(), 1e-3),
    "lognormal_features": lambda: raw(np.exp(3 * normal())),
    # A few targets, rows or both are huge.
    "outliers": lambda: (normal(), put(chosen(9, 20), y()[chosen(9, 20)] + 1e6, y())),
    "leverage": lambda: (times(chosen(10, 5), 1e4), y()),
    "alternating_outliers": alternating_outliers,
    "one_row_times_1e10": lambda: (times(N // 7, 1e10), y()),
    # The sample takes the loss for 49 times as curved as it is, or features for 49 times as frequent.
    "leverage_in_the_sample": lambda: (times(sampled()[100:4_000:195], 1e3), y()),
    "one_long_row_in_the_sample": lambda: (times(sampled()[2_000], 1e3), y()),
    "rare_binary_in_the_sample": rare_binaries_in_the_sample,
    # Constant in the sample, in any unit.
    "rare_binary": rare_binary,
    "rare_binary_of_1e-9": lambda: rare_binary(unit=1e-9),
    "rare_binary_of_1e-20": lambda: rare_binary(unit=1e-20),
    "hilbert_like_with_rare_binary": hilbert_like_with_rare_binary,
    "equal_but_for_three_rows": equal_but_for_three_rows,
    "nearly_equal_but_for_three_rows": lambda: equal_but_for_three_rows(1e-6),
    "small_difference_beside_a_large_offset": small_difference_beside_a_large_offset,
    "one_row_of_1": lambda: one_row(1.0),
    "one_row_of_1e-20": lambda: one_row(1e-20),
    "one_row_of_1e-9": lambda: one_row(1e-9),
    "one_row_of_1e9": lambda: one_row(1e9),
    "rare_event_target": lambda: (normal(), put(np.linspace(7, N - 7, 5).astype(int), 1.0, np.zeros(N))),
    # Nearly all rows are zero, or copies: a few rows of the sample, or none, carry the slopes.
    "only_in_the_last_rows": lambda: (put(np.s_[:-N // 100, 0], 0.0), y() + 100 * put(np.s_[:-N // 100, 0], 0.0)[:, 0]),
    "silent_but_for_2000_rows": lambda: line(put(np.s_[:-2_000], 0.0)),
    "silent_but_for_200_rows": lambda: line(put(np.s_[:-200], 0.0)),
    "silent_but_for_20_rows": lambda: line(put(np.s_[:-20], 0.0)),
    "copies_of_three_rows": lambda: raw(copies_of_three_rows()),
    # Two models in one table, or two clusters 1e6 apart.
    "clusters_of_different_spread": clusters_of_different_spread,
    "two_clusters": lambda: raw(normal() + np.where(np.arange(N) < N // 3, -5e5, 5e5)[:, None]),
    # All digits of a float64 are in use, or values of 12 orders of magnitude.
    "large_integers": lambda: line(large_integers()),
    "twelve_orders_in_a_column": lambda: line(twelve_orders()),
    # Slopes of 1e296, products at the edge of float64; squares at the edge, fourth powers beyond.
    "extreme_units": lambda: (normal() * np.where(np.arange(D) % 2, 1e-148, 1e148), 1e148 * y()),
    "tiny_units": lambda: (normal() * 1e-148, y() * 1e-148),
    "huge_units": lambda: (normal() * 1e148, y() * 1e148),
    # No error to be relative to, or one of 1e-8 of the signal.
    "noiseless": lambda: line(normal(), size=0),
    "nearly_noiseless": lambda: line(normal(), size=1e-8),
    "noiseless_and_redundant": noiseless_and_redundant,
    "constant_target": lambda: (normal(), np.full(N, 0.1)),
    # Rank 0; and constants whose mean a float64 rounds, so that they seem to vary.
    "constant_columns_only": lambda: (np.full((N, 3), [0.1, -7.0, 0.0]), 3 + noise()),
    "constant_columns_only_small": lambda: (np.full((100, 3), [0.1, -7.0, 0.0]), 3 + noise(100)),
    **{
        name: lambda rows=rows: (
            np.column_stack([normal(rows, 6, 37), np.full((rows, 4), [1e9 + 0.1, 1e15 / 3, 1e-20 / 3, 1e150])]),
            line(normal(rows, 6, 37))[1],
        )
        for name, rows in (("large_constants", N), ("large_constants_small", 100))
    },
    # The line goes through every row, or many lines do.
    **{
        name: lambda rows=rows, columns=columns: raw(normal(rows, columns, 4))
        for name, rows, columns in (
            ("n_5", 5, 20), ("n_1", 1, 20), ("n_50_d_80", 50, 80), ("n_80_d_79", 80, 79), ("n_30_d_30", 30, 30)
        )
    },
    # Little more rows than the sample, ten rows a column in it, or less than three.
    **{
        name: lambda rows=rows, columns=columns: line(normal(rows, columns, 33))
        for name, rows, columns in (
            ("n_2049", 2_049, 20), ("n_4097", 4_097, 20), ("n_5000", 5_000, 20), ("n_4200_d_200", 4_200, 200),
            ("n_6500_d_400", 6_500, 400), ("n_4400_d_600", 4_400, 600),
        )
    },
    "d_200_sorted": lambda: in_order_of(line(normal(100_000, 200))[1], line(normal(100_000, 200))),
    "d_1500": lambda: line(normal(20_000, 1500)),
    # 24 bits a number: at an offset of 1e4, ten of them are left for what varies.
    "float32": lambda: single(*line(normal().astype(np.float32))),
    "float32_offset_1e3": lambda: single(*line((normal() + 1e3).astype(np.float32))),
    "float32_offset_1e4": lambda: single(*line((normal() + 1e4).astype(np.float32))),
    # The numbers fit in a float32, their squares do not.
    "float32_units_1e20": lambda: single(normal() * 1e20, y() * 1e20),
    "float32_units_1e-25": lambda: single(normal() * 1e-25, y() * 1e-25),
    "float32_target_1e-25": lambda: single(normal(), y() * 1e-25),
    "float32_target_1e25": lambda: single(normal(), y() * 1e25),
    "float32_scales": lambda: single(normal() * np.logspace(-15, 15, D), y()),
    # A noise of 1e-4 of the signal, or a float64 target at 1e9, wants more digits.
    "float32_small_noise": lambda: single(*line(normal().astype(np.float32), 1e-4)),
    "float32_features_only": lambda: (normal().astype(np.float32), line(normal().astype(np.float32))[1] + 1e9),
    # Layouts in memory.
    "fortran_order": lambda: (np.asfortranarray(normal()), y()),
    "row_strided": lambda: (np.repeat(normal(), 2, axis=0)[::2], np.repeat(y(), 2)[::2]),
    "column_strided": lambda: (np.repeat(normal(), 2, axis=1)[:, ::2], y()),
    "reversed_and_unaligned": lambda: (backwards_and_unaligned(), y()),
}  # fmt: skip
# Least squares leave no residual for an excess to be relative to.
EXACT = {"noiseless", "noiseless_and_redundant", "constant_target", "n_5", "n_1", "n_50_d_80", "n_80_d_79", "n_30_d_30"}
SLOW = {"d_1500", "n_4400_d_600", "d_200_sorted", "float32_one_hot_wide"}


def dataset(features: FloatArray, target: FloatArray) -> Dataset:
    return Dataset(features, target, tuple(f"x{column}" for column in range(features.shape[1])), "y")
