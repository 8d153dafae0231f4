"""How the features of one model differ from those of the model before it."""

from collections.abc import Sequence

from domain.errors import listed


def feature_change(before: Sequence[str], after: Sequence[str]) -> str:
    """Return how `after` differs from `before`, in words; '' if clients may send what they have always sent.

    Clients send lists by position and records by name, so the same names in another order are a change too.

    Examples
    --------
    >>> feature_change(("area", "age"), ("area", "rooms", "floor"))
    'gone: age; new: floor, rooms'
    >>> feature_change(("area", "age"), ("age", "area"))
    'the same in another order'
    """
    if tuple(before) == tuple(after):
        return ""
    parts = (("gone", {*before} - {*after}), ("new", {*after} - {*before}))
    return (
        "; ".join(f"{word}: {listed(sorted(names))}" for word, names in parts if names) or "the same in another order"
    )
