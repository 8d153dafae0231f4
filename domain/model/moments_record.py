"""Serialization of moments: to plain values, and from them."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.plain_values import require_count, require_fields, require_list, require_number, require_numbers
from domain.model.moments import MAX_FEATURES, Moments

# Bytes of a number of the factor: a float64, the least significant byte first.
NUMBER, NUMBER_BYTES = "<f8", 8


def from_moments(moments: Moments) -> dict[str, Any]:
    """Return the moments as plain values: the upper triangle of the factor, row by row, is bytes in base64."""
    triangle = moments.factor[np.triu_indices(len(moments.mean))].astype(NUMBER)
    return asdict(moments) | {"mean": moments.mean.tolist(), "factor": b64encode(triangle.tobytes()).decode()}


def to_moments(record: object, terms: int) -> Moments:
    """Return the moments of a model of `terms`, or raise `ValueError` if the record has another form.

    The factor of older records is a list of rows.
    """
    fields = require_fields(record, "rows", "measured_rows", "mean", "factor", "residual_variance")
    # Lengths are checked first, because a small pickle can hold one long list a hundred thousand times.
    mean, variance = require_list(fields["mean"]), fields["residual_variance"]
    if terms > MAX_FEATURES or len(mean) != terms:
        raise _misfit()
    factor = np.zeros((terms, terms))
    factor[np.triu_indices(terms)] = _triangle(fields["factor"], terms)
    return Moments(
        rows=require_count(fields["rows"]),
        measured_rows=require_count(fields["measured_rows"]),
        mean=require_numbers(mean),  # type: ignore[arg-type]  # a list is array_like
        factor=factor,
        residual_variance=None if variance is None else require_number(variance),
    )


def _triangle(factor: object, terms: int) -> FloatArray:
    if isinstance(factor, str):
        return _unpacked(factor, terms * (terms + 1) // 2)
    rows = list(map(require_list, require_list(factor)[: MAX_FEATURES + 1]))
    if list(map(len, rows)) != list(range(terms, 0, -1)):
        raise _misfit()
    return np.concatenate(list(map(require_numbers, rows)))


def _unpacked(text: str, count: int) -> FloatArray:
    if len(text) != -(-count * NUMBER_BYTES // 3) * 4:
        raise _misfit()
    try:
        return np.frombuffer(b64decode(text, validate=True), NUMBER, count)
    except (binascii.Error, ValueError) as error:
        raise _misfit() from error


def _misfit() -> ValueError:
    return ValueError("its moments do not fit its features")
