"""Attempts: calls that a rollout repeats although the registry is away."""

import logging
from collections.abc import Callable
from typing import TypeVar

from domain.errors import BackendUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")


class Attempts:
    """Calls functions, and logs the first of several failures of a service."""

    def __init__(self) -> None:
        self._is_away = False

    def __call__(self, call: Callable[[], T]) -> T | None:
        """Return what `call` returns, None if a service is not available."""
        try:
            result = call()
        except BackendUnavailable as error:
            if not self._is_away:
                log.warning("rollout_registry_away", extra={"why": str(error)})
            self._is_away = True
            return None
        self._is_away = False
        return result
