"""Errors of tables to learn from."""

from domain.errors import EndeavourError


class InvalidData(EndeavourError):
    """Nothing can be learned from a table; the message names the columns, the rows or the file."""


class UnreadableData(InvalidData):
    """No table is at the place, or its cells cannot be told apart."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"cannot read the data {place}: {why}")


class InvalidCell(InvalidData):
    """A cell holds no usable number. Rows count from 1 in the file `place`, without the header."""

    def __init__(self, row: int, column: str, why: str, place: str = "") -> None:
        super().__init__(f"{place}{', ' if place else ''}row {row}, column {column!r}: {why}")
        self.row, self.column, self.why, self.place = row, column, why, place
