"""Table file: batches of the columns that a model needs and of those that are kept, from one Parquet or CSV file."""

from abc import abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pyarrow as pa

from adapters.pyarrow.fields import Field
from domain.data.errors import UnreadableData
from domain.data.quoting import quoted


class TableBatch(NamedTuple):
    """Some consecutive rows of a file, from row `first` on, counted from 0.

    Parameters
    ----------
    first : int
    features : list of pyarrow.Array
        In the order of the model.
    kept : list of pyarrow.Array
        In the order in which they are kept.
    """

    first: int
    features: list[pa.Array]
    kept: list[pa.Array]


class TableFile(Protocol):
    """A file of a table to score."""

    rows: int
    """Of CSV, an estimate."""
    delimiter: str
    """Between the cells of scored CSV files."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """The sha256 of what identifies the content."""

    @property
    @abstractmethod
    def kept_fields(self) -> list[pa.Field]:
        """Names and types of the kept columns."""

    @abstractmethod
    def batches(self) -> Generator[TableBatch]:
        """Yield all rows; raise `UnreadableData` if the file cannot be decoded or changes meanwhile."""

    @abstractmethod
    def location(self, row: int) -> tuple[int, str]:
        """Return the number of a row, counted from 0, as an error names it: of a 'row' or of a 'line', from 1."""

    @abstractmethod
    def as_text(self) -> "TableFile":
        """Return the file with numbers read as texts too, which takes longer and finds the cell that is none."""


@dataclass(frozen=True, slots=True)
class WantedColumns:
    """Columns to read: those of a model, those of its columns whose cells may be texts, and those to keep."""

    features: tuple[str, ...]
    texts: frozenset[str]
    kept: tuple[str, ...]

    def fields(self, fields: Sequence[Field], place: str) -> dict[str, Field]:
        """Return the fields by name, or raise `UnreadableData` for one that is missing or cannot be used."""
        found = {field.name: field for field in fields}
        for name in (*self.features, *self.kept):
            need = "the model needs" if name in self.features else "is to be kept"
            if name not in found:
                raise UnreadableData(place, f"it has no column {quoted(name)}, which {need}")
            if found[name].problem:
                raise UnreadableData(place, f"column {quoted(name)}, which {need}, {found[name].problem}")
        return {name: found[name] for name in (*self.features, *self.kept)}
