"""Rollout texts: reads what a store keeps of a rollout, and logs a text that cannot be read."""

import logging
from collections.abc import Callable
from typing import TypeVar

from domain.delivery.rollout import Rollout, RolloutRecord
from domain.delivery.rollout_text import from_text, request_from_text

log = logging.getLogger(__name__)

T = TypeVar("T")


class RolloutTexts:
    """Reads states and requests; one that is damaged, or of another version, counts as none and is logged once."""

    def __init__(self) -> None:
        self._unreadable: set[tuple[str, str]] = set()

    def record(self, version: str, state: str | None, request: str | None) -> RolloutRecord | None:
        """Return the rollout that is kept with `version`, and the request about it.

        A request about another rollout counts as none. Texts that are missing are None.
        """

        def state_of_version(text: str) -> Rollout:
            rollout = from_text(text)
            if rollout.version_with_state != version:
                raise ValueError("the state is kept with another version than its own")
            return rollout

        rollout = self._read("state", version, state, state_of_version)
        if rollout is None:
            return None
        asked = self._read("request", version, request, request_from_text)
        return RolloutRecord(rollout, asked if asked and asked.rollout == rollout.id else None)

    def _read(self, what: str, version: str, text: str | None, parse: Callable[[str], T]) -> T | None:
        try:
            found = parse(text) if text is not None else None
        except ValueError:
            if (what, version) not in self._unreadable:
                self._unreadable.add((what, version))
                log.warning("rollout_unreadable", extra={"what": what, "version": version})
            return None
        self._unreadable.discard((what, version))
        return found
