"""Effect parts: main effects of columns and interactions of pairs, which add up to a prediction but for a constant."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.model.linear_model import LinearModel


@dataclass(frozen=True, slots=True, eq=False)
class EffectPart:
    """The main effect of a column, or the interaction of two: a linear function of the coefficients.

    Parameters
    ----------
    columns : tuple of int
        Places of the column, or of the two columns, in the encoding.
    name : str
    terms, sources : ndarray of shape (n,)
        Places of terms.
    factors : ndarray of shape (n,)
        The part's weight of a term is the sum of its factors times the coefficients of their sources.
    """

    columns: tuple[int, ...]
    name: str
    terms: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    factors: FloatArray

    def weights(self, coefficients: FloatArray) -> FloatArray:
        """Return the part's weights of all terms, shape (n_terms,)."""
        weights = np.zeros(len(coefficients))
        np.add.at(weights, self.terms, self.factors * coefficients[self.sources])
        return weights


def effect_parts(model: LinearModel, means: FloatArray) -> tuple[EffectPart, ...]:
    """Return a part for each column, in their order, and then one for each pair of columns with products.

    `means` of the terms, shape (n_terms,), are those of the training rows. A product of standardized terms a · b is the
    interaction (a - ā)(b - b̄) and the main effects b̄ · a and ā · b, so that a main effect holds for the average row.
    """
    encoding = model.encoding
    entries: dict[tuple[int, ...], list[tuple[int, int, float]]] = {
        (place,): [(term, term, 1.0) for term in range(part.start, part.stop)]
        for place, part in enumerate(encoding.column_slices)
        if part.start < part.stop
    }
    owners = encoding.owners
    pairs: defaultdict[tuple[int, ...], list[tuple[int, int, float]]] = defaultdict(list)
    if encoding.products:
        scaling = [pair for column in encoding.columns for pair in column.standardization]
    for product, (first, second) in enumerate(encoding.products, start=len(owners)):
        columns = tuple(sorted((owners[first], owners[second])))
        pairs[columns].append((product, product, 1.0))
        for term, other in ((first, second), (second, first)):
            factor = (float(means[other]) - scaling[other][0]) / scaling[other][1] / scaling[term][1]
            entries[(owners[term],)].append((term, product, factor))
            pairs[columns].append((term, product, -factor))
    names = encoding.feature_names
    return tuple(
        EffectPart(columns, " × ".join(names[place] for place in columns), *_arrays(entry))
        for columns, entry in (entries | pairs).items()
    )


def _arrays(entry: list[tuple[int, int, float]]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    terms, sources, factors = zip(*entry, strict=True)
    return np.array(terms, np.intp), np.array(sources, np.intp), np.array(factors)
