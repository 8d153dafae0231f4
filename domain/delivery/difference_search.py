"""Difference search: the row of choices for which the predictions of two models differ most."""

from collections.abc import Iterator, Sequence

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.cell_choices import CellChoices
from domain.delivery.choice_sums import ChoiceSums, Places
from domain.model.linear_model import LinearModel

# Rows drawn by chance that the search begins from too, and its rounds over all columns, at most.
RANDOM_STARTS, MAX_ROUNDS = 2, 20

Found = tuple[Places, tuple[float, float]]
"""Place of each column's choice, and the predictions of both models."""


class DifferenceSearch:
    """Search among the choices of all columns.

    Parameters
    ----------
    models : tuple of two LinearModel
    choices : sequence of CellChoices
        Of each column.
    """

    def __init__(self, models: tuple[LinearModel, LinearModel], choices: Sequence[CellChoices]) -> None:
        self._models, self._choices = models, choices
        self._sums = [
            ChoiceSums(model, [choice.values[side] for choice in choices]) for side, model in enumerate(models)
        ]
        before, after = (sums.effects for sums in self._sums)
        self._changes = [second - first for first, second in zip(before, after, strict=True)]

    def by_influence(self) -> list[int]:
        """Return the columns, those first whose choices change the difference of the sums most."""
        return sorted(range(len(self._changes)), key=lambda column: -float(np.ptp(self._changes[column])))

    def extreme(self) -> Found:
        """Return the row of the extremes of all columns, which is the exact answer for sums of effects."""
        return self._best(_ends(self._changes))

    def climb(self) -> Found:
        """Return the best row of a coordinate ascent from several rows; another row may be better.

        References
        ----------
        Wright (2015), "Coordinate descent algorithms".
        """
        return self._best(map(self._climbed, self._starts()))

    def _best(self, rows: Iterator[Places]) -> Found:
        found = [(row, self._predictions(row)) for row in rows]
        distances = _distances(*np.array([predictions for _, predictions in found]).T)
        return found[int(distances.argmax())]

    def _starts(self) -> Iterator[Places]:
        """Yield the rows of the largest and least sums of the difference and of each model, and rows by chance."""
        for effects in (self._changes, *(sums.effects for sums in self._sums)):
            yield from _ends(effects)
        random = np.random.default_rng(0)
        for _ in range(RANDOM_STARTS):
            yield random.integers([len(change) for change in self._changes])

    def _climbed(self, start: Places) -> Places:
        """Return a row that no other choice of one column improves, column after column."""
        row = start.copy()
        for sums in self._sums:
            sums.start(row)
        unchanged, column, rounds = 0, 0, MAX_ROUNDS * len(row)
        while unchanged < len(row) and rounds:
            unchanged = 0 if self._improve(column, row) else unchanged + 1
            column, rounds = (column + 1) % len(row), rounds - 1
        return row

    def _improve(self, column: int, row: Places) -> bool:
        """Take the best choice of `column`, and return whether it is better than the present one."""
        totals = [sums.along(column, int(row[column])) for sums in self._sums]
        with np.errstate(over="ignore"):
            distances = _distances(
                *(model.target_transform.to_target(total) for model, total in zip(self._models, totals, strict=True))
            )
        best = int(distances.argmax())
        if not distances[best] > distances[row[column]]:
            return False
        row[column] = best
        for sums, total in zip(self._sums, totals, strict=True):
            sums.move(column, best, float(total[best]))
        return True

    def _predictions(self, row: Places) -> tuple[float, float]:
        places = list(zip(self._choices, row.tolist(), strict=True))
        with np.errstate(over="ignore"):
            before, after = (
                float(model.predict(np.array([[choice.values[side][place] for choice, place in places]]))[0])
                for side, model in enumerate(self._models)
            )
        return before, after


def _ends(effects: Sequence[FloatArray]) -> Iterator[Places]:
    """Yield the rows of the largest and of the least effects."""
    yield np.array([effect.argmax() for effect in effects])
    yield np.array([effect.argmin() for effect in effects])


def _distances(before: FloatArray, after: FloatArray) -> FloatArray:
    """Return absolute differences; 0 where neither prediction is finite."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(after - before), nan=0.0, posinf=np.inf)
