"""Row cells: the cells of rows in lists or by name, in the order of a model's features."""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from domain.data.column_names import clean_text
from domain.errors import format_names
from domain.features.cells import NUMBER_TYPES
from domain.features.encoding import Encoding
from domain.model.errors import InvalidRow, MissingFeature, UnknownFeature

Value = TypeVar("Value")


def uniform_cells(rows: Sequence[Any], encoding: Encoding) -> list[Any] | None:
    """Return the cells of rows that are alike, row after row, without a Python step for each; None for any others."""
    names, kinds = encoding.feature_names, set(map(type, rows))
    if len(names) == 1 and kinds and kinds <= NUMBER_TYPES:
        return list(rows)
    if kinds == {list} and set(map(len, rows)) == {len(names)}:
        return list(chain.from_iterable(rows))
    if kinds == {dict}:
        in_order = cells_in_order(rows, names) if len(rows) > 1 else None  # one row gains nothing
        return _cells_by_key(rows, encoding) if in_order is None else in_order
    return None


def cells_of_each(rows: Sequence[Any], encoding: Encoding) -> list[Any]:
    """Return the cells, row after row; raise `InvalidRow` for the first row with other features than the model's."""
    return list(chain.from_iterable(_cells(number, row, encoding) for number, row in enumerate(rows)))


def cells_in_order(rows: Sequence[dict[str, Any]], names: tuple[str, ...]) -> list[Any] | None:
    """Return the cells, row after row, if each row has just the keys `names` in this order, else None."""
    if not rows or tuple(rows[0]) != names:
        return None
    # A row has a key once at most, so that each of them has all keys in this order.
    is_same = list(chain.from_iterable(rows)) == list(names) * len(rows)
    return list(chain.from_iterable(map(dict.values, rows))) if is_same else None


def _cells_by_key(rows: Sequence[dict[str, Any]], encoding: Encoding) -> list[Any] | None:
    names = encoding.feature_names
    if set(map(len, rows)) != {len(names)} and not encoding.known_names.issuperset(
        chain.from_iterable(set(map(tuple, rows)))
    ):
        return None
    cells = map(itemgetter(*names), rows)
    try:
        return list(cells if len(names) == 1 else chain.from_iterable(cells))
    except KeyError:  # a row lacks a feature
        return None


def _cells(number: int, row: Any, encoding: Encoding) -> Sequence[Any]:
    if isinstance(row, Mapping):
        row = row if encoding.known_names.issuperset(row) else with_clean_names(row)
        absent = absent_features(row, encoding)
        return cells_by_name(number, {**row, **dict.fromkeys(absent)} if absent else row, encoding)
    values = row if isinstance(row, Sequence) and not isinstance(row, str) else (row,)
    require_count(number, len(values), encoding.feature_names)
    return values


def with_clean_names(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return cells by their names as tables have them."""
    return {clean_text(name): cell for name, cell in row.items()}


def require_count(number: int, count: int, feature_names: tuple[str, ...]) -> None:
    """Raise `InvalidRow` for row `number` unless its `count` of values is that of the features."""
    if count != len(feature_names):
        expected = f"{len(feature_names)} ({format_names(feature_names)})"
        raise InvalidRow(number, None, f"{count} {'value' if count == 1 else 'values'}, but the model takes {expected}")


def absent_features(row: Mapping[str, Any], encoding: Encoding) -> list[str]:
    """Return the features that `row` lacks and that may be empty."""
    return [column.name for column in encoding.columns if column.has_gaps and column.name not in row]


def cells_by_name(number: int, row: Mapping[str, Value], encoding: Encoding) -> Sequence[Value]:
    """Return the cells of row `number`; raise `UnknownFeature` or `MissingFeature` if its keys do not fit the model."""
    names = encoding.feature_names
    values = [row[name] for name in names if name in row]
    if len(values) == len(row) == len(names):
        return values
    for name in row:
        if name not in encoding.known_names:
            raise UnknownFeature(number, name, names)
    if len(values) == len(names):
        return values
    raise MissingFeature(number, next(name for name in names if name not in row))
