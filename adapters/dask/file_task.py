"""File tasks: what runs on a worker that scores files."""

import asyncio
from functools import partial

from distributed import Worker, get_worker

from adapters.dask.task import NotSeen, packed, require_release, unpacked
from domain.data.errors import UnreadableData
from domain.model.errors import OutputUnavailable

# A worker whose task was canceled ends it with the next batch of rows, which takes a part of a second.
SETTLE_SECONDS, STEP_SECONDS = 5.0, 0.05


class OutputUnseen(Exception):
    """A worker does not see the folder of the scored files; the arguments are the reason and the worker's address."""


class Canceled(Exception):
    """The client no longer waits for the task."""


def scored_file(file: bytes, release: str, work: bytes, check: bytes) -> bytes:
    """Return the counts of a file that is scored here."""
    require_release(release)
    worker = get_worker()
    if why := unpacked(check)():
        raise OutputUnseen(why, worker.address)
    go_on = partial(_go_on, worker, worker.get_current_task())
    try:
        return packed(unpacked(work)(unpacked(file), go_on))
    except UnreadableData as error:
        raise NotSeen(str(error), worker.address) from error
    except OutputUnavailable as error:
        why = f"{error.why}; it is worker {worker.address} that writes it"
        raise OutputUnavailable(error.place, why, error.remedy) from error


def why_unseen(check: bytes, release: str) -> str:
    """Return why this worker does not see the folder of the scored files; '' if it does."""
    require_release(release)
    why: str = unpacked(check)()
    return why


async def settle(prefix: str, dask_worker: Worker) -> None:
    """Return when no canceled task runs whose key has this prefix, or after 5 s."""
    for _ in range(int(SETTLE_SECONDS / STEP_SECONDS)):
        if not any(str(task.key).startswith(prefix) for task in dask_worker.state.executing):
            return
        await asyncio.sleep(STEP_SECONDS)


def _go_on(worker: Worker, key: str, _rows: int) -> None:
    """Raise `Canceled` if the client has canceled the task, so that its file stays as it was."""
    task = worker.state.tasks.get(key)
    if task is None or task.state == "cancelled":
        raise Canceled
