"""Errors of tables to learn from."""

from collections.abc import Mapping, Sequence

from domain.data.quoting import quoted, quoted_name
from domain.errors import MAX_SHOWN_NAMES, EndeavourError


class InvalidData(EndeavourError):
    """A table cannot be learned from; the message names the columns, the rows or the file."""


class UnreadableData(InvalidData):
    """The place has no table, or a file of it cannot be decoded."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"cannot read the data {place}: {why}")


class UnusableColumns(InvalidData):
    """Columns that are named cannot be used.

    Parameters
    ----------
    reasons : mapping of str to str
        Why each column cannot be used, by its name, such as 'has no values'.
    usable : sequence of str
        Columns that can be learned from if they are named: the other named features, or some of these columns.
    target : str, optional
        The target, if it may be one of these columns.
    """

    def __init__(self, reasons: Mapping[str, str], usable: Sequence[str] = (), target: str | None = None) -> None:
        shown = [f"column {quoted_name(name)} {reason}" for name, reason in [*reasons.items()][:MAX_SHOWN_NAMES]]
        more = [f"… ({len(reasons)} columns in all)"] if len(reasons) > MAX_SHOWN_NAMES else []
        super().__init__("; ".join([*shown, *more]))
        self.reasons, self.usable, self.target = dict(reasons), tuple(usable), target


class TooFewRows(InvalidData):
    """A `part` of the table, such as 'held-out', has fewer rows than it needs."""

    def __init__(self, part: str, have: int, need: int) -> None:
        super().__init__(f"the {part} rows are too few: {have}, at least {need} are needed")
        self.part, self.have, self.need = part, have, need


class InvalidCell(InvalidData):
    """A cell does not hold a usable value.

    Parameters
    ----------
    row : int
        Counted from 1 in the file `place`: rows without the header, or, if the `unit` is 'line', lines of the file.
    column : str
    why : str
    place : str
    unit : {'row', 'line'}
    """

    def __init__(self, row: int, column: str, why: str, place: str = "", unit: str = "row") -> None:
        super().__init__(f"{place}{', ' if place else ''}{unit} {row}, column {quoted(column)}: {why}")
        self.row, self.column, self.why, self.place, self.unit = row, column, why, place, unit
