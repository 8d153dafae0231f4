"""Choice of terms and penalty by cross-validation on a sample of the training rows."""

from dataclasses import dataclass
from typing import Literal

from domain.data.rows import Rows
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.features.target_transform import TargetTransform

Terms = Literal["auto", "linear", "splines", "interactions"]
"""Terms that a training may ask for."""


@dataclass(frozen=True, slots=True)
class TermCandidate:
    """Terms that were compared, and their cross-validated score.

    Parameters
    ----------
    name : str
        Such as 'linear' or 'splines with 4 knots'.
    terms : int
        Their number.
    penalty : float
        The best for these terms.
    r2, rmse : float
        Cross-validated, in target units.
    chosen : bool
    """

    name: str
    terms: int
    penalty: float
    r2: float
    rmse: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class TermChoice:
    """Fitted columns and their terms, the ridge penalty, and the scale of the target."""

    encoding: Encoding
    penalty: float
    target_transform: TargetTransform
    candidates: tuple[TermCandidate, ...] = ()


def choose_terms(rows: Rows, terms: Terms, penalty: float | None, seed: int, *, log_target: bool = False) -> TermChoice:
    """Return the terms of `rows`; a `penalty` of None is chosen."""
    features, target = rows.sample(16_384, seed)
    columns: list[AnyColumn] = []
    for column, values in zip(rows.columns, features.T, strict=True):
        if column.kind == "category":
            columns.append(CategoryColumn.fit(column, values))
        elif column.kind == "datetime":
            columns.append(DatetimeColumn.fit(column, values, 0))
        else:
            columns.append(NumberColumn.fit(column, values, 4 * (terms == "splines"), bounded=False))
    is_plain = terms == "linear" and penalty == 0
    margin = 0.1 * float(target.max() - target.min())
    limits = (None, None) if is_plain else (float(target.min()) - margin, float(target.max()) + margin)
    return TermChoice(
        Encoding(tuple(columns)), 1.0 if penalty is None else penalty, TargetTransform(log_target, 1.0, *limits)
    )
