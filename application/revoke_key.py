"""Make a key worthless."""

import logging
from dataclasses import dataclass

from domain.api_key import ApiKey
from domain.ports import KeyStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Forget a key, so that every server that reads the store refuses it."""

    store: KeyStore

    def __call__(self, named: str) -> ApiKey:
        """Return the key that was revoked, named by its id or its whole text, or raise `StoreRefusal`."""
        # Whoever pastes the whole key must not find the secret in an error or a log.
        key = self.store.revoke(named.partition(".")[0])
        log.info("key_revoked", extra={"key": key.id, "client": key.name})
        return key
