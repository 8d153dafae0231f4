"""Active sessions: begins and reads the console's sessions with the keys and the secret that are valid now."""

import logging
from collections.abc import Callable

from application.access.active_keys import ActiveKeys
from domain.access.errors import KeysUnavailable
from domain.access.session import Session, SessionSigner
from domain.ports import Clock, SessionSecretStore

log = logging.getLogger(__name__)

NONCE_BYTES = 16


class ActiveSessions:
    """One reference to a signer, which `refresh` replaces if the stored secret has changed.

    Parameters
    ----------
    keys : ActiveKeys
    store : SessionSecretStore
    own_secret : bytes
        Of this server, for the time in which the store has none.
    clock : Clock
    entropy : callable
        Returns a number of random bytes.
    """

    def __init__(
        self,
        keys: ActiveKeys,
        store: SessionSecretStore,
        own_secret: bytes,
        clock: Clock,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._keys, self._store, self._clock, self._entropy = keys, store, clock, entropy
        self._own = self._signer = SessionSigner(own_secret)
        self._problem = ""

    def refresh(self) -> None:
        """Take the stored secret, or keep the last one while it cannot be read."""
        try:
            secret, problem = self._store.read(), ""
            self._signer = SessionSigner(secret) if secret else self._own
        except KeysUnavailable as error:
            problem = str(error)
        if problem and problem != self._problem:
            log.error("session_secret_not_read", extra={"why": problem})
        self._problem = problem

    def begin(self, presented: str) -> tuple[Session, str] | None:
        """Return a session and its cookie, None if `presented` is no valid key."""
        ring = self._keys.ring
        key = ring.authenticate(presented) if ring else None
        if key is None:
            return None
        session = Session(key, self._entropy(NONCE_BYTES).hex())
        return session, self._signer.cookie(session, self._clock())

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, None if there is none."""
        ring = self._keys.ring
        return self._signer.session(cookie, ring, self._clock()) if ring else None

    def proof(self, session: Session) -> str:
        """Return the proof for the forms of a session."""
        return self._signer.proof(session)

    def is_proven(self, session: Session, presented: str) -> bool:
        """Return whether `presented` is the proof of the session."""
        return self._signer.is_proven(session, presented)
