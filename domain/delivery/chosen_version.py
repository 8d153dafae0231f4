"""Chosen version: the version that a caller names, or else the champion."""

from collections.abc import Callable

from domain.delivery.errors import NoModelLoaded
from domain.model.model_version import ModelVersion


def chosen_version(
    name: str | None, load: Callable[[str], ModelVersion], champion: Callable[[], ModelVersion | None]
) -> ModelVersion:
    """Return the version `name`, or the champion if it is None; `load` and `champion` are those of a `ModelStore`.

    Raises
    ------
    NoModelLoaded
        If nothing is in production and no version is named.
    ModelNotFound, CorruptModel
        If the version is missing or corrupt.
    """
    chosen = load(name) if name else champion()
    if chosen is None:
        raise NoModelLoaded
    return chosen
