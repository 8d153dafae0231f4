"""Bound encoding: an encoding for rows of a table, whose columns may have another order and other levels."""

from collections.abc import Sequence

import numpy as np

from domain.data.arrays import FloatArray, Numbers
from domain.data.columns import Column
from domain.data.errors import InvalidData
from domain.errors import format_names
from domain.features.category_column import CategoryColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn


class BoundEncoding:
    """An encoding for rows of a certain table.

    Parameters
    ----------
    encoding : Encoding
    columns : sequence of Column
        Of the rows' blocks, in their order; those that the encoding does not have are not read.

    Raises
    ------
    InvalidData
        If a column is missing or has another kind.
    """

    def __init__(self, encoding: Encoding, columns: Sequence[Column]) -> None:
        self.encoding = encoding
        places = {column.name: place for place, column in enumerate(columns)}
        missing = [name for name in encoding.feature_names if name not in places]
        if missing:
            raise InvalidData(f"there is no column {format_names(missing)}")
        self._places = [places[name] for name in encoding.feature_names]
        self._in_order = self._places == list(range(len(columns)))
        self._codes = {
            place: codes
            for place, fitted in enumerate(encoding.columns)
            if (codes := _codes(fitted, columns[places[fitted.name]])) is not None
        }
        # Columns of other encodings fill their empty cells themselves.
        self._gaps = [
            (place, fitted)
            for place, fitted in enumerate(encoding.columns)
            if isinstance(fitted, NumberColumn) and encoding.is_plain and columns[places[fitted.name]].nullable
        ]

    def values(self, features: Numbers) -> Numbers:
        """Return the values of the encoding's columns, shape (n, n_columns), for `features` of a block of the rows.

        Raises
        ------
        InvalidData
            If a cell is empty in a column whose median in the training rows was not measured.
        """
        if self._in_order and not self._codes:
            return self._filled(features)
        values = np.empty((len(features), len(self._places)), order="F")
        for place, source in enumerate(self._places):
            codes = self._codes.get(place)
            values[:, place] = features[:, source] if codes is None else _recoded(features[:, source], codes)
        return self._filled(values)

    def _filled(self, values: Numbers) -> Numbers:
        """Return `values` with the medians of the training rows in empty cells of plain numbers."""
        if not self._gaps or not np.isnan(values).any():
            return values
        filled = np.array(values, dtype=np.float64, order="F")
        for place, column in self._gaps:
            missing = np.isnan(filled[:, place])
            if column.fill is None and missing.any():
                raise InvalidData(f"column {column.name!r} has an empty cell, and the model has no median for it")
            filled[missing, place] = column.fill
        return filled

    def encode(self, features: Numbers, memory: FloatArray | None = None) -> Numbers:
        """Return the terms, shape (n, n_terms), for `features` of a block of the rows."""
        return self.encoding.encode(self.values(features), memory)


def _codes(fitted: AnyColumn, column: Column) -> FloatArray | None:
    """Return the fitted place of each level of `column` and, last, of any other text; None if they are the same."""
    if fitted.kind != column.kind and (fitted.kind, column.kind) != ("number", "boolean"):
        raise InvalidData(f"column {column.name!r} is a {column.kind} here, and a {fitted.kind} of the model")
    if not isinstance(fitted, CategoryColumn) or fitted.column.levels == column.levels:
        return None
    places = {level: float(place) for place, level in enumerate(fitted.column.levels)}
    return np.array([*(places.get(level, fitted.typical) for level in column.levels), fitted.typical])


def _recoded(values: Numbers, codes: FloatArray) -> FloatArray:
    missing = np.isnan(values)
    recoded: FloatArray = codes[np.where(missing, 0, np.minimum(values, len(codes) - 1)).astype(np.intp)]
    recoded[missing] = np.nan
    return recoded
