"""Linear model: coefficients and intercept over the terms of an encoding."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from domain.data.arrays import FloatArray, Numbers, read_only
from domain.features.encoding import Encoding
from domain.features.feature_column import Effect
from domain.features.serialization import canonical
from domain.features.target_transform import IDENTITY, TargetTransform

# Rows whose factors are computed at once, so that a large request takes a few MB of memory.
BLOCK_ROWS = 1024
# Products that are computed at once, so that they stay in a cache of the processor.
BLOCK_PRODUCTS = 8 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """y = terms(X) · coefficients + intercept, on the scale of the target's transform.

    Parameters
    ----------
    coefficients : array_like of shape (n_terms,)
        In target units per unit of the term.
    intercept : float
        In target units.
    encoding : Encoding or sequence of str
        Features and their terms; names alone stand for plain numbers.
    target_transform : TargetTransform

    Raises
    ------
    ValueError
        If the shapes differ, a name repeats, or a number is not finite.

    Examples
    --------
    >>> model = LinearModel([2.0, -1.0], 10.0, ("area", "age"))
    >>> model.predict([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [12.0, 10.0]
    """

    coefficients: FloatArray
    intercept: float
    encoding: Encoding
    target_transform: TargetTransform = IDENTITY
    effects: tuple[Effect, ...] = field(init=False, repr=False)
    """What each column adds to the sum of the terms."""

    def __post_init__(self) -> None:
        encoding: Encoding | Sequence[str] = self.encoding
        if not isinstance(encoding, Encoding):
            encoding = Encoding.of_numbers(tuple(encoding))
        object.__setattr__(self, "encoding", encoding)
        object.__setattr__(self, "coefficients", read_only(self.coefficients))
        object.__setattr__(self, "intercept", float(self.intercept))
        if self.coefficients.shape != (len(encoding.term_names),):
            raise ValueError(f"{self.coefficients.shape} coefficients for {len(encoding.term_names)} terms")
        if not (np.isfinite(self.coefficients).all() and np.isfinite(self.intercept)):
            raise ValueError("a coefficient or the intercept is not a finite number")
        parts = zip(encoding.columns, encoding.column_slices, strict=True)
        object.__setattr__(self, "effects", tuple(column.effect(self.coefficients[part]) for column, part in parts))

    def __reduce__(self) -> tuple[object, ...]:
        """Travel without `effects`, which are functions."""
        return type(self), (self.coefficients, self.intercept, self.encoding, self.target_transform)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns that a prediction needs, in their order."""
        return self.encoding.feature_names

    @property
    def term_names(self) -> tuple[str, ...]:
        """Names of the terms, in the order of the coefficients."""
        return self.encoding.term_names

    def predict(self, values: Numbers) -> FloatArray:
        """Return the predictions, shape (n_rows,), for values of the encoding's columns, shape (n_rows, n_features).

        Each row is summed by itself and in the same order, so that a row's prediction is the same to the last bit alone
        or among a million others; a BLAS product does not give that.
        """
        return self.target_transform.to_target(self.sums(values))

    def sums(self, values: Numbers) -> FloatArray:
        """Return the sums of the terms and the intercept, shape (n_rows,), for `values` as `predict` takes them."""
        if self.encoding.is_plain:
            plain: FloatArray = np.einsum("ij,j->i", np.ascontiguousarray(values), self.coefficients)
            plain += self.intercept
            return plain
        rows = np.asarray(values, dtype=np.float64)
        sums = self.effects[0](rows[:, 0]) + self.intercept
        for place, effect in enumerate(self.effects[1:], start=1):
            sums += effect(rows[:, place])
        if self.encoding.products:
            for block in _slices(len(rows), BLOCK_ROWS):
                sums[block] += self._sums_of_products(self.encoding.term_products.factor_values(rows[block]))
        return sums

    def _sums_of_products(self, factors: FloatArray) -> FloatArray:
        count = len(self.encoding.products)
        blocks = _slices(factors.shape[1], max(1, BLOCK_PRODUCTS // count))
        weights, products = self.coefficients[-count:], self.encoding.term_products.product_values
        return np.concatenate([np.einsum("ij,j->i", products(factors[:, block]), weights) for block in blocks])

    @property
    def digest(self) -> str:
        """The sha256 of names, encoding and weights, as 64 hexadecimal digits: equal for models that predict alike."""
        digest = hashlib.sha256("\x1f".join(self.feature_names).encode())
        if not self.encoding.is_plain or self.target_transform != IDENTITY:
            digest.update(canonical(self.encoding, self.target_transform))
        digest.update(np.append(self.coefficients, self.intercept).astype("<f8").tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinearModel) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _slices(count: int, step: int) -> list[slice]:
    return [slice(start, start + step) for start in range(0, count, step)]
