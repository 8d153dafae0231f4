"""Text formats: the spellings of numbers, truth values and dates that the texts of a column may agree on."""

import re
from dataclasses import dataclass
from itertools import product
from typing import Literal

Rules = tuple[tuple[str, str], ...]
"""Regular expressions, each with its replacement, in the order in which they are applied."""


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A spelling of values of one kind.

    The regular expressions are for Python, for RE2 and for JSON Schema. Python needs linear time for them.

    Parameters
    ----------
    kind : {'number', 'boolean', 'datetime'}
    pattern : str
        Regular expression of each text of a column in this format.
    accepted : str
        Regular expression of a text in a request: also a plain number or an ISO 8601 date, unless it could be misread.
    rules : tuple of (str, str)
        Turn an accepted text into a plain number, 1 for true and 0 for false, or an ISO 8601 date.
    """

    kind: Literal["number", "boolean", "datetime"]
    pattern: str
    accepted: str
    rules: Rules = ()

    def to_plain(self, text: str) -> str:
        """Return what the rules make of an accepted text without blanks at its ends, or raise `ValueError`.

        Examples
        --------
        >>> [form.to_plain("1.2.2024") for form in DAY_FIRST[:1]]
        ['2024-02-01']
        """
        if not re.fullmatch(self.accepted, text, re.ASCII):
            raise ValueError("the text does not fit the format of its column")
        for pattern, replacement in self.rules:
            text = re.sub(pattern, replacement, text, flags=re.ASCII)
        return text


# Body of a number, its thousands separators, and its decimal mark.
_BODIES = (
    (r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", "", "."),
    (r"([1-9]\d{0,2}(,\d{3})+|\d{1,3})(\.\d+)?", ",", "."),
    (
        "(\\d{1,3}([.\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]\\d{3})+|\\d+)(,\\d+)?",
        "[.\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]",
        ",",
    ),
)
_PLAIN_BODY = f"[+-]?{_BODIES[0][0]}"
# Signs that all cells of a column may have before or after the number.
_SIGNS = ("", r"\$", "€", "£", "¥", "%", "'")


def _number_format(sign: str, body: tuple[str, str, str]) -> TextFormat:
    digits, separator, mark = body
    number = rf"[+\-−]?{digits}"
    around = {"": number, "'": f"'{number}'"}.get(sign, rf"[+\-−]?{sign}\s?{number}|{number}\s?{sign}")
    rules = [("−", "-"), *([(rf"[\s{sign}]", "")] if sign else []), *([(separator, "")] if separator else [])]
    if mark == ",":  # 1.234 may be a plain number or have a separator
        return TextFormat("number", f"^(?:{around})$", f"^(?:{around})$", (*rules, (",", ".")))
    return TextFormat("number", f"^(?:{around})$", f"^(?:{around}|{_PLAIN_BODY})$", tuple(rules))


_PLAIN_NUMBER = rf"(?i)^({_PLAIN_BODY}|[+-]?(inf|infinity))$"
PLAIN = TextFormat("number", _PLAIN_NUMBER, _PLAIN_NUMBER)
_OTHER_NUMBERS = tuple(_number_format(sign, body) for sign, body in product(_SIGNS, _BODIES))


def _boolean_format(pattern: str) -> TextFormat:
    return TextFormat("boolean", pattern, pattern, (("^[tTyY1].*", "1"), ("^[^1].*", "0")))


_TRUE, _FALSE = "[tT][rR][uU][eE]", "[fF][aA][lL][sS][eE]"
BOOLEAN = _boolean_format(f"^({_TRUE}|{_FALSE})$")
_NAMED_BOOLEAN = _boolean_format(rf"^({_TRUE}|{_FALSE}|[yY][eE][sS]|[nN][oO]|[tTfFyYnN]|[01](\.0*)?)$")

_TIME = r"(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?)?"
_ISO_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_ISO_RULES: Rules = (
    (r"-(\d)\b", r"-0\1"),
    (r",(\d+)", r".\1"),
    (r"(\.\d{6})\d+", r"\1"),
    (" ?UTC$", "Z"),
    (r" ([Z+-])", r"\1"),
)


def _date_format(date: str, order: str, time: str = _TIME) -> TextFormat:
    """Return the format of dates that `order` rewrites to year-month-day."""
    accepted = f"^(?:{date}{time}|{_ISO_DATE}{_TIME})$"
    return TextFormat("datetime", f"^{date}{time}$", accepted, ((f"^{date}", order), *_ISO_RULES))


ISO = TextFormat("datetime", f"^{_ISO_DATE}{_TIME}$", f"^{_ISO_DATE}{_TIME}$", _ISO_RULES)
_YEAR_FIRST = (
    ISO,
    _date_format(r"(\d{4})-(\d\d)$", r"\1-\2-01", time=""),
    _date_format(r"(\d{4})/(\d\d?)/(\d\d?)", r"\1-\2-\3"),
)
DAY_FIRST, MONTH_FIRST = (
    tuple(_date_format(rf"(\d\d?){mark}(\d\d?){mark}(\d{{4}})", order) for mark in (r"\.", "/", "-"))
    for order in (r"\3-\2-\1", r"\3-\1-\2")
)
_DIGITS_DATE = _date_format(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", time="")
_DATES = (*_YEAR_FIRST, *DAY_FIRST, *MONTH_FIRST)

FORMATS = (*_OTHER_NUMBERS, _NAMED_BOOLEAN, *_DATES, _DIGITS_DATE)
"""The formats that a column may keep; a reader expects the others, `PLAIN` and `BOOLEAN`."""


def text_formats(kind: str | None, *, decimal_comma: bool = False) -> tuple[TextFormat, ...]:
    """Return the formats that a column may have, the likely ones first; `kind` is None if its cells decide.

    A number with one comma before three digits has thousands, or decimals in a file with the `decimal_comma`.
    """
    order = sorted(_OTHER_NUMBERS, key=lambda form: r"(,\d+)?" not in form.pattern) if decimal_comma else _OTHER_NUMBERS
    chosen: dict[str | None, tuple[TextFormat, ...]] = {
        None: (BOOLEAN, PLAIN, *order, *_DATES),
        "number": (PLAIN, *order),
        "boolean": (_NAMED_BOOLEAN,),
        "datetime": (*_DATES, _DIGITS_DATE),
    }
    return chosen.get(kind, ())
