"""Port of the API keys."""

from abc import abstractmethod
from typing import Protocol

from domain.access.api_key import ApiKey, KeyRing


class KeyStore(Protocol):
    """Keeps what is needed to recognize the keys of a host's clients.

    Any method may raise `KeysUnavailable`, or `CorruptKeyFile` if what is kept cannot be trusted.
    """

    @abstractmethod
    def ring(self) -> KeyRing | None:
        """Return the valid keys, None if no key was ever kept; an empty ring opens to no client."""

    @abstractmethod
    def add(self, key: ApiKey) -> None:
        """Keep one more key."""

    @abstractmethod
    def revoke(self, key_id: str) -> ApiKey:
        """Remove a key and return it, or raise `UnknownKey`."""
