"""Table: the rows that a source has read, the columns that it left out, and its notes on the conversion."""

from dataclasses import dataclass

from domain.data.column_names import MAX_NAME_CHARACTERS
from domain.data.quoting import without_control_characters
from domain.data.rows import Rows


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that a model does not learn from, and the reason."""

    name: str
    reason: str

    @property
    def in_plain_text(self) -> "LeftOut":
        """The column as a record may hold it: control characters escaped, and long texts cut off."""
        texts = (without_control_characters(text)[:MAX_NAME_CHARACTERS] for text in (self.name, self.reason))
        return LeftOut(*texts)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with all usable columns of those that were asked for.

    Parameters
    ----------
    rows : Rows
    left_out : tuple of LeftOut
        Columns that cannot be used, such as lists, and columns that are not features unless they are named, such as
        the index of a data frame.
    notes : tuple of str
        What the source converted, a sentence each: rows without a target, stripped names, numbers written as text.
    """

    rows: Rows
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
