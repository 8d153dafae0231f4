"""Text formats: the spellings of numbers, truth values and dates that the cells of a column may agree on."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adapters.pyarrow.numpy_arrays import to_array, to_mask
from domain.data.arrays import FloatArray, Mask
from domain.data.columns import Kind

# Texts that are compared with a format before all others are.
FIRST_TEXTS = 64
# Microseconds of a second.
MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A spelling of values of one kind.

    Parameters
    ----------
    kind : {'number', 'boolean', 'datetime'}
    pattern : str
        Regular expression of a whole cell, for Python and for RE2.
    parse : callable
        Return the numbers of texts that match `pattern`, or raise `pyarrow.ArrowInvalid`.
    usual : bool
        Whether a reader expects the value, so that no note explains it.
    """

    kind: Kind
    pattern: str
    parse: Callable[[pa.Array], FloatArray]
    usual: bool = False

    def values(self, texts: pa.Array) -> FloatArray:
        """Return the numbers of texts without nulls; NaN stands for a text that does not fit."""
        found = np.full(len(texts), np.nan)
        fits = to_mask(pc.match_substring_regex(texts, self.pattern))
        found[fits] = self._parsed(texts.filter(pa.array(fits)))
        return found

    def first_misfit(self, texts: pa.Array) -> int | None:
        """Return the position of a text that does not fit, the first one, or None."""
        if not re.match(self.pattern, texts[0].as_py()):
            return 0
        start, part = 0, texts[:FIRST_TEXTS]
        while len(part):
            misfits = np.flatnonzero(self._misfits(part))
            if len(misfits):
                return start + int(misfits[0])
            start, part = start + len(part), texts[start + len(part) :]
        return None

    def _misfits(self, texts: pa.Array) -> Mask:
        if self.kind == "datetime":  # the pattern matches days that no month has
            return np.isnan(self.values(texts))
        return ~to_mask(pc.match_substring_regex(texts, self.pattern))

    def _parsed(self, texts: pa.Array) -> FloatArray:
        """Return the numbers of texts that match; NaN stands for a day that no month has, found by halving."""
        try:
            return self.parse(texts)
        except pa.ArrowInvalid:
            half = len(texts) // 2
            parts = (texts[:half], texts[half:])
            return np.concatenate([self._parsed(part) for part in parts]) if half else np.array([np.nan])


def _rewritten(texts: pa.Array, rules: Sequence[tuple[str, str]]) -> pa.Array:
    for pattern, replacement in rules:
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    return texts


_MINUS = ("−", "-")
# Body of a number, its thousands separators, and its decimal mark.
_BODIES = (
    (r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", "", "."),
    (r"([1-9]\d{0,2}(,\d{3})+|\d{1,3})(\.\d+)?", ",", "."),
    (
        "(\\d{1,3}([.\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]\\d{3})+|\\d+)(,\\d+)?",
        "[.\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]",
        ",",
    ),
)
# Signs that all cells of a column may have before or after the number.
_SIGNS = ("", r"\$", "€", "£", "¥", "%", "'")


def _number_format(sign: str, body: tuple[str, str, str], usual: bool = False) -> TextFormat:
    digits, separator, mark = body
    number = rf"[+\-−]?{digits}"
    around = {"": number, "'": f"'{number}'"}.get(sign, rf"[+\-−]?{sign}\s?{number}|{number}\s?{sign}")
    rules = [_MINUS, (rf"[\s{sign}]", "")] if sign else [_MINUS]
    if separator:
        rules.append((separator, ""))
    if mark == ",":
        rules.append((",", "."))

    def parse(texts: pa.Array) -> FloatArray:
        return to_array(_rewritten(texts, rules).cast(pa.float64()))

    return TextFormat("number", f"^(?:{around})$", parse, usual)


def _plain(texts: pa.Array) -> FloatArray:
    return to_array(texts.cast(pa.float64()))


PLAIN = TextFormat("number", rf"(?i)^[+-]?({_BODIES[0][0]}|inf|infinity)$", _plain, usual=True)
_OTHER_NUMBERS = tuple(_number_format(sign, body) for sign, body in product(_SIGNS, _BODIES))


def _truth(texts: pa.Array) -> FloatArray:
    return to_mask(pc.match_substring_regex(texts, "(?i)^[ty1]")).astype(np.float64)


BOOLEAN = TextFormat("boolean", "(?i)^(true|false)$", _truth, usual=True)
_NAMED_BOOLEAN = TextFormat("boolean", r"(?i)^(true|false|yes|no|t|f|y|n|[01](\.0*)?)$", _truth, usual=True)

_TIME = r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?"


def _iso(texts: pa.Array) -> FloatArray:
    texts = _rewritten(texts, [(r",(\d+)", r".\1"), (r"(\.\d{6})\d+", r"\1"), (" ?UTC$", "Z"), (r" ([Z+-])", r"\1")])
    with_zone = pc.match_substring_regex(texts, r":\d.*(Z|[+-][\d:]+)$")
    seconds = np.empty(len(texts))
    for zoned, zone in ((to_mask(with_zone), "UTC"), (~to_mask(with_zone), None)):
        times = texts.filter(pa.array(zoned)).cast(pa.timestamp("us", zone))
        seconds[zoned] = to_array(times.view(pa.int64())) / MICROSECONDS
    return seconds


# Days and months get two digits.
_PADDING = ((r"^(\d)\b", r"0\1"), (r"^(\d+[./-])(\d)\b", r"\10\2"), (r"^(\d+[./-]\d+[./-])(\d)\b", r"\10\2"))


def _date_format(date: str, order: str, usual: bool = False, time: str = _TIME) -> TextFormat:
    """Return the format of dates that `order` rewrites to year-month-day."""

    def parse(texts: pa.Array) -> FloatArray:
        return _iso(_rewritten(texts, [*_PADDING, (f"^{date}", order)]))

    return TextFormat("datetime", f"^{date}{time}$", parse, usual)


_YEAR_FIRST = (
    _date_format(r"(\d{4})-(\d\d)-(\d\d)", r"\1-\2-\3", usual=True),
    _date_format(r"(\d{4})-(\d\d)", r"\1-\2-01", time=""),
    _date_format(r"(\d{4})/(\d\d?)/(\d\d?)", r"\1-\2-\3"),
)
DAY_FIRST, MONTH_FIRST = (
    tuple(_date_format(rf"(\d\d?){mark}(\d\d?){mark}(\d{{4}})", order) for mark in (r"\.", "/", "-"))
    for order in (r"\3-\2-\1", r"\3-\1-\2")
)
_DIGITS_DATE = _date_format(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", time="")


def text_formats(kind: Kind | None, *, decimal_comma: bool = False) -> tuple[TextFormat, ...]:
    """Return the formats that a column may have, the likely ones first; `kind` is None if its cells decide.

    A number with one comma before three digits has thousands, or decimals in a file with the `decimal_comma`.
    """
    order = sorted(_OTHER_NUMBERS, key=lambda form: r"(,\d+)?" not in form.pattern) if decimal_comma else _OTHER_NUMBERS
    numbers, dates = (PLAIN, *order), (*_YEAR_FIRST, *DAY_FIRST, *MONTH_FIRST)
    if kind is None:
        return (BOOLEAN, *numbers, *dates)
    chosen: dict[Kind, tuple[TextFormat, ...]]
    chosen = {"number": numbers, "boolean": (_NAMED_BOOLEAN,), "datetime": (*dates, _DIGITS_DATE), "category": ()}
    return chosen[kind]
