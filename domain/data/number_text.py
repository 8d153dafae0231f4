"""Number text: numbers as people read them, 39,760 instead of 3.976e+04."""

import math

# Magnitudes outside of which a number is written with an exponent.
MIN_PLAIN, MAX_PLAIN = 1e-5, 1e15


def number_text(value: float, digits: int = 4) -> str:
    """Return `value` with at least `digits` significant digits, and all digits before the decimal point.

    Thousands are separated from 10,000 upward, so that years stay as they are.

    Examples
    --------
    >>> number_text(39757.4), number_text(0.0123456), number_text(1999), number_text(-2.5e17)
    ('39,757', '0.01235', '1999', '-2.5e+17')
    """
    size = abs(value)
    if not (size == 0 or MIN_PLAIN <= size < MAX_PLAIN):
        return f"{value:.{digits}g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size))) if size else 0
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return text if size >= 10_000 else text.replace(",", "")  # noqa: PLR2004  # as documented
