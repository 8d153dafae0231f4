"""All contenders on one table in memory: how long they take, and how near they come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.learning.contenders import least_squares, linear_regression, normal_equations, ridge
from benchmarks.learning.optimum import Answer, FloatArray
from benchmarks.learning.rounds import Contender, take_turns
from benchmarks.learning.tables import Table
from domain.dataset import Dataset
from domain.sgd import SGD

CERTIFIED = "SGD, certified ≤ 1e-6"
ONE_PASS = "SGD, one pass"  # noqa: S105  # no password
BUILD = "Dataset(X, y), which checks the numbers"
PRODUCT = "X @ v"
NORMAL_EQUATIONS = "normal equations in numpy"
RIDGE = "Ridge(cholesky)"
LSTSQ = "np.linalg.lstsq"
LINEAR_REGRESSION = "LinearRegression"
DEFAULT_REGRESSOR = "StandardScaler, SGDRegressor as it comes"


@dataclass(frozen=True, slots=True)
class Result:
    """What a contender needed for one call, and the true excess of its answer if it gave one."""

    seconds: float
    excess: float | None
    rounds: int


@dataclass(frozen=True, slots=True)
class Contest:
    """The results on one table, by contender."""

    size: str
    rows: int
    results: dict[str, Result]

    def ratio(self, slower: str, *quicker: str) -> float:
        """Return how often the time of `quicker`, added up, goes into that of `slower`."""
        return self.results[slower].seconds / sum(self.results[name].seconds for name in quicker)

    def rounds(self, *names: str) -> str:
        """Return how often each was measured."""
        counts = [str(self.results[name].rounds) for name in names]
        return counts[0] if len(set(counts)) == 1 else " and ".join(counts)


def contest(table: Table, rounds: int, few: dict[str, int], others: Sequence[Contender] = ()) -> Contest:
    """Let all contenders take turns.

    Parameters
    ----------
    table : Table
    rounds : int
    few : dict of str to int
        Rounds of those who take too long for all of them; 0 leaves one out.
    others : sequence of Contender
        That are added for this table.
    """
    dataset = table.dataset()
    direction = np.random.default_rng(0).standard_normal(len(table.names))
    works: dict[str, Callable[[], Answer | None]] = {
        PRODUCT: partial(_multiply, table.features, direction),
        ONE_PASS: partial(_fit, SGD(max_passes=1), dataset),
        CERTIFIED: partial(_fit, SGD(), dataset),
        BUILD: partial(_build, table),
        NORMAL_EQUATIONS: partial(normal_equations, table),
        RIDGE: partial(ridge, table),
        LSTSQ: partial(least_squares, table),
        LINEAR_REGRESSION: partial(linear_regression, table),
    }
    contenders = [Contender(name, work, few.get(name, rounds)) for name, work in works.items()]
    contenders = [contender for contender in (*contenders, *others) if contender.rounds]
    take_turns(contenders)
    return Contest(table.size, len(dataset), {each.name: _result(table, each) for each in contenders})


def _result(table: Table, contender: Contender) -> Result:
    answer = contender.result
    excess = None if answer is None else table.optimum.excess(answer)
    return Result(contender.median, excess, contender.rounds)


def _multiply(features: FloatArray, direction: FloatArray) -> None:
    features @ direction


def _build(table: Table) -> None:
    table.dataset()


def _fit(learner: SGD, dataset: Dataset) -> Answer:
    model = learner.fit(dataset).model
    return Answer(model.coefficients, model.intercept)
