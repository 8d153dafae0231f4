"""Number column: a number or a boolean, its linear spline, and an indicator of empty cells."""

from dataclasses import dataclass, replace
from math import inf
from typing import Literal, Self

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.text_formats import TextFormat
from domain.features.feature_column import Effect, FeatureColumn
from domain.features.spline import Spline


@dataclass(frozen=True, slots=True)
class NumberColumn(FeatureColumn):
    """A number, or a boolean as 0 or 1.

    Parameters
    ----------
    name : str
    kind : {'number', 'boolean'}
    fill : float or None
        The median of the training rows, which replaces an empty cell; None if it was not measured.
    has_gaps : bool
        Whether the training rows had empty cells; a term then indicates them.
    spline : Spline or None
        Bends of the effect within the training range; None for a straight line without an end.
    center, scale : float
        Mean and standard deviation in the training rows, for products.
    low, high : float or None
        Least and largest value of the training rows; None if they were not measured.
    format : TextFormat or None
        The spelling of the texts of the training table; a text in a request is then a number too.
    """

    name: str
    kind: Literal["number", "boolean"] = "number"
    fill: float | None = None
    has_gaps: bool = False
    spline: Spline | None = None
    center: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    format: TextFormat | None = None

    @classmethod
    def fit(cls, column: Column, values: FloatArray, knots: int, *, bounded: bool) -> Self:
        """Return the column of the training values, shape (n,), at least one of which is not NaN.

        `bounded` limits values to the training range, as any knot does.
        """
        present = values[~np.isnan(values)]
        kind: Literal["number", "boolean"] = "boolean" if column.kind == "boolean" else "number"
        return cls(
            name=column.name,
            kind=kind,
            fill=float(np.median(present)) if kind == "number" else float(np.mean(present) > 0.5),  # noqa: PLR2004  # the more frequent value
            has_gaps=len(present) < len(values),
            spline=Spline.fit(present, knots if kind == "number" else 0) if knots or bounded else None,
            center=float(np.mean(present)),
            scale=float(np.std(present)) or 1.0,
            low=float(present.min()),
            high=float(present.max()),
            format=column.format,
        )

    @property
    def value_range(self) -> tuple[float, float]:
        """The range of the training rows."""
        return -inf if self.low is None else self.low, inf if self.high is None else self.high

    @property
    def is_plain(self) -> bool:
        """Whether the only term is the number itself, and requests have no texts for it."""
        return self.kind == "number" and self.spline is None and not self.has_gaps and self.format is None

    @property
    def column(self) -> Column:
        """Return the column as blocks have it."""
        return Column(self.name, self.kind, nullable=self.has_gaps, format=self.format)

    @property
    def term_names(self) -> tuple[str, ...]:
        """The column, the number above each knot, and the indicator."""
        bends = self.spline.term_names(self.name) if self.spline else ()
        return (self.name, *bends, *([f"{self.name} is missing"] if self.has_gaps else []))

    @property
    def standardization(self) -> tuple[tuple[float, float], ...]:
        """Mean and standard deviation of the number; other terms as they are."""
        return ((self.center, self.scale), *((0.0, 1.0) for _ in self.term_names[1:]))

    @property
    def booleans(self) -> tuple[bool, ...]:
        """True for a boolean and for the indicator."""
        bends = len(self.spline.knots) if self.spline else 0
        return (self.kind == "boolean", *(False,) * bends, *(True,) * self.has_gaps)

    @property
    def typical(self) -> float:
        """The median, or 0 if it was not measured."""
        return self.fill or 0.0

    def encode(self, values: FloatArray, terms: FloatArray) -> None:
        """Write the number, limited to the training range if it has a spline; its bends; and the indicator."""
        missing = np.isnan(values)
        filled = values if self.fill is None else np.where(missing, self.fill, values)
        if self.spline:
            self.spline.encode(filled, terms)
        else:
            terms[:, 0] = filled
        if self.has_gaps:
            terms[:, -1] = missing

    def effect(self, coefficients: FloatArray) -> Effect:
        """Return a piecewise linear effect."""
        curve = self.spline.curve(coefficients) if self.spline else _line(float(coefficients[0]))
        if self.fill is None:
            return curve
        of_missing = curve(np.array([self.fill])).item() + (float(coefficients[-1]) if self.has_gaps else 0.0)
        return lambda values: np.where(np.isnan(values), of_missing, curve(values))

    def with_first_term(self) -> Self:
        """Return the column without bends and indicator."""
        return replace(self, spline=self.spline and self.spline.without_knots, has_gaps=False)


def _line(slope: float) -> Effect:
    return lambda values: slope * values
