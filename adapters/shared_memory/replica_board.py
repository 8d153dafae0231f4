"""Replica board: what the parent process has read of the other hosts of the service, for all its workers."""

import json
import mmap
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace

import numpy as np

from adapters.shared_memory.sequence_lock import SequenceLock
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.facts import Replica
from domain.ports import ReplicaBoard

# 256 hosts take some 40 KB.
_HEAD = np.dtype([("sequence", "<u8"), ("written_at", "<f8"), ("length", "<u8")])
_BYTES = 128 * 1024


class SharedReplicaBoard(ReplicaBoard):
    """One list, in memory that child processes inherit; made before they are forked. One process alone writes.

    Parameters
    ----------
    monotonic : callable
        A clock that all processes of the host share.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._memory, self._monotonic = mmap.mmap(-1, _BYTES), monotonic
        self._table = np.frombuffer(self._memory, _HEAD, count=1)
        self._lock = SequenceLock(self._table["sequence"], "the other hosts of the service")

    def put(self, replicas: Iterable[Replica]) -> None:
        """Replace the list."""
        text = json.dumps(list(map(asdict, replicas))).encode()
        with self._lock.writing():
            self._table["written_at"], self._table["length"] = self._monotonic(), len(text)
            self._memory[_HEAD.itemsize : _HEAD.itemsize + len(text)] = text

    def read(self) -> tuple[Replica, ...]:
        """Return the list."""
        try:
            written_at, text = self._lock.consistent(self._copy)
        except FiguresUnavailable:
            return ()
        age = self._monotonic() - written_at
        replicas = (Replica(**values) for values in json.loads(text or "[]"))
        return tuple(replace(replica, silent_seconds=replica.silent_seconds + age) for replica in replicas)

    def _copy(self) -> tuple[float, bytes]:
        length = int(self._table["length"][0])
        return float(self._table["written_at"][0]), self._memory[_HEAD.itemsize : _HEAD.itemsize + length]
