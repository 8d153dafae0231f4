"""Choice sums: the sum of one model's terms along the choices of a column, while the other cells of a row stay."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.model.linear_model import LinearModel

Places = npt.NDArray[np.intp]


class ChoiceSums:
    """Effects of the choices of each column, and the products that depend on another column too.

    Parameters
    ----------
    model : LinearModel
    values : sequence of ndarrays
        The choices of each column as values of the model's encoding.
    """

    def __init__(self, model: LinearModel, values: Sequence[FloatArray]) -> None:
        self.effects = [effect(choices) for effect, choices in zip(model.effects, values, strict=True)]
        self._model, self._slices = model, model.encoding.column_slices
        self._links: list[list[tuple[int, int, float]]] = [[] for _ in values]
        owners, weights = model.encoding.owners, model.coefficients[len(model.encoding.owners) :].tolist()
        coupled = {owners[term] for product in model.encoding.products for term in product}
        self._factors = {place: self._standardized(place, values[place]) for place in coupled}
        for (first, second), weight in zip(model.encoding.products, weights, strict=True):
            own, other = owners[first], owners[second]
            if own == other:
                factors, start = self._factors[own], self._slices[own].start
                self.effects[own] = self.effects[own] + weight * factors[:, first - start] * factors[:, second - start]
            else:
                self._links[own].append((first, second, weight))
                self._links[other].append((second, first, weight))
        self._terms = np.zeros(len(owners))
        self._sum = model.intercept

    def start(self, row: Places) -> None:
        """Move to a row, given by the place of each column's choice."""
        self._sum = self._model.intercept
        self._terms[:] = 0.0
        for column, place in enumerate(row.tolist()):
            # Products with columns that are still to come add nothing yet, because their terms are 0.
            self._sum += float(self._parts(column)[place])
            self._set_terms(column, place)

    def along(self, column: int, place: int) -> FloatArray:
        """Return the sum of terms and intercept for each choice of `column`, whose present choice is `place`."""
        parts = self._parts(column)
        totals: FloatArray = self._sum + (parts - parts[place])
        return totals

    def move(self, column: int, place: int, total: float) -> None:
        """Take another choice of `column`, whose sum is `total`."""
        self._sum = total
        self._set_terms(column, place)

    def _parts(self, column: int) -> FloatArray:
        """Return the part of the sum that depends on `column`, for each of its choices."""
        if not self._links[column]:
            return self.effects[column]
        slopes = np.zeros(self._factors[column].shape[1])
        for own, other, weight in self._links[column]:
            slopes[own - self._slices[column].start] += weight * self._terms[other]
        parts: FloatArray = self.effects[column] + self._factors[column] @ slopes
        return parts

    def _set_terms(self, column: int, place: int) -> None:
        if column in self._factors:
            self._terms[self._slices[column]] = self._factors[column][place]

    def _standardized(self, place: int, values: FloatArray) -> FloatArray:
        column = self._model.encoding.columns[place]
        terms = np.empty((len(values), len(column.term_names)), order="F")
        column.encode(values, terms)
        centers, scales = np.array(column.standardization).T
        standardized: FloatArray = (terms - centers) / scales
        return standardized
