"""Sessions: signed cookies that stand for a key, and proofs that a form was made for the session that sends it."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from domain.access.api_key import KEY_ID, ApiKey, KeyRing
from domain.errors import InvalidParameter

SECONDS = 43_200
"""Life of a session."""
# Clocks of the hosts that share a secret differ by less.
MAX_AHEAD_SECONDS = 60
SECRET_BYTES = 32
_COOKIE = re.compile(rf"v1\.({KEY_ID.pattern})\.([0-9]{{1,12}})\.([0-9a-f]{{32}})\.([0-9a-f]{{64}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """A person who has presented a key.

    Parameters
    ----------
    key : ApiKey
        Valid now.
    nonce : str
        32 random hexadecimal digits.
    """

    key: ApiKey
    nonce: str


@dataclass(frozen=True, slots=True)
class SessionSigner:
    """Sign and read the cookies of sessions: nothing is stored, and all hosts with the same secret read them.

    A cookie depends on the digest of its key, so that it ends when the key is revoked, and on a secret apart from the
    keys, so that a copy of the key file is not enough to make one.

    Parameters
    ----------
    secret : bytes
        At least 32 random bytes; `InvalidParameter` if there are fewer.

    Examples
    --------
    >>> from datetime import UTC
    >>> from domain.access.api_key import Role, digest_of
    >>> now = datetime(2026, 11, 28, tzinfo=UTC)
    >>> key = ApiKey("a1", "me", digest_of("a1.secret"), frozenset({Role.VIEW}), now)
    >>> signer = SessionSigner(bytes(32))
    >>> cookie = signer.cookie(Session(key, nonce="0" * 32), now)
    >>> signer.session(cookie, KeyRing((key,)), now).key.name
    'me'
    >>> signer.session(cookie, KeyRing(), now) is None
    True
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SECRET_BYTES:
            raise InvalidParameter("secret", len(self.secret), f"at least {SECRET_BYTES} bytes")

    def cookie(self, session: Session, now: datetime) -> str:
        """Return the cookie of a session that begins now."""
        facts = f"v1.{session.key.id}.{int(now.timestamp())}.{session.nonce}"
        return f"{facts}.{self._mac(facts, session.key)}"

    def session(self, cookie: str, ring: KeyRing, now: datetime) -> Session | None:
        """Return the session of a cookie; None if it is forged or has ended, or its key is not in the ring."""
        found = _COOKIE.fullmatch(cookie)
        key = ring.find(found[1]) if found else None
        if found is None or key is None:
            return None
        is_ours = hmac.compare_digest(self._mac(cookie.rpartition(".")[0], key), found[4])
        age = now.timestamp() - int(found[2])
        return Session(key, found[3]) if is_ours and -MAX_AHEAD_SECONDS <= age < SECONDS else None

    def proof(self, session: Session) -> str:
        """Return the proof that a form of this session holds (CSRF token)."""
        return self._digest("proof", session.nonce.encode())

    def is_proven(self, session: Session, presented: str) -> bool:
        """Return whether `presented` is the proof of the session."""
        return hmac.compare_digest(self.proof(session).encode(), presented.encode("utf-8", "replace"))

    def _mac(self, facts: str, key: ApiKey) -> str:
        return self._digest("session", facts.encode() + b"\n" + key.digest)

    def _digest(self, purpose: str, message: bytes) -> str:
        return hmac.new(self.secret, purpose.encode() + b"\n" + message, hashlib.sha256).hexdigest()
