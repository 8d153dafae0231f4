"""Bring the live keys up to date with those that are kept."""

import logging
from dataclasses import dataclass, field

from application.live_keys import LiveKeys
from domain.api_key import KeyRing
from domain.errors import BackendUnavailable, BrokenKeys
from domain.ports import KeyStore

log = logging.getLogger(__name__)


@dataclass(slots=True)
class RefreshLiveKeys:
    """Accept the keys that are kept now; while they cannot be read, those that were read last.

    Nothing that happens to the store opens a server that has asked for keys once. Only changes are logged: this runs
    every second.
    """

    store: KeyStore
    live: LiveKeys
    _problem: str = field(default="", init=False)

    def __call__(self) -> None:
        """Replace the live ring if another can be read."""
        known, problem = self._read()
        if known is not None and (known != self.live.ring or self._problem):
            log.info("keys_read", extra={"keys": len(known.keys)})
            self.live.ring = known
        if problem and problem != self._problem:
            kept = self.live.ring
            log.error("keys_not_read", extra={"why": problem, "kept": len(kept.keys) if kept else 0})
        self._problem = problem

    def _read(self) -> tuple[KeyRing | None, str]:
        try:
            known = self.store.ring()
        except (BackendUnavailable, BrokenKeys) as error:
            return None, str(error)
        return known, "the keys are gone" if known is None and self.live.ring is not None else ""
