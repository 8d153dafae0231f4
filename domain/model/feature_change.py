"""Feature change: how the features of two models differ."""

from collections.abc import Sequence

from domain.errors import format_names


def feature_change(before: Sequence[str], after: Sequence[str]) -> str:
    """Return how `after` differs from `before`; '' if requests that fit one model fit the other.

    Clients send lists by position and objects by name, so the same names in another order are a change too.

    Examples
    --------
    >>> feature_change(("area", "age"), ("area", "rooms", "floor"))
    'removed: age; added: floor, rooms'
    >>> feature_change(("area", "age"), ("age", "area"))
    'the same in another order'
    """
    if tuple(before) == tuple(after):
        return ""
    parts = (("removed", {*before} - {*after}), ("added", {*after} - {*before}))
    named = "; ".join(f"{label}: {format_names(sorted(names))}" for label, names in parts if names)
    return named or "the same in another order"
