"""IssueKey: makes a key for a client."""

import base64
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from domain.access.api_key import ApiKey, Role, digest_of
from domain.ports import Clock, KeyStore

log = logging.getLogger(__name__)

ID_BYTES, SECRET_BYTES = 6, 32


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key and its text, which no store keeps."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssueKey:
    """Make a random key and store its digest; `entropy(n)` returns n random bytes."""

    store: KeyStore
    clock: Clock
    entropy: Callable[[int], bytes]

    def __call__(self, name: str, roles: Iterable[Role]) -> IssuedKey:
        """Return a new key of the client `name`, or raise `InvalidParameter`."""
        key_id = self.entropy(ID_BYTES).hex()
        secret = base64.urlsafe_b64encode(self.entropy(SECRET_BYTES)).rstrip(b"=").decode()
        text = f"{key_id}.{secret}"
        key = ApiKey(key_id, name, digest_of(text), frozenset(roles), self.clock())
        self.store.add(key)
        log.info("key_issued", extra={"key": key.id, "client": key.name, "roles": sorted(key.roles)})
        return IssuedKey(key, text)
