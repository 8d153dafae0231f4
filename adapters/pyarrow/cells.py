"""Cells: their texts without blanks and missing markers, and their conversion to numbers."""

from dataclasses import dataclass, field
from unicodedata import normalize

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from adapters.pyarrow.arrays import filled, from_texts, is_null
from adapters.pyarrow.text_formats import MICROSECONDS, numbers_of
from domain.data.arrays import Numbers
from domain.data.columns import Column
from domain.data.text_formats import TextFormat

# One for all columns, so that the readings of many columns travel as few bytes.
NO_MARKERS = from_texts([""])
# Arguments of functions of pyarrow, which would make them of Python's own through pandas.
NULL = pa.nulls(1, pa.string())[0]
TRUE, FALSE = from_texts(["True", "False"])


class UnfitCell(Exception):
    """The cell at a position of a batch does not fit the format of its column."""

    def __init__(self, position: int, text: str) -> None:
        super().__init__(position, text)
        self.position, self.text = position, text


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of a column become numbers.

    Parameters
    ----------
    column : Column
    format : TextFormat, optional
        The spelling of the cells if they are read as text.
    markers : pyarrow.Array
        Texts of an empty cell.
    as_text : bool
        Whether the cells are read as text; a category always is.
    """

    column: Column
    format: TextFormat | None = None
    as_text: bool = False
    markers: pa.Array = field(default_factory=lambda: NO_MARKERS)

    def numbers(self, cells: pa.Array, dtype: npt.DTypeLike = np.float64) -> Numbers:
        """Return one number per cell, NaN if it is empty, without a copy if they are numbers of the type `dtype`.

        Raises
        ------
        UnfitCell
            For the first text that does not fit the format.
        """
        if not self.as_text:
            return native_numbers(cells, dtype)
        positions, texts = distinct_texts(cells, self.markers)
        values = self._values(texts)
        places = places_of(positions)
        numbers: Numbers = np.append(values, np.nan)[places].astype(dtype, copy=False)
        unfit = np.append(np.isnan(values) & ~is_null(texts), False)
        if unfit.any() and (found := np.flatnonzero(unfit[places])).size:
            raise UnfitCell(int(found[0]), texts[places[found[0]]].as_py())
        return numbers

    def _values(self, texts: pa.Array) -> Numbers:
        """Return the numbers of texts, NaN for null."""
        if self.format is None:
            levels = from_texts(self.column.levels)
            values = filled(pc.index_in(texts, levels), len(levels)).astype(np.float64)
            if self.column.nullable:
                values[is_null(texts)] = np.nan
            return values
        found = np.full(len(texts), np.nan)
        found[~is_null(texts)] = numbers_of(texts.drop_null(), self.format)
        return found


def distinct_texts(cells: pa.Array, markers: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return the position of each cell's text, and the texts, stripped and in NFC, null where they mark an empty cell.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a text is not UTF-8.
    """
    if not pa.types.is_dictionary(cells.type) or not _is_text(cells.type.value_type):
        cells = to_text(cells).dictionary_encode()
    texts = cells.dictionary
    if pa.types.is_binary(texts.type):
        texts = texts.cast(pa.string())
    else:
        texts.validate(full=True)
    texts = _composed(pc.utf8_trim_whitespace(texts.cast(pa.string())))
    return cells.indices, pc.if_else(pc.is_in(texts, markers), NULL, texts)


def _composed(texts: pa.Array) -> pa.Array:
    """Return texts in Unicode's form NFC; pyarrow's own function returns NFD for each form."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    return from_texts([text and normalize("NFC", text) for text in texts.to_pylist()])


def first_undecodable(cells: pa.Array) -> int:
    """Return the position of the first text that is not UTF-8."""
    wrong = [place for place, text in enumerate(cells.dictionary.cast(pa.binary()).to_pylist()) if not _is_utf8(text)]
    return int(np.flatnonzero(np.isin(places_of(cells.indices), wrong))[0])


def _is_utf8(text: bytes | None) -> bool:
    try:
        return text is None or text.decode() is not None
    except UnicodeDecodeError:
        return False


def places_of(positions: pa.Array) -> npt.NDArray[np.intp]:
    """Return the position of each cell's text, -1 for null."""
    return filled(positions, -1)


def to_text(cells: pa.Array) -> pa.Array:
    """Return cells of any type as the texts that a category has for them."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if pa.types.is_boolean(cells.type):
        return pc.if_else(cells, TRUE, FALSE)
    return cells if _is_text(cells.type) else cells.cast(pa.string())


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
    )


def native_numbers(cells: pa.Array, dtype: npt.DTypeLike) -> Numbers:
    """Return numbers, booleans as 0 and 1, and moments as seconds since 1970; NaN for null."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        cells = cells.dictionary_decode()
    if pa.types.is_decimal(kind):
        cells = cells.cast(pa.string())  # arrow's own conversion of decimals does not round to the nearest double
    if pa.types.is_temporal(kind):
        cells = cells.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    if not (pa.types.is_floating(cells.type) or pa.types.is_integer(cells.type)):
        cells = cells.cast(pa.float64())
    if cells.null_count:
        cells = cells.cast(pa.float64(), safe=False)
    values: Numbers = filled(cells, np.nan).astype(dtype, copy=False)
    return values / MICROSECONDS if pa.types.is_temporal(kind) else values
