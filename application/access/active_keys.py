"""Active keys: the keys that this server accepts now."""

import logging

from domain.access.api_key import KeyRing
from domain.access.errors import CorruptKeyFile
from domain.errors import BackendUnavailable
from domain.ports import KeyStore

log = logging.getLogger(__name__)


class ActiveKeys:
    """One reference to an immutable ring, which `refresh` replaces by the stored one.

    While the store cannot be read, the last ring stays: a server that has required keys never stops requiring them.

    Parameters
    ----------
    store : KeyStore
    anonymous : bool
        Whether to begin with None, which admits every client, or with an empty ring, which admits none.
    """

    def __init__(self, store: KeyStore, *, anonymous: bool) -> None:
        self.ring: KeyRing | None = None if anonymous else KeyRing()
        self._store = store
        self._problem = ""

    def refresh(self) -> None:
        """Replace the ring if the store has another; log changes only, because this runs every half second."""
        known, problem = self._read()
        if known is not None and (known != self.ring or self._problem):
            log.info("keys_read", extra={"keys": len(known.keys)})
            self.ring = known
        if problem and problem != self._problem:
            log.error("keys_not_read", extra={"why": problem, "kept": len(self.ring.keys) if self.ring else 0})
        self._problem = problem

    def _read(self) -> tuple[KeyRing | None, str]:
        try:
            known = self._store.ring()
        except (BackendUnavailable, CorruptKeyFile) as error:
            return None, str(error)
        return known, "the keys are gone" if known is None and self.ring is not None else ""
