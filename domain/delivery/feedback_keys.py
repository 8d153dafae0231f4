"""Feedback keys: sign the feedback tokens of a service and mask the predictions in them."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Self

MAX_KEYS, MAX_NUMBER, SECRET_BYTES = 2, 255, 32
MAC_BYTES = 16
_LINE = re.compile(r"([0-9]{1,3}):([0-9a-fA-F]{64})")


@dataclass(frozen=True)
class FeedbackKey:
    """A secret of 32 bytes, and its number from 0 to 255, which the tokens that it signs carry.

    Raises
    ------
    ValueError
        If the number or the secret differs from its description.

    References
    ----------
    RFC 7693, "The BLAKE2 Cryptographic Hash and Message Authentication Code": keyed hashing.
    """

    number: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.number <= MAX_NUMBER or len(self.secret) != SECRET_BYTES:
            raise ValueError("a key has a number from 0 to 255 and a secret of 32 bytes")

    def mac(self, message: bytes) -> bytes:
        """Return the message authentication code, 16 bytes."""
        return _digest(self._mac_hasher, message)

    def masked(self, block: bytes, nonce: int) -> bytes:
        """Return a block of 16 bytes masked, and a masked one as it was; `nonce` has 64 bits and masks one block."""
        mask = _digest(self._mask_hasher, nonce.to_bytes(8, "big"))
        return (int.from_bytes(block, "big") ^ int.from_bytes(mask, "big")).to_bytes(16, "big")

    @cached_property
    def _mac_hasher(self) -> blake2b:
        return blake2b(key=self.secret, person=b"feedback mac", digest_size=MAC_BYTES)

    @cached_property
    def _mask_hasher(self) -> blake2b:
        return blake2b(key=self.secret, person=b"feedback mask", digest_size=16)


def _digest(hasher: blake2b, message: bytes) -> bytes:
    copied = hasher.copy()  # which takes two thirds of the time of hashing the key again
    copied.update(message)
    return copied.digest()


@dataclass(frozen=True, slots=True)
class FeedbackKeys:
    """One key or two: the first one signs, and tokens of both are accepted, so that keys can be changed.

    Raises
    ------
    ValueError
        If there are none, more than two, or two of the same number.
    """

    keys: tuple[FeedbackKey, ...]

    def __post_init__(self) -> None:
        if not 1 <= len({key.number for key in self.keys}) == len(self.keys) <= MAX_KEYS:
            raise ValueError("there are one or two keys, of different numbers")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the keys of lines `NUMBER:SECRET`, the secret as 64 hexadecimal digits; else raise `ValueError`."""
        lines = [_LINE.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
        if None in lines:
            raise ValueError("a line differs from NUMBER:SECRET")
        return cls(tuple(FeedbackKey(int(line[1]), bytes.fromhex(line[2])) for line in lines if line))

    @property
    def signing(self) -> FeedbackKey:
        """The key that signs."""
        return self.keys[0]

    def find(self, number: int) -> FeedbackKey | None:
        """Return the key of this number, None if there is none."""
        return next((key for key in self.keys if key.number == number), None)
