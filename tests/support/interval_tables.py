"""Tables whose prediction intervals are measured: generated ones with columns of every kind, and real ones."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.learning.terms.choice import Terms

DAY = 86_400.0


class IntervalTable(NamedTuple):
    """A table, the terms to learn, and whether the target is learned on a logarithmic scale."""

    rows: Dataset
    terms: Terms
    log_target: bool = False


def generated_table(seed: int) -> IntervalTable:
    """Return a table of 300 to 1,000 rows with numbers, a category, gaps and dates, and noise of several forms."""
    random = np.random.default_rng(seed)
    count, numbers = int(random.integers(300, 1_000)), int(random.integers(1, 6))
    values = random.normal(size=(count, numbers))
    level = random.integers(int(random.integers(2, 9)), size=count)
    gaps = np.where(random.random(count) < random.uniform(0, 0.3), np.nan, random.normal(size=count))
    day = random.integers(18_000, 19_000, size=count)
    effect = values @ random.normal(size=numbers) + np.sin(2 * values[:, 0]) + 0.3 * level
    effect += np.nan_to_num(gaps) + np.cos(day / 58)
    sums = effect + random.uniform(0.2, 2) * _noise(random, values[:, 0])
    log_target = bool(random.random() < 1 / 3)
    columns = (
        *(Column(f"x{place}") for place in range(numbers)),
        Column("level", "category", tuple(f"level {place}" for place in range(level.max() + 1))),
        Column("gaps", nullable=True),
        Column("day", "datetime"),
    )
    terms: Terms = ("linear", "splines", "auto")[seed % 3]  # type: ignore[assignment]  # the literals
    target = np.exp(sums / sums.std()) if log_target else sums
    return IntervalTable(
        Dataset(np.column_stack([values, level, gaps, day * DAY]), target, columns, "y"), terms, log_target
    )


def _noise(random: np.random.Generator, by: FloatArray) -> FloatArray:
    """Return noise that is normal, heavy in its tails, skewed, or larger for some rows."""
    normal = random.normal(size=len(by))
    return (normal, random.standard_t(3, size=len(by)), random.exponential(size=len(by)), normal * (0.2 + np.abs(by)))[
        int(random.integers(4))
    ]


def real_tables() -> Iterator[IntervalTable]:
    """Yield 20 tables of four data sets that scikit-learn ships: some columns, each predicted from the others."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

    for load, targets in (
        (load_diabetes, ("progression", "bmi", "bp", "s1", "s3", "s5")),
        (
            load_breast_cancer,
            ("mean radius", "mean texture", "mean smoothness", "worst area", "area error", "mean symmetry"),
        ),
        (load_wine, ("alcohol", "malic_acid", "color_intensity", "proline", "hue")),
        (load_iris, ("sepal length (cm)", "petal length (cm)", "petal width (cm)")),
    ):
        data = load()
        names = [*data.feature_names, "progression"]
        values = np.column_stack([data.data, data.target])
        for target in targets:
            place = names.index(target)
            others = [name for name in names if name != target]
            yield IntervalTable(Dataset(np.delete(values, place, axis=1), values[:, place], others, target), "auto")
