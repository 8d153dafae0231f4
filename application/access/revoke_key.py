"""RevokeKey: removes a client's key."""

import logging
from dataclasses import dataclass

from domain.access.api_key import ApiKey
from domain.ports import KeyStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Remove a key, so that every server that reads the store refuses it."""

    store: KeyStore

    def __call__(self, id_or_key: str) -> ApiKey:
        """Return the revoked key, given its id or its whole text, or raise `UnknownKey`."""
        # Errors and logs must not contain the secret of a key that was pasted as a whole.
        key = self.store.revoke(id_or_key.partition(".")[0])
        log.info("key_revoked", extra={"key": key.id, "client": key.name})
        return key
