"""Port of API keys."""

from abc import abstractmethod
from typing import Protocol

from domain.access.api_key import ApiKey, KeyRing


class KeyStore(Protocol):
    """Keeps the ids and digests of a host's API keys.

    Any method may raise `KeysUnavailable`, or `CorruptKeyFile` for a damaged file.
    """

    @abstractmethod
    def ring(self) -> KeyRing | None:
        """Return the valid keys, None if there has never been a key; an empty ring refuses every client."""

    @abstractmethod
    def add(self, key: ApiKey) -> None:
        """Keep one more key."""

    @abstractmethod
    def revoke(self, key_id: str) -> ApiKey:
        """Remove a key and return it, or raise `UnknownKey`."""
