"""Usable values: those of the columns that a model may predict from."""

import numpy as np

from domain.data.arrays import FloatArray, Mask, all_finite_fast
from domain.features.encoding import Encoding
from domain.model.errors import FeatureNotFinite, FeatureOutOfRange, MissingFeature

# Magnitude of a feature, at most: far above any measurement, with room for a product and a sum.
MAX_MAGNITUDE = 1e300


def validate_values(values: FloatArray, encoding: Encoding) -> None:
    """Raise `FeatureNotFinite`, `FeatureOutOfRange` or `MissingFeature` for the first value that is not allowed.

    NaN is an empty cell, except among plain numbers, where it is a number that is not finite.
    """
    unusable = unusable_values(values, encoding)
    if unusable is None:
        return
    row, place = (int(place) for place in np.argwhere(unusable)[0])
    value, name = values[row, place], encoding.feature_names[place]
    if np.isfinite(value):
        raise FeatureOutOfRange(row, name, MAX_MAGNITUDE)
    if np.isnan(value) and not encoding.is_plain:
        raise MissingFeature(row, name)
    raise FeatureNotFinite(row, name)


def unusable_values(values: FloatArray, encoding: Encoding) -> Mask | None:
    """Return which values, shape (n_rows, n_features), `validate_values` does not allow; None if all are allowed."""
    if all_finite_fast(values if encoding.is_plain else values.T):  # in the order of the memory, without a copy
        return None
    usable = np.abs(values) <= MAX_MAGNITUDE  # which NaN is not
    if not encoding.is_plain:
        usable |= np.isnan(values) & encoding.have_gaps
    return None if usable.all() else ~usable
