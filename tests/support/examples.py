"""Example models, lineages, tables and trainings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.split import HoldOutLast
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.learning.encoded_fit import fit_encoded
from domain.learning.plan import Training
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms
from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.importance import importances
from domain.model.linear_model import LinearModel
from domain.model.model_version import Lineage, ModelVersion
from domain.model.score_intervals import Interval, score_intervals
from domain.model.scores import Scores, evaluate
from domain.ports import Charts

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def a_model(slope: float = 938.2378612512634, *more: float) -> LinearModel:
    names = ("bmi", "bp", "s1", "s2")[: 1 + len(more)]
    return LinearModel(np.array([slope, *more]), 152.91886182616168, names)


def a_lineage(r2: float = 0.4726, run_id: str = "run-1", created_at: datetime = NOON) -> Lineage:
    return Lineage(
        run_id=run_id,
        scores=Scores(r2=r2, mse=2548.07, rmse=50.4784, mae=41.2271),
        target="progression",
        data_fingerprint="0" * 64,
        settings={"learning_rate": None, "batch_size": 32, "tol": 1e-6, "seed": 0},
        code_revision="8df0ea5+dirty",
        created_at=created_at,
        intervals={"r2": Interval(0.31, 0.6), "rmse": Interval(45.1, 56.2), "mae": Interval(36.0, 46.5)},
        warnings=("only 20 held-out rows: the scores are uncertain",),
    )


def a_version(name: str = "1", slope: float = 938.2378612512634) -> ModelVersion:
    return ModelVersion(name, a_model(slope), a_lineage())


def a_measured_version(values: FloatArray) -> ModelVersion:
    """Return a version of one number with these training rows, shape (n, 1), and intervals."""
    column = NumberColumn("bmi", low=float(values.min()), high=float(values.max()))
    model = LinearModel([1.0], 0.0, Encoding((column,)))
    distributions = Distributions.of(model, values, seed=0)
    calibration = Calibration(19, np.arange(19.0))
    return ModelVersion("1", model, a_lineage(), calibration=calibration, distributions=distributions)


def a_table(rows: int = 60, features: int = 2, seed: int = 7, noise: float = 0.5) -> Dataset:
    """Return y = 3 + 1·x0 + 2·x1 + … + noise."""
    random = np.random.default_rng(seed)
    design = random.normal(size=(rows, features))
    target = 3 + design @ np.arange(1.0, features + 1) + noise * random.normal(size=rows)
    return Dataset(design, target, tuple(f"x{column}" for column in range(features)), "y")


def a_training(rows: int = 60, features: int = 2) -> Training:
    table = a_table(rows, features)
    split = HoldOutLast(10)(table)
    fit = SGD().fit(split.train)
    return explained(Training(table.fingerprint, split, fit, evaluate(fit.model, split.test)))


HOSTILE = ("<script>alert(1)</script>", "`x`|y [z](http://z) *", "$\\frac{", "it's")


def a_hostile_training(*, log_target: bool = False) -> Training:
    """Return a training on columns of all kinds, with names and levels that Markdown, HTML and formulas interpret."""
    random = np.random.default_rng(3)
    size, level, day = random.normal(size=60), random.integers(4, size=60), random.uniform(1.6e9, 1.7e9, size=60)
    gaps = np.where(np.arange(60) % 7 == 0, np.nan, size)
    gaps[-12:] = np.nan  # the held-out rows have only gaps
    features = np.column_stack([gaps, level, day, level > 1, np.zeros(60)])
    columns = (
        Column("../a b $x$", nullable=True),
        Column("<script>|`", "category", HOSTILE),
        Column("A_B $X$", "datetime"),
        Column("größe", "boolean"),
        Column("only", "category", ("one level",)),
    )
    target = np.exp(2 + 0.3 * size + 0.2 * level + 0.1 * random.normal(size=60))
    table = Dataset(features, target, columns, "$y$ <b>")
    split = HoldOutLast(12)(table)
    choice = choose_terms(split.train, "splines", 1.0, 0, log_target=log_target)
    fit = fit_encoded(SGD(), split.train, choice)
    return explained(Training(table.fingerprint, split, fit, evaluate(fit.model, split.test)), penalty=1.0)


def explained(training: Training, penalty: float = 0.0) -> Training:
    """Return the training with the intervals of its scores and the importance of its columns."""
    model, split = training.fit.model, training.split
    return replace(
        training,
        intervals=score_intervals(training.scores, model, split.test),
        importances=importances(model, training.fit.moments, split.train, penalty),
    )


class NoCharts(Charts):
    """Draws nothing."""

    def draw(self, training):
        return {}


class SteppingClock:
    """Returns one second after noon, and a second more at each call."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class SettableClock:
    """A monotonic clock that a test sets."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds
