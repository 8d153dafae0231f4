"""Rollout stop: the rollout that a person has aborted at this host, for all its workers."""

import hashlib
import mmap

DIGEST_BYTES = 8


class RolloutStop:
    """The digest of one rollout's id, in memory that child processes inherit; made before they are forked.

    It holds until another rollout is stopped, so that the host gives the aborted one no traffic while the request
    travels to the controller.
    """

    def __init__(self) -> None:
        self._digest = mmap.mmap(-1, DIGEST_BYTES)

    def stop(self, rollout: str) -> None:
        """Keep that the rollout with this id gets no traffic."""
        self._digest[:] = _digest(rollout)

    def is_stopped(self, rollout: str) -> bool:
        """Return whether the rollout with this id was stopped."""
        return self._digest[:] == _digest(rollout)


def _digest(rollout: str) -> bytes:
    return hashlib.blake2b(rollout.encode(), digest_size=DIGEST_BYTES).digest()
