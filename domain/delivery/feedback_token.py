"""Feedback token: a signed prediction that a client holds, so that its later label needs no database."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from math import isnan, nan
from struct import Struct
from typing import NamedTuple, Self

from domain.delivery.errors import InvalidFeedbackToken
from domain.delivery.feedback_keys import MAC_BYTES, FeedbackKeys

# Format, number of the key, Unix time, nonce, rollout and masked predictions; version and MAC follow.
_HEADER, _PREDICTIONS = Struct(">BBIQ8s16s"), Struct(">dd")
_FORMAT = 1
MAX_VERSION_BYTES = 64
MAX_CHARACTERS = -(-(_HEADER.size + MAX_VERSION_BYTES + MAC_BYTES) * 4 // 3)
NO_ROLLOUT = bytes(8)


class FeedbackToken(NamedTuple):
    """The prediction that a client may send a label for.

    Parameters
    ----------
    version : str
        The champion's, in 64 bytes at most.
    champion : float
        Its prediction, finite, in target units.
    other : float or None
        The prediction of the model that a rollout compares with the champion, finite.
    issued_at : int
        Unix time in seconds.
    nonce : int
        64 random bits.
    rollout : bytes
        `rollout_mark` of the rollout, `NO_ROLLOUT` outside of one.
    """

    version: str
    champion: float
    other: float | None
    issued_at: int
    nonce: int
    rollout: bytes = NO_ROLLOUT

    def to_text(self, keys: FeedbackKeys) -> str:
        """Return the token as base64url without padding, signed with the first key and its predictions masked."""
        version, champion, other, issued_at, nonce, rollout = self
        key = keys.signing
        masked = key.masked(_PREDICTIONS.pack(champion, nan if other is None else other), nonce)
        signed = _HEADER.pack(_FORMAT, key.number, issued_at, nonce, rollout, masked) + version.encode()
        return _encoded(signed + key.mac(signed))

    @classmethod
    def from_text(cls, text: str, keys: FeedbackKeys) -> Self:
        """Return the token that `text` holds, or raise `InvalidFeedbackToken` unless one of `keys` has signed it."""
        raw = _decoded(text)
        signed, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if len(signed) < _HEADER.size:
            raise InvalidFeedbackToken
        token_format, number, issued_at, nonce, rollout, masked = _HEADER.unpack_from(signed)
        key = keys.find(number)
        if key is None or not compare_digest(mac, key.mac(signed)) or token_format != _FORMAT:
            raise InvalidFeedbackToken
        champion, other = _PREDICTIONS.unpack(key.masked(masked, nonce))
        version = signed[_HEADER.size :].decode()
        return cls(version, champion, None if isnan(other) else other, issued_at, nonce, rollout)


@lru_cache(maxsize=2)
def rollout_mark(rollout: str) -> bytes:
    """Return the 8 bytes by which a token names the rollout with this id."""
    return blake2b(rollout.encode(), digest_size=8).digest()


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Return the bytes of a text that `_encoded` returns for them: the decoder accepts other texts too."""
    if len(text) > MAX_CHARACTERS or not text.isascii():
        raise InvalidFeedbackToken
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise InvalidFeedbackToken from None
    if _encoded(raw) != text:
        raise InvalidFeedbackToken
    return raw
