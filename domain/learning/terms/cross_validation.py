"""Cross-validation: predicts each row of a sample from the others, and compares squared errors row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isqrt

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.features.bound_encoding import BoundEncoding
from domain.features.encoding import Encoding
from domain.features.target_transform import TargetTransform
from domain.learning.terms.candidates import fit_encoding, strongest_products
from domain.learning.terms.ridge import MIN_SPREAD, RidgePath, scaled

# Penalties that are tried, for each row.
PENALTIES_PER_ROW = np.logspace(-6, 1, 13)
# Multiplications of a decomposition, at most (half a second); terms of candidates after the first one.
MAX_MULTIPLICATIONS, MAX_TERMS = 6_000_000_000, 1_000
# Terms of later candidates for each one of the first, which the number of rows leaves time for.
MAX_TERMS_RATIO = 2
# Standard errors by which more terms must gain.
MIN_GAIN = 2.0
# Standard errors by which the errors of a larger penalty may exceed the least ones.
MAX_EXCESS = 0.5
# Products, at most; rows for each of them, at least.
MAX_PRODUCTS, MIN_ROWS_PER_PRODUCT = 500, 4


@dataclass(frozen=True, slots=True, eq=False)
class Validated:
    """An encoding with its best penalty.

    Parameters
    ----------
    encoding : Encoding
    penalty : float
        On the sum of squared errors.
    errors : ndarray of shape (n,)
        Squared errors, as shares of the target's variance.
    deviation : float
        Standard deviation of the target.
    strengths : ndarray of shape (n_columns,)
        Standard deviation of what each column adds to the predictions.
    """

    encoding: Encoding
    penalty: float
    errors: FloatArray
    deviation: float
    strengths: FloatArray

    def gains_on(self, other: "Validated") -> bool:
        """Return whether the mean error is less than that of `other` by more than two standard errors."""
        gains = other.errors - self.errors
        return bool(gains.mean() > MIN_GAIN * gains.std() / np.sqrt(len(gains)))

    @property
    def r2(self) -> float:
        """1 less the mean squared error's share of the variance."""
        return float(1 - self.errors.mean())

    @property
    def rmse(self) -> float:
        """Root of the mean squared error, in target units."""
        return self.deviation * float(np.sqrt(self.errors.mean()))

    @property
    def rmse_error(self) -> float:
        """Standard error of `rmse`."""
        mean = self.errors.mean()
        return self.deviation * float(self.errors.std() / np.sqrt(4 * len(self.errors) * mean)) if mean else 0.0


class CrossValidation:
    """Leave-one-out cross-validation of ridge regression on the terms of encodings.

    Parameters
    ----------
    columns : sequence of Column
    features : ndarray of shape (n, n_columns)
    target : ndarray of shape (n,)
    transform : TargetTransform
        Its correction is measured for each penalty.
    penalty : float or None
        The only penalty to try; None tries 13 of them.
    terms : int
        Number of terms of the first encoding; more of them leave fewer rows.

    Attributes
    ----------
    max_terms : int
        Terms of later encodings, at most.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        features: FloatArray,
        target: FloatArray,
        transform: TargetTransform,
        penalty: float | None,
        terms: int,
    ) -> None:
        room = MAX_TERMS_RATIO * terms
        kept = _drawn(len(target), max(MAX_MULTIPLICATIONS // room**2, isqrt(MAX_MULTIPLICATIONS // room)))
        self._sample, self._features, self._target = features, features[kept], target[kept]
        rows = len(self._target)
        self._columns, self._transform = columns, transform
        self._penalties = PENALTIES_PER_ROW * rows if penalty is None else np.array([penalty])
        self._linear = np.asarray(transform.to_linear(self._target), dtype=np.float64)
        self._deviation = _deviation(self._target)
        self.max_terms = min(MAX_TERMS, max(isqrt(MAX_MULTIPLICATIONS // rows), MAX_MULTIPLICATIONS // rows**2))

    def __call__(self, encoding: Encoding) -> Validated:
        """Return the encoding, fitted on the sample's columns, with its best penalty."""
        encoded = BoundEncoding(encoding, self._columns).encode(self._features)
        terms = scaled(encoded, encoding.booleans)
        center, unit = self._linear.mean(), _deviation(self._linear) or 1.0
        path = RidgePath.fit(terms, (self._linear - center) / unit, self._penalties)
        predictions = self._to_target(center + unit * path.left_out)
        errors = np.square((predictions - self._target[:, None]) / (self._deviation or 1.0))
        best = largest_within_chance(errors)
        coefficients = path.coefficients[:, best]
        return Validated(
            encoding=encoding,
            penalty=float(self._penalties[best]),
            errors=errors[:, best],
            deviation=self._deviation,
            strengths=np.array([np.std(terms[:, part] @ coefficients[part]) for part in encoding.column_slices]),
        )

    def with_knots(self, knots: int) -> Encoding:
        """Return the encoding of the whole sample with this number of knots."""
        return fit_encoding(self._columns, self._sample, knots)

    def with_products(self, validated: Validated) -> Encoding | None:
        """Return the encoding with products of its terms; None if it has nothing to multiply, or too many terms."""
        room = self.max_terms - len(validated.encoding.term_names)
        count = min(MAX_PRODUCTS, len(self._target) // MIN_ROWS_PER_PRODUCT, room)
        products = strongest_products(validated.encoding, validated.strengths, count) if count > 0 else ()
        return replace(validated.encoding, products=products) if products else None

    def _to_target(self, sums: FloatArray) -> FloatArray:
        """Return predictions for sums of terms, both of shape (n, n_penalties)."""
        if self._transform.log:
            low, high = self._linear.min(), self._linear.max()
            sums = np.clip(sums, low - (high - low), high + (high - low))
            with np.errstate(over="ignore"):
                sums += np.log(np.mean(np.exp(self._linear[:, None] - sums), axis=0))
                return self._transform.to_target(sums)
        return self._transform.to_target(sums)


def largest_within_chance(errors: FloatArray) -> int:
    """Return the place of the largest penalty whose squared errors are not clearly more than the least ones.

    `errors`, shape (n, n_penalties), rise with the penalty from the least ones on. A clear difference is half a
    standard error: in small tables, the least errors are often those of a penalty that is too small.
    """
    best = int(errors.mean(axis=0).argmin())
    excess = errors[:, best:] - errors[:, [best]]
    is_clear = excess.mean(axis=0) > MAX_EXCESS * excess.std(axis=0) / np.sqrt(len(errors))
    return best + (int(is_clear.argmax()) or len(is_clear)) - 1


def _drawn(rows: int, most: int) -> npt.NDArray[np.intp]:
    """Return the places of `most` of the rows at most, drawn at random so that they have no period."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _deviation(values: FloatArray) -> float:
    """Return the standard deviation, without overflow, and 0 if it is rounding."""
    centered = values - values.mean()
    largest = float(np.abs(centered).max())
    if largest <= MIN_SPREAD * float(np.abs(values).max()):
        return 0.0
    return largest * float(np.std(centered / largest))
