"""Mixed tables: generated encodings with columns of every kind, and rows of cells for them."""

from datetime import datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import TargetTransform
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

TARGET = "price in €"
NAMES = ("area", "new", "Größe: m", 'the "x"', "sold at", "limit")
LEVELS = ("0150", "Bergen", "Ålesund")


def example_encoding(**changes: Any) -> Encoding:
    """Return an encoding with a column of each kind: the first and the third may be empty."""
    columns = (
        NumberColumn("area", fill=80.0, has_gaps=True, spline=Spline(20.0, 200.0, (90.0,)), center=80.0, scale=30.0),
        NumberColumn("new", "boolean"),
        CategoryColumn("home city", LEVELS, ("Moss", "Oslo"), has_gaps=True),
        DatetimeColumn(
            "sold", 1.6e9, 1.7e9, Spline(0.0, 2000.0, (900.0,)), ("month", "hour"), center=900.0, scale=300.0
        ),
    )
    return Encoding(
        **{"columns": columns, "products": ((0, 5), (0, 9)), "left_out": (LeftOut(TARGET, "the target"),)} | changes
    )


def a_mixed_model() -> LinearModel:
    """Return a model of a column of each kind, with a limited logarithmic target."""
    encoding = example_encoding()
    coefficients = np.random.default_rng(0).normal(size=len(encoding.term_names)) / 1e3
    return LinearModel(coefficients, 12.0, encoding, TargetTransform(log=True, correction=1.02, low=10.0, high=1e9))


def moments_of(model: LinearModel) -> Moments:
    """Return moments of terms that vary one by one."""
    count = len(model.coefficients)
    return Moments(9, 7, np.zeros(count), np.eye(count), 1.0)


CELLS = {
    "number": st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6),
    "boolean": st.booleans(),
    "category": st.sampled_from((*LEVELS, "Moss", "elsewhere", " Bergen", 5003)),
    "datetime": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(datetime.isoformat)
    | st.sampled_from(("2024-05-01", "2024-05-01T10:00:00.5+02:00")),
}


def _column(name: str, kind: str, *, has_gaps: bool) -> AnyColumn:
    if kind == "category":
        return CategoryColumn(name, LEVELS, ("Moss",), has_gaps=has_gaps)
    if kind == "datetime":
        return DatetimeColumn(name, 0.0, 1e9, Spline(0.0, 2e4, (1e4,)), ("month", "hour"), has_gaps=has_gaps)
    spline = Spline(-1e6, 1e6, (0.0,)) if has_gaps else None
    return NumberColumn(name, kind, fill=0.5, has_gaps=has_gaps, spline=spline)  # type: ignore[arg-type]  # the two other kinds


@st.composite
def mixed_tables(draw: st.DrawFn) -> tuple[Encoding, list[list[Any]]]:
    """Draw an encoding of 1 to 6 columns, some products, and up to 20 rows of cells, empty where that is allowed."""
    kinds = draw(st.lists(st.tuples(st.sampled_from(sorted(CELLS)), st.booleans()), min_size=1, max_size=len(NAMES)))
    columns = tuple(_column(name, kind, has_gaps=gaps) for name, (kind, gaps) in zip(NAMES, kinds, strict=False))
    ends = len(Encoding(columns).term_names)
    products = draw(st.lists(st.tuples(st.integers(0, ends - 1), st.integers(0, ends - 1)), max_size=4, unique=True))
    cells = [CELLS[kind] | st.none() if gaps else CELLS[kind] for kind, gaps in kinds]
    rows = draw(st.lists(st.tuples(*cells).map(list), min_size=1, max_size=20))
    return Encoding(columns, tuple(products), (LeftOut(TARGET, "the target"),)), rows
