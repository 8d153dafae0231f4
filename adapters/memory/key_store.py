"""Key store in memory."""

from domain.access.api_key import ApiKey, KeyRing
from domain.errors import EndeavourError
from domain.ports import KeyStore


class InMemoryKeyStore(KeyStore):
    """Keeps a ring of keys; while `failure` is set, every method raises it."""

    def __init__(self) -> None:
        self._ring: KeyRing | None = None
        self.failure: EndeavourError | None = None

    def ring(self) -> KeyRing | None:
        """Return the ring."""
        if self.failure:
            raise self.failure
        return self._ring

    def add(self, key: ApiKey) -> None:
        """Replace the ring by one that has the key."""
        self._ring = (self.ring() or KeyRing()).with_key(key)

    def revoke(self, key_id: str) -> ApiKey:
        """Replace the ring by one without the key."""
        before = self.ring() or KeyRing()
        self._ring = before.without_key(key_id)
        return next(key for key in before.keys if key.id == key_id)
