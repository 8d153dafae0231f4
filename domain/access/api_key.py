"""API keys: id, client and digest of a key, and the ring of all keys of a host."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from domain.access.errors import UnknownKey
from domain.errors import InvalidParameter

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
CLIENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Characters of a presented key that are hashed, at most; every valid key is shorter.
MAX_KEY_LENGTH = 128


class Role(StrEnum):
    """Permission of a key; no role includes another."""

    PREDICT = "predict"
    """Predictions."""
    OPERATE = "operate"
    """The model's description, the server's status, and orders about rollouts and champions."""
    METRICS = "metrics"
    """Metrics for a monitoring system."""
    VIEW = "view"
    """The console and its JSON, without orders."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Stored part of a key `<id>.<secret>`: it recognizes the key without its secret.

    Parameters
    ----------
    id : str
        The public part: letters, digits, `_` and `-`, 32 at most.
    name : str
        Client that the key was issued to.
    digest : bytes
        SHA-256 of the whole key. The secret is 32 random bytes: a slow hash would protect nothing more.
    roles : frozenset of Role
        At least one.
    created : datetime
        In UTC.

    Raises
    ------
    InvalidParameter
        If a value differs from its description.
    """

    id: str
    name: str
    digest: bytes = field(repr=False)
    roles: frozenset[Role]
    created: datetime

    def __post_init__(self) -> None:
        if not KEY_ID.fullmatch(self.id):
            raise InvalidParameter("id", self.id, "letters, digits, _ and -, 32 at most")
        if not CLIENT_NAME.fullmatch(self.name):
            raise InvalidParameter(
                "name", self.name, "letters, digits, ., _ and -, 64 at most, a letter or digit first"
            )
        if len(self.digest) != hashlib.sha256().digest_size:
            raise InvalidParameter("digest", len(self.digest), "32 bytes")
        if not self.roles:
            raise InvalidParameter("roles", [], f"one or more of {', '.join(Role)}")


# Compared with the text for an unknown id, so that both refusals take equally long; no text has this digest.
DUMMY_KEY = ApiKey("none", "none", bytes(32), frozenset(Role), datetime(1970, 1, 1, tzinfo=UTC))


def digest_of(key: str) -> bytes:
    """Return the SHA-256 digest of a key's whole text."""
    return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys that are valid at one moment, oldest first; `InvalidParameter` if two have the same id.

    >>> key = ApiKey("a1", "me", digest_of("a1.secret"), frozenset({Role.PREDICT}), datetime.now(UTC))
    >>> ring = KeyRing().with_key(key)
    >>> ring.authenticate("a1.secret").name
    'me'
    >>> ring.authenticate("a1.guess") is None
    True
    """

    keys: tuple[ApiKey, ...] = ()
    _by_id: dict[str, ApiKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id: dict[str, ApiKey] = {}
        for key in self.keys:
            if by_id.setdefault(key.id, key) is not key:
                raise InvalidParameter("id", key.id, "of one key only")
        object.__setattr__(self, "_by_id", by_id)

    def authenticate(self, presented: str) -> ApiKey | None:
        """Return the key with this text, or None; an unknown id takes as long as a wrong secret."""
        text = presented[:MAX_KEY_LENGTH]
        key = self._by_id.get(text.partition(".")[0], DUMMY_KEY)
        return key if hmac.compare_digest(digest_of(text), key.digest) else None

    def find(self, key_id: str) -> ApiKey | None:
        """Return the key with this id, None if there is none."""
        return self._by_id.get(key_id)

    def with_key(self, key: ApiKey) -> Self:
        """Return the ring with one more key."""
        return type(self)((*self.keys, key))

    def without_key(self, key_id: str) -> Self:
        """Return the ring without this key, or raise `UnknownKey`."""
        if key_id not in self._by_id:
            raise UnknownKey(key_id)
        return type(self)(tuple(key for key in self.keys if key.id != key_id))

    @classmethod
    def from_keys(cls, keys: Iterable[ApiKey]) -> Self:
        """Return the ring of these keys, oldest first."""
        return cls(tuple(sorted(keys, key=lambda key: (key.created, key.id))))
