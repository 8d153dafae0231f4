"""Errors of tables to learn from."""

from domain.errors import EndeavourError


class InvalidData(EndeavourError):
    """A table cannot be learned from; the message names the columns, the rows or the file."""


class UnreadableData(InvalidData):
    """The place has no table, or a file of it cannot be decoded."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"cannot read the data {place}: {why}")


class InvalidCell(InvalidData):
    """A cell does not hold a usable number. Rows count from 1 in the file `place`, without the header."""

    def __init__(self, row: int, column: str, why: str, place: str = "") -> None:
        super().__init__(f"{place}{', ' if place else ''}row {row}, column {column!r}: {why}")
        self.row, self.column, self.why, self.place = row, column, why, place
