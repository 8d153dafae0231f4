"""Keys that are gone when the process is."""

from domain.access.api_key import ApiKey, KeyRing
from domain.ports import KeyStore


class InMemoryKeyStore(KeyStore):
    """Keeps a ring of keys."""

    def __init__(self) -> None:
        self._ring: KeyRing | None = None

    def ring(self) -> KeyRing | None:
        """Return the ring."""
        return self._ring

    def add(self, key: ApiKey) -> None:
        """Replace the ring by one that has the key."""
        self._ring = (self._ring or KeyRing()).with_key(key)

    def revoke(self, key_id: str) -> ApiKey:
        """Replace the ring by one that has not the key."""
        before = self._ring or KeyRing()
        self._ring = before.without_key(key_id)
        return next(key for key in before.keys if key.id == key_id)
