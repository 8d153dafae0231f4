"""Difference search: the row of choices for which the predictions of two models differ most."""

from collections.abc import Iterator, Sequence

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.cell_choices import CellChoices
from domain.delivery.choice_sums import ChoiceSums, Places
from domain.features.category_column import CategoryColumn
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

    def unseen(self, row: Places) -> tuple[str, float]:
        """Return a column in which a text that both models lack changes the predictions for `row` far, and how far.

        Of all columns of texts, it is the one with the largest change between sums of effects. The change is 0 if there
        is no such column.
        """
        effects = [model.effects for model in self._models]
        gains = {}
        for place, choice in enumerate(self._choices):
            if isinstance(choice.column, CategoryColumn):
                before, after = (
                    float(each[place](np.array([model.encoding.columns[place].typical]))[0])
                    for each, model in zip(effects, self._models, strict=True)
                )
                gains[place] = after - before - float(self._changes[place][row[place]])
        ends = {choose(gains, key=gains.__getitem__) for choose in (min, max)} if gains else set()
        found = [(self._choices[place].column.name, self._distance(row, place)) for place in sorted(ends)]
        return max(found, key=lambda pair: pair[1], default=("", 0.0))

    def _distance(self, row: Places, unseen: int) -> float:
        before, after = np.array([self._predictions(row, unseen)]).T
        return float(_distances(before, after)[0])

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

    def _predictions(self, row: Places, unseen: int | None = None) -> tuple[float, float]:
        """Return the predictions of both models, with a text that both lack in the column at the place `unseen`."""
        places = list(zip(self._choices, row.tolist(), strict=True))
        found = []
        for side, model in enumerate(self._models):
            values = np.array([[choice.values[side][place] for choice, place in places]])
            if unseen is not None:
                values[0, unseen] = model.encoding.columns[unseen].typical
            with np.errstate(over="ignore"):
                found.append(float(model.predict(values)[0]))
        return found[0], found[1]


def _ends(effects: Sequence[FloatArray]) -> Iterator[Places]:
    """Yield the rows of the largest and of the least effects."""
    yield np.array([effect.argmax() for effect in effects])
    yield np.array([effect.argmin() for effect in effects])


def _distances(before: FloatArray, after: FloatArray) -> FloatArray:
    """Return absolute differences; 0 where neither prediction is finite."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(after - before), nan=0.0, posinf=np.inf)
