"""Failures: translates what Dask raises in a round, without its texts."""

from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager

from distributed import KilledWorker
from distributed.client import ClosedClientError
from distributed.comm import CommClosedError
from distributed.scheduler import NoValidWorkerError

from adapters.dask.file_task import OutputUnseen
from adapters.dask.preflight import ONE_IMAGE, on_workers
from adapters.dask.task import NotSeen, OtherRelease
from domain.data.errors import InvalidData
from domain.errors import ClusterUnavailable

LOST = "the connection to the scheduler was lost"
SHARED = "name a folder that all machines share under the same absolute path, or a place in an object store"
NO_GRAPH = "deserialization of the task graph"


@contextmanager
def cluster_failures(place: str) -> Iterator[None]:
    """Raise `ClusterUnavailable` for a failure of the cluster at `place`; other errors, such as of cells, pass."""
    try:
        yield
    except OtherRelease as error:
        raise ClusterUnavailable(place, f"worker {error.args[0]} has another release", ONE_IMAGE) from error
    except NotSeen as error:
        why, worker = error.args
        raise InvalidData(
            f"{why}; it is worker {worker} that reads it, and all workers must see the same files"
        ) from error
    except OutputUnseen as error:
        why, worker = error.args
        raise ClusterUnavailable(place, on_workers(why, [worker]), SHARED) from error
    except KilledWorker as error:
        why = f"all workers that tried one part died, the last one at {error.last_worker.address}"
        raise ClusterUnavailable(place, why, "their logs name the reason; if it is memory, give them more") from error
    except (futures.CancelledError, ClosedClientError, CommClosedError, TimeoutError) as error:
        raise ClusterUnavailable(place, LOST) from error
    except NoValidWorkerError as error:
        raise ClusterUnavailable(place, "no worker was left") from error
    except RuntimeError as error:
        if NO_GRAPH not in str(error):
            raise
        raise ClusterUnavailable(place, "the scheduler lacks the package", ONE_IMAGE) from error
