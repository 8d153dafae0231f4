"""Feature change: how the features of two models differ."""

from collections.abc import Mapping

from domain.data.columns import Kind
from domain.errors import format_names


def feature_change(before: Mapping[str, Kind], after: Mapping[str, Kind]) -> str:
    """Return how `after` differs from `before`; '' if requests that fit one model fit the other.

    Clients send lists by position and objects by name, so the same names in another order are a change too. The levels
    of a category may differ.

    Parameters
    ----------
    before, after : mapping of str to Kind
        Kinds of the features by name, in the order of the features.

    Examples
    --------
    >>> feature_change({"area": "number", "age": "number"}, {"area": "number", "city": "category"})
    'removed: age; added: city'
    >>> feature_change({"zip": "number"}, {"zip": "category"})
    'other kinds: zip (category, was number)'
    >>> feature_change({"area": "number", "age": "number"}, {"age": "number", "area": "number"})
    'the same in another order'
    """
    if list(before.items()) == list(after.items()):
        return ""
    others = (f"{name} ({after[name]}, was {kind})" for name, kind in before.items() if after.get(name, kind) != kind)
    parts = (
        ("removed", sorted({*before} - {*after})),
        ("added", sorted({*after} - {*before})),
        ("other kinds", list(others)),
    )
    named = "; ".join(f"{label}: {format_names(names)}" for label, names in parts if names)
    return named or "the same in another order"
