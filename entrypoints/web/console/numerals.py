"""Numerals: numbers and times as the pages of the console show them."""

import re
from datetime import UTC, datetime

from domain.data.number_text import number_text

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
UNITS = ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1.0, "s"))
# A number of four digits before the point; a comma between thousands; a hyphen before a number.
FOUR_DIGITS = re.compile(r"(?<![^\u2212])(\d)(\d{3})(?=\.|$)", re.ASCII)
COMMA, HYPHEN = re.compile(r"(?<=\d),(?=\d{3}(?!\d))", re.ASCII), re.compile(r"(?<![\w.\-])-(?=\d)")
NARROW_SPACE, MINUS = "\u202f", "\u2212"


def number(value: float, digits: int = 4) -> str:
    """Return a number with at least `digits` significant digits, a narrow space between thousands, and a minus sign.

    Examples
    --------
    >>> number(6361480.9), number(2013.5, 5), number(-0.00581, 2)
    ('6\\u202f361\\u202f481', '2\\u202f013.5', '\\u22120.0058')
    """
    return FOUR_DIGITS.sub(rf"\1{NARROW_SPACE}\2", end_of_range(value, digits))


def end_of_range(value: float, digits: int = 4) -> str:
    """Return an end of a column's range, which may be a year: four digits are not parted.

    >>> end_of_range(1999), end_of_range(-20009)
    ('1999', '\\u221220\\u202f009')
    """
    return number_text(value, digits).replace(",", NARROW_SPACE).replace("-", MINUS)


def numbers_in(text: str) -> str:
    """Return a text with the narrow spaces and minus signs of `number` in its numbers.

    >>> numbers_in("0 of 2,920; -5 of 2026-11-28")
    '0 of 2\\u202f920; \\u22125 of 2026-11-28'
    """
    return HYPHEN.sub(MINUS, COMMA.sub(NARROW_SPACE, text))


def whole(count: int) -> str:
    """Return a count with a narrow space between thousands.

    >>> whole(6890)
    '6\\u202f890'
    """
    return f"{count:,}".replace(",", NARROW_SPACE)


def signed(value: float, digits: int = 3) -> str:
    """Return a number with its sign, also if it is positive; zero has none.

    >>> signed(12.34), signed(0.0)
    ('+12.3', '0')
    """
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)


def day_and_time(moment: datetime) -> str:
    """Return a moment in UTC without its year.

    >>> day_and_time(datetime(2026, 11, 26, 22, 58, tzinfo=UTC))
    '26 Nov 22:58'
    """
    return f"{moment.astimezone(UTC):%-d %b %H:%M}"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units.

    Examples
    --------
    >>> duration(1.24), duration(75), duration(7_380), duration(187_200)
    ('1.2 s', '1 min 15 s', '2 h 3 min', '2 d 4 h')
    """
    if seconds < MINUTE:
        return f"{max(seconds, 0.0):.1f} s"
    unit, name, part, part_name = next(row for row in UNITS if seconds >= row[0])
    return f"{seconds // unit:.0f} {name} {seconds % unit // part:.0f} {part_name}"
