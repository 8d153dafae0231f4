"""Wording: numbers and durations as sentences name them."""

_UNITS = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def amount(number: float) -> str:
    """Return a whole number with thousands apart.

    Examples
    --------
    >>> amount(6890)
    '6,890'
    """
    return f"{number:,.0f}"


def plural(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> plural(1, "hour"), plural(2, "hour")
    ('1 hour', '2 hours')
    """
    return f"{amount(number)} {noun}" + ("" if number == 1 else "s")


def seconds_text(seconds: float) -> str:
    """Return a duration in its largest unit.

    Examples
    --------
    >>> seconds_text(75), seconds_text(7300), seconds_text(0.2)
    ('1 minute', '2 hours', '0 seconds')
    """
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return plural(int(seconds // size), unit)


def percent(share: float) -> str:
    """Return a share in percent.

    Examples
    --------
    >>> percent(0.05), percent(0.125)
    ('5 %', '12.5 %')
    """
    return f"{100 * share:g} %"
