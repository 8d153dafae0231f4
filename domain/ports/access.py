"""Ports of API keys, and of the secret that signs sessions."""

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


class SessionSecretStore(Protocol):
    """Keeps the secret that signs the sessions of a host's console.

    Any method may raise `KeysUnavailable`.
    """

    @abstractmethod
    def read(self) -> bytes | None:
        """Return the secret, None if there is none."""

    @abstractmethod
    def make(self, secret: bytes) -> None:
        """Keep a secret if there is none."""
