"""Columns of a table: the features among their names, and the errors of missing features and of their cells."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

from domain.data.column_names import clean_text
from domain.errors import format_names
from domain.features.encoding import Encoding
from entrypoints.web.wire.problems import MAX_ERRORS, ErrorLocation, ProblemError

NOT_A_NUMBER = "must be a number"


def feature_places(columns: Sequence[Any], encoding: Encoding) -> list[int | None]:
    """Return the positions of the features among `columns`, in the order of the model; None for an absent one.

    Other columns are not put into a dict, because a client can choose numbers whose look-up takes quadratic time.

    Raises
    ------
    ProblemError
        If a feature is there twice, or is missing and has no empty cells.
    """
    if not {list, dict}.isdisjoint(map(type, columns)):
        raise ProblemError(400, "wrong_type", "the names of columns must be text")
    names = encoding.feature_names
    features = frozenset(names)
    places = [(name, place) for place, name in enumerate(columns) if name in features]
    found = dict(places)
    if len(found) < len(names):
        clean = [clean_text(name) if isinstance(name, str) else name for name in columns]
        if clean != columns:
            return feature_places(clean, encoding)
    require_features(found, encoding)
    if len(found) < len(places):
        times = Counter(name for name, _ in places)
        name = next(name for name in names if times[name] > 1)
        raise ProblemError(400, "duplicate_key", f"{times[name]} columns have the name {name}")
    return list(map(found.get, names))


def require_features(columns: Collection[Any], encoding: Encoding) -> None:
    """Raise `ProblemError` if `columns` lacks a feature that has no empty cells."""
    missing = [column.name for column in encoding.columns if column.name not in columns and not column.has_gaps]
    if missing:
        locations = [ErrorLocation(name, "is missing") for name in missing]
        raise ProblemError(
            422, "missing_field", f"the model takes columns that are missing: {format_names(missing)}", locations
        )


def not_numbers(invalid: Iterable[int], names: Sequence[str]) -> ProblemError:
    """Return the problem of the `invalid` values, counted from 0, row after row."""
    locations = [
        ErrorLocation(f"rows[{number // len(names)}].{names[number % len(names)]}", NOT_A_NUMBER)
        for number in islice(invalid, MAX_ERRORS)
    ]
    return ProblemError(400, "wrong_type", f"{locations[0].place} {NOT_A_NUMBER}", locations)
