"""Column survey: what the texts of a column have in common."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adapters.pyarrow.arrays import from_array, is_null
from adapters.pyarrow.cells import distinct_texts, first_undecodable, places_of
from adapters.pyarrow.text_formats import first_misfit, numbers_of
from domain.data.arrays import FloatArray
from domain.data.text_formats import PLAIN, TextFormat
from domain.data.validation import MAX_MAGNITUDE

Counts = npt.NDArray[np.intp]

MAX_LEVELS = 100_000
"""Different texts of a category, at most."""
MAX_EXACT = 2.0**53
"""Magnitude up to which a float64 holds every whole number."""
# Share of the cells, and their number, up to which those that are not numbers are likely to be mistakes.
MISTAKEN, MAX_MISTAKES = 0.1, 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a table: the numbers of its file and of its row in the file, counted from 0, and its text."""

    file: int
    row: int
    text: str = ""


class Location(NamedTuple):
    """Where an editor shows a cell: its row or line, counted from 1, and its file."""

    row: int
    unit: str
    place: str
    several: bool
    """Whether the table has other files."""

    def __str__(self) -> str:
        return f"{self.unit} {self.row}" + (f" of {self.place}" if self.several else "")


@dataclass(slots=True)
class ColumnSurvey:
    """Facts about the cells that were added.

    Parameters
    ----------
    formats : tuple of TextFormat
        The formats that all texts fit; at first, those that the column may have.
    markers : pyarrow.Array
        Texts of an empty cell.
    """

    formats: tuple[TextFormat, ...]
    markers: pa.Array
    cells: int = 0
    gaps: int = 0
    levels: set[str] = field(default_factory=set)
    """The texts, until there are too many of them."""
    longest: int = 0
    """Characters of the longest text."""
    unfit: Place | None = None
    """The cell that ended the format that the most cells had fitted."""
    not_numbers: int = 0
    """Cells that are not plain numbers, counted until they are too many for mistakes."""
    excess: Place | None = None
    """The first number that is infinite or too large to square."""
    largest: float = 0.0
    """The largest magnitude of a number."""
    fractions: bool = False
    """Whether a number has a decimal point or an exponent, or is infinite."""
    undecodable: Place | None = None
    """A cell that is not UTF-8."""

    @property
    def filled(self) -> int:
        """The number of cells that are not empty."""
        return self.cells - self.gaps

    @property
    def collapses(self) -> bool:
        """Whether there are whole numbers that a float64 rounds."""
        return self.largest > MAX_EXACT and not self.fractions

    @property
    def leading_zero(self) -> str:
        """A whole number that begins with 0, as codes do, where all cells are whole numbers; '' if there is none."""
        codes = all(level.isdecimal() for level in self.levels)
        return min((level for level in self.levels if level[0] == "0" and len(level) > 1), default="") if codes else ""

    @property
    def mostly_numbers(self) -> bool:
        """Whether at least nine of ten cells are plain numbers, and the others are few."""
        return self.not_numbers <= min(MAX_MISTAKES, MISTAKEN * self.filled)

    def add(self, cells: pa.Array, file: int, rows: Counts) -> None:
        """Add cells of a file with the numbers of their rows, counted from 0."""
        if self.undecodable:
            return
        try:
            positions, texts = distinct_texts(cells, self.markers)
        except pa.ArrowInvalid:
            self.undecodable = Place(file, int(rows[first_undecodable(cells)]))
            return
        places = places_of(positions)
        counts = np.bincount(places + 1, minlength=len(texts) + 1)[1:]
        first = np.empty(len(texts) + 1, np.intp)
        first[places[::-1]] = rows[::-1]  # the row of the first cell with each text
        filled = np.flatnonzero((counts > 0) & ~is_null(texts))
        self.cells += len(cells)
        self.gaps += len(cells) - int(counts[filled].sum())
        if len(filled):
            filled = filled[np.argsort(first[filled])]
            self._add_texts(texts.take(from_array(filled)), counts[filled], first[filled], file)

    def _add_texts(self, texts: pa.Array, counts: Counts, rows: Counts, file: int) -> None:
        """Add different texts in the order of their first cells, which are in `rows`."""
        if len(self.levels) <= MAX_LEVELS:
            self.levels.update(texts.to_pylist())
            self.longest = max(self.longest, pc.max(pc.utf8_length(texts)).as_py())
        plain = numbers_of(texts, PLAIN) if self.not_numbers <= MAX_MISTAKES else None
        if plain is not None:
            self.not_numbers += int(counts[np.isnan(plain)].sum())
        fitting = []
        for form in self.formats:
            misfit = first_misfit(texts, form)
            if misfit is None:
                fitting.append(form)
            elif self.unfit is None or (self.unfit.file, self.unfit.row) < (file, rows[misfit]):
                self.unfit = Place(file, int(rows[misfit]), texts[misfit].as_py())
        self.formats = tuple(fitting)
        if fitting and fitting[0].kind == "number":
            values = plain if fitting[0] is PLAIN and plain is not None else numbers_of(texts, fitting[0])
            self._add_numbers(values, texts, rows, file)

    def _add_numbers(self, values: FloatArray, texts: pa.Array, rows: Counts, file: int) -> None:
        magnitudes = np.abs(values)
        beyond = np.flatnonzero(magnitudes > MAX_MAGNITUDE)
        if len(beyond) and not self.excess:
            self.excess = Place(file, int(rows[beyond[0]]), texts[beyond[0]].as_py())
        self.largest = max(self.largest, float(magnitudes.max()))
        self.fractions = self.fractions or pc.any(pc.match_substring_regex(texts, "[.eEfF]")).as_py()
