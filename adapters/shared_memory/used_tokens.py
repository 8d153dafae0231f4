"""Used tokens: the nonces of the labels that this host has counted, in memory that all its processes share."""

import mmap
import struct
from collections.abc import Iterable

from adapters.shared_memory.process_lock import ProcessLock
from domain.ports import UsedTokens

# The table takes 8 MiB. A nonce has eight places, and the eighth newer one with the same places removes it.
NONCES, NONCES_IN_SET = 2**20, 8
_SET = struct.Struct(f"{NONCES_IN_SET}Q")
_SETS = NONCES // NONCES_IN_SET


class SharedUsedTokens(UsedTokens):
    """The last nonces, about a million of them, in a set-associative table; made before workers are forked."""

    def __init__(self) -> None:
        self._table = mmap.mmap(-1, NONCES * 8)
        self._lock = ProcessLock()

    def add(self, nonces: Iterable[int]) -> list[bool]:
        """Keep the nonces, under one lock for all of them."""
        with self._lock.held():
            return [self._add(nonce) for nonce in nonces]

    def _add(self, nonce: int) -> bool:
        place = nonce % _SETS * _SET.size
        kept = _SET.unpack_from(self._table, place)
        if nonce in kept:
            return False
        _SET.pack_into(self._table, place, nonce, *kept[:-1])
        return True
