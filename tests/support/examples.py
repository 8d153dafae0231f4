"""Example models, lineages, tables and trainings."""

from datetime import UTC, datetime, timedelta

import numpy as np

from domain.data.dataset import Dataset
from domain.data.split import HoldOutLast
from domain.learning.plan import Training
from domain.learning.sgd import SGD
from domain.model.linear_model import LinearModel
from domain.model.model_version import Lineage, ModelVersion
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
    )


def a_version(name: str = "1", slope: float = 938.2378612512634) -> ModelVersion:
    return ModelVersion(name, a_model(slope), a_lineage())


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
    return Training(table.fingerprint, split, fit, evaluate(fit.model, split.test))


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
