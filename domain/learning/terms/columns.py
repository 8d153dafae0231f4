"""Choice of columns: leaves out those that a model learns nothing from, or nothing that holds for new rows."""

import re

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.columns import Column
from domain.data.rows import Rows
from domain.data.table import LeftOut
from domain.features.category_column import CategoryColumn
from domain.learning.terms.sample import draw_sample

# Rows from which ids and names are recognized, at least.
MIN_ROWS = 8
# Half of the rows are held out at most, so that row numbers rise by two a training row at most.
MAX_STEP = 2
# Rows that are held out before the first training row, at most.
MAX_ROWS_BEFORE = 10
# Correlation of row numbers with the places of the rows, at least.
MIN_CORRELATION = 0.98

EMPTY = "has no values"
ID_NAME = re.compile(
    r"(.*[\s_.-])?(id|uuid|guid|key)|idx|index|no\.?|nr\.?|obs|observation|case|serial([\s_.-]?(no|nr|number)\.?)?"
    r"|row[\s_.-]?(names?|no|nr|numbers?|id)|unnamed: \d+",
    re.IGNORECASE,
)
# Such as customerId and CustomerID.
JOINED_ID_NAME = re.compile(r".*[a-z0-9](Id|ID)")
TIME_NAME = re.compile(r"(.*[\s_.-])?(year|yr|t|time|trend|date|day|week|month|quarter|hour|period)s?", re.IGNORECASE)


def select_columns(rows: Rows) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the names of the columns to learn from, and the others with the reasons, by a sample of training rows."""
    values, _ = draw_sample(rows, seed=0)
    reasons = {column.name: _reason(column, values[:, place], len(rows)) for place, column in enumerate(rows.columns)}
    kept = tuple(name for name, reason in reasons.items() if not reason)
    return kept, tuple(LeftOut(name, reason) for name, reason in reasons.items() if reason)


def _reason(column: Column, values: FloatArray, rows: int) -> str:
    """Return why the column is left out, or ''; `values`, shape (n,), are a sample of `rows` rows."""
    present = values[~np.isnan(values)]
    if not len(present):
        return EMPTY
    counts = np.unique(present, return_counts=True)[1]
    if len(counts) == 1 and len(present) == len(values):
        return "has the same value in all training rows"
    if column.kind == "category" and not CategoryColumn.fit(column, values).levels:
        return "has texts with line breaks or other control characters only"
    if len(values) >= MIN_ROWS and column.kind in {"number", "category"}:
        return _reason_by_rows(column, values, counts, rows)
    return ""


def _reason_by_rows(column: Column, values: FloatArray, counts: npt.NDArray[np.intp], rows: int) -> str:
    """Return why the values only number or name the rows, or ''; `counts` are those of different values."""
    if column.kind == "number" and not TIME_NAME.fullmatch(column.name) and _are_row_numbers(values, rows):
        return "numbers the rows"
    is_id = ID_NAME.fullmatch(column.name) or JOINED_ID_NAME.fullmatch(column.name)
    if is_id and len(counts) == len(values) and (values == np.floor(values)).all():
        return "is an id: no value occurs twice"
    if column.kind == "category" and np.count_nonzero(counts == 1) > counts.sum() / 2:
        return "has texts most of which occur once"
    return ""


def _are_row_numbers(values: FloatArray, rows: int) -> bool:
    """Return whether the values count the rows of a file, some of which may be held out."""
    step, risen = rows / len(values), values[-1] - values[0]
    return bool(
        0 <= values[0] <= MAX_ROWS_BEFORE + MAX_STEP * step
        and rows - 2 * step <= risen <= MAX_STEP * (rows + step)
        and (np.diff(values) >= 1).all()
        and (values == np.floor(values)).all()
        and np.corrcoef(values, np.arange(len(values)))[0, 1] > MIN_CORRELATION
    )
