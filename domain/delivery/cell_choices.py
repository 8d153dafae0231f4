"""Cell choices: for each column of two models, a finite list of cells, at which the extremes of its effects lie."""

from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.datetime_choices import extreme_moments
from domain.features.category_column import CategoryColumn
from domain.features.cells import Cell, to_cell
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import AnyColumn
from domain.features.number_column import NumberColumn
from domain.model.model_version import ModelVersion

# Standard deviations on either side of the mean, where least and largest value were not measured.
RANGE_DEVIATIONS = 4.0

Pair = tuple[AnyColumn, AnyColumn]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class CellChoices:
    """Cells of one column, as each of two models encodes them.

    Parameters
    ----------
    column : NumberColumn, CategoryColumn or DatetimeColumn
        Of one of the models.
    values : tuple of two ndarrays of shape (n,)
        The cells as values of the first model's column, and of the second model's.
    texts : tuple of str
        The cells of a category but for the empty one; () for other kinds.
    is_measured : bool
        Whether the cells span the training rows of a model.
    """

    column: AnyColumn
    values: tuple[FloatArray, FloatArray]
    texts: tuple[str, ...] = ()
    is_measured: bool = True

    def cell(self, place: int) -> Cell:
        """Return one of the cells as a request has it."""
        value = float(self.values[0][place])
        return self.texts[place] if self.texts and not np.isnan(value) else to_cell(self.column, value)


def cell_choices(before: ModelVersion, after: ModelVersion) -> tuple[CellChoices, ...]:
    """Return the choices of each column, in the order of two encodings with the same names and kinds.

    An effect is linear between the knots of both models, so that its extremes are at knots or ends of the range. The
    range spans the training rows of both models; where no model has measured them, it is center ± 4 scales of the
    columns. A cell is empty only where both models take an empty cell.
    """
    pairs = zip(before.model.encoding.columns, after.model.encoding.columns, strict=True)
    return tuple(_choices(pair, place, (before, after)) for place, pair in enumerate(pairs))


def _choices(pair: Pair, place: int, versions: tuple[ModelVersion, ModelVersion]) -> CellChoices:
    first, second = pair
    empty = [np.nan] if first.has_gaps and second.has_gaps else []
    if isinstance(first, CategoryColumn) and isinstance(second, CategoryColumn):
        texts = _texts(first, second)
        positions = (np.array([*_positions(column, texts), *empty]) for column in (first, second))
        return CellChoices(first, (next(positions), next(positions)), texts)
    is_measured = True
    if isinstance(first, DatetimeColumn) and isinstance(second, DatetimeColumn):
        numbers = extreme_moments(first, second)
    elif first.kind == "boolean":
        numbers = np.array([0.0, 1.0])
    else:
        found = [_range(column, place, version) for column, version in zip(pair, versions, strict=True)]
        ranges = [each for each in found if each]
        is_measured = bool(ranges)
        ends = ranges or [_about(column.center, column.scale) for column in pair if isinstance(column, NumberColumn)]
        numbers = np.unique([*np.ravel(ends), *_bends(first), *_bends(second)])
    values = np.append(numbers, empty)
    return CellChoices(first, (values, values), is_measured=is_measured)


def _texts(first: CategoryColumn, second: CategoryColumn) -> tuple[str, ...]:
    """Return the levels of both columns; without any, a text, because the cell needs one."""
    return tuple(dict.fromkeys((*first.column.levels, *second.column.levels))) or ("(unseen)",)


def _positions(column: CategoryColumn, texts: tuple[str, ...]) -> list[float]:
    places = {level: float(place) for place, level in enumerate(column.column.levels)}
    return [places.get(text, column.typical) for text in texts]


def _range(column: AnyColumn, place: int, version: ModelVersion) -> Range | None:
    """Return the range of the training rows, measured or from mean and standard deviation; None without both."""
    if isinstance(column, NumberColumn) and column.low is not None and column.high is not None:
        return column.low, column.high
    moments, term = version.moments, version.model.encoding.column_slices[place].start
    return _about(moments.mean[term], float(np.linalg.norm(moments.factor[:, term]))) if moments else None


def _about(center: float, deviation: float) -> Range:
    return center - RANGE_DEVIATIONS * deviation, center + RANGE_DEVIATIONS * deviation


def _bends(column: AnyColumn) -> tuple[float, ...]:
    spline = column.spline if isinstance(column, NumberColumn) else None
    return (spline.low, *spline.knots, spline.high) if spline else ()
