"""Column survey: what the texts of a column have in common."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adapters.pyarrow.arrays import from_array, is_null
from adapters.pyarrow.cells import distinct_texts, first_undecodable, places_of
from adapters.pyarrow.text_formats import first_misfit, numbers_of
from domain.data.arrays import FloatArray
from domain.data.text_formats import TextFormat
from domain.data.validation import MAX_MAGNITUDE

Counts = npt.NDArray[np.intp]

MAX_LEVELS = 100_000
"""Different texts of a category, at most."""
MAX_EXACT = 2.0**53
"""Magnitude up to which a float64 holds every whole number."""


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
    levels: Counter[str] = field(default_factory=Counter)
    """The texts, with the number of their cells, until there are too many of them."""
    longest: int = 0
    """Characters of the longest text."""
    misfits: dict[TextFormat, Place] = field(default_factory=dict)
    """The first cell that does not fit, by format."""
    excess: Place | None = None
    """The first number that is infinite or too large to square."""
    largest: float = 0.0
    """The largest magnitude of a number."""
    fractions: bool = False
    """Whether a number has a decimal point or an exponent, or is infinite."""
    undecodable: Place | None = None
    """A cell that is not UTF-8."""
    candidates: tuple[TextFormat, ...] = field(init=False)
    """The formats that the column may have had at first."""

    def __post_init__(self) -> None:
        self.candidates = self.formats

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
    def may_be_codes(self) -> bool:
        """Whether all cells are whole numbers of one length, so that another cell may be a code that begins with 0."""
        lengths = {len(level) for level in self.levels}
        return len(lengths) == 1 and lengths != {1} and all(level.isdecimal() for level in self.levels)

    @property
    def unfit(self) -> Place | None:
        """The cell that ended the format that the most cells had fitted."""
        return max(self.misfits.values(), key=lambda place: (place.file, place.row), default=None)

    def restricted(self, formats: tuple[TextFormat, ...], fitting: pa.Array, others: pa.Array, cells: int) -> Self:
        """Return the survey of the texts that fit `formats`; the others, those of so many `cells`, count as empty."""
        markers = pa.concat_arrays([self.markers, others])
        rest = replace(self, formats=formats, markers=markers, gaps=self.gaps + cells, largest=0.0, fractions=False)
        rest.levels = Counter({text: self.levels[text] for text in fitting.to_pylist()})
        if formats[0].kind == "number":
            rest._measure(numbers_of(fitting, formats[0]), fitting)
        return rest

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
            self.levels.update(dict(zip(texts.to_pylist(), counts.tolist(), strict=True)))
            self.longest = max(self.longest, pc.max(pc.utf8_length(texts)).as_py())
        fitting = []
        for form in self.formats:
            misfit = first_misfit(texts, form)
            if misfit is None:
                fitting.append(form)
            else:
                self.misfits[form] = Place(file, int(rows[misfit]), texts[misfit].as_py())
        self.formats = tuple(fitting)
        if fitting and fitting[0].kind == "number":
            magnitudes = self._measure(numbers_of(texts, fitting[0]), texts)
            beyond = np.flatnonzero(magnitudes > MAX_MAGNITUDE)
            if len(beyond) and not self.excess:
                self.excess = Place(file, int(rows[beyond[0]]), texts[beyond[0]].as_py())

    def _measure(self, values: FloatArray, texts: pa.Array) -> FloatArray:
        """Add numbers of texts, and return their magnitudes."""
        magnitudes: FloatArray = np.abs(values)
        self.largest = max(self.largest, float(magnitudes.max()))
        self.fractions = self.fractions or pc.any(pc.match_substring_regex(texts, "[.eEfF]")).as_py()
        return magnitudes
