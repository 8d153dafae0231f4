"""Tasks: what runs on a worker.

Works, jobs and sums travel as plain pickles of the package's own classes, and are unpickled only where the release
is the client's. A worker with another release names itself instead of computing something else.
"""

import pickle
from collections.abc import Sequence
from typing import Any

from distributed import get_worker

from adapters.dask.release import release_digest
from domain.data.errors import UnreadableData
from domain.data.pieces import added

PROTOCOL = 5


class OtherRelease(Exception):
    """A worker has another release of the program than the client; the argument is the worker's address."""


class NotSeen(Exception):
    """A worker cannot read a file; the arguments are the reason and the worker's address."""


def packed(value: object) -> bytes:
    """Return the pickle of `value`: an instance of a class of the package, or a plain value."""
    return pickle.dumps(value, PROTOCOL)


def unpacked(content: bytes) -> Any:
    """Return what a client or a worker of the same release has packed."""
    return pickle.loads(content)  # noqa: S301  # a Dask port runs the code of its clients: docs/scale.md


def held(content: bytes) -> bytes:
    """Return a large work, which the workers get from each other."""
    return content


def sums_of_job(job: bytes, release: str, work: bytes) -> bytes:
    """Return the sums that the work makes of the rows of a job."""
    require_release(release)
    try:
        return packed(unpacked(job)(unpacked(work)))
    except UnreadableData as error:
        raise NotSeen(str(error), get_worker().address) from error


def total_of(several: Sequence[bytes], release: str) -> bytes:
    """Return the sum of several sums, in their order."""
    require_release(release)
    return packed(added([*map(unpacked, several)]))


def require_release(release: str) -> None:
    """Raise `OtherRelease` if this is not the client's release, before anything of the client is unpickled."""
    if release != release_digest():
        raise OtherRelease(get_worker().address)
