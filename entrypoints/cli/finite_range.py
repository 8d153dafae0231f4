"""Finite range: the type of an option that takes a number in a range; click's own takes NaN in any range."""

import math
from typing import Any

import click


class FiniteRange(click.FloatRange):
    """A range of numbers without NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail if it is outside the range or NaN."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number
