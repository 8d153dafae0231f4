"""Text formats of arrays: which texts of a column fit a format, and their numbers."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.pyarrow.arrays import from_mask, to_array, to_mask
from domain.data.arrays import FloatArray, Mask
from domain.data.text_formats import TextFormat

# Texts that are compared with a format before all others are.
FIRST_TEXTS = 64
# Microseconds of a second.
MICROSECONDS = 1e6


def numbers_of(texts: pa.Array, form: TextFormat) -> FloatArray:
    """Return the numbers of texts without nulls; NaN stands for a text that does not fit."""
    found = np.full(len(texts), np.nan)
    fits = to_mask(pc.match_substring_regex(texts, form.pattern))
    found[fits] = _parsed(texts.filter(from_mask(fits)), form)
    return found


def first_misfit(texts: pa.Array, form: TextFormat) -> int | None:
    """Return the position of a text that does not fit, the first one, or None."""
    if not re.match(form.pattern, texts[0].as_py()):
        return 0
    start, part = 0, texts[:FIRST_TEXTS]
    while len(part):
        misfits = np.flatnonzero(_misfits(part, form))
        if len(misfits):
            return start + int(misfits[0])
        start, part = start + len(part), texts[start + len(part) :]
    return None


def _misfits(texts: pa.Array, form: TextFormat) -> Mask:
    if form.kind == "datetime":  # the pattern matches days that no month has
        return np.isnan(numbers_of(texts, form))
    return ~to_mask(pc.match_substring_regex(texts, form.pattern))


def _parsed(texts: pa.Array, form: TextFormat) -> FloatArray:
    """Return the numbers of texts that match; NaN stands for a day that no month has, found by halving."""
    plain = texts
    for pattern, replacement in form.rules:
        plain = pc.replace_substring_regex(plain, pattern, replacement)
    try:
        return _seconds(plain) if form.kind == "datetime" else to_array(plain.cast(pa.float64()))
    except pa.ArrowInvalid:
        half = len(texts) // 2
        parts = (texts[:half], texts[half:])
        return np.concatenate([_parsed(part, form) for part in parts]) if half else np.array([np.nan])


def _seconds(texts: pa.Array) -> FloatArray:
    with_zone = pc.match_substring_regex(texts, r":\d.*(Z|[+-][\d:]+)$")
    seconds = np.empty(len(texts))
    for zoned, zone in ((to_mask(with_zone), "UTC"), (~to_mask(with_zone), None)):
        times = texts.filter(from_mask(zoned)).cast(pa.timestamp("us", zone))
        seconds[zoned] = to_array(times.view(pa.int64())) / MICROSECONDS
    return seconds
