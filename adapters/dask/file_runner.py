"""File runner: workers score files, one task a file; their counts come back, and nothing else."""

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from distributed import Client, Future

from adapters.dask.ended_tasks import EndedTasks
from adapters.dask.failures import SHARED, cluster_failures
from adapters.dask.file_task import scored_file, settle, why_unseen
from adapters.dask.inquiry import ask_workers
from adapters.dask.preflight import on_workers
from adapters.dask.release import release_digest
from adapters.dask.sending import sent_once
from adapters.dask.task import packed, unpacked
from adapters.dask.watchdog import PATIENCE_SECONDS, Watchdog
from domain.errors import ClusterUnavailable
from domain.model.scoring import FileProgress, FileScored
from domain.ports.scoring import F, FileRunner, FileWork, OnFile, OutputCheck

# For the counts of a file, which are small, to arrive.
COUNTS_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DaskFileRunner(FileRunner):
    """Scores files on a connected cluster; a run ends if nothing happens there for `patience` seconds."""

    client: Client
    place: str
    patience: float = PATIENCE_SECONDS

    def run(
        self, work: FileWork[F], files: Sequence[F], output: AbstractContextManager[OutputCheck], on_file: OnFile
    ) -> list[FileScored]:
        """Return the counts of each file; `on_file` is called when a file is complete, and ten times a second.

        The file of a worker that is lost is scored by another one.

        Raises
        ------
        ClusterUnavailable
            If the cluster is lost, if nothing happens there, or if a worker does not see the folder of the output.
        EndeavourError
            What the scoring of a file raises; the tasks of the others are canceled.
        """
        with cluster_failures(self.place), output as check:
            self._require_output(packed(check))
            prefix = f"score-{secrets.token_hex(8)}"
            futures = self._submitted(prefix, packed(work), [packed(file) for file in files], packed(check))
            try:
                return self._counts(futures, on_file)
            except BaseException:
                self._cancel(prefix, futures)
                raise

    def _require_output(self, check: bytes) -> None:
        """Raise `ClusterUnavailable` with the addresses of the workers that do not see the folder of the output."""
        faults: dict[str, list[str]] = {}
        for address, answer in sorted(ask_workers(self.client, why_unseen, check, release_digest()).items()):
            if isinstance(answer, OSError):
                continue  # the worker was lost
            if isinstance(answer, Exception):
                raise answer
            if answer:
                faults.setdefault(str(answer), []).append(address)
        for why, addresses in faults.items():
            raise ClusterUnavailable(self.place, on_workers(why, addresses), SHARED)

    def _submitted(self, prefix: str, work: bytes, files: list[bytes], check: bytes) -> list[Future]:
        found: list[Future] = self.client.map(
            scored_file,
            files,
            key=[f"{prefix}-{number}" for number in range(len(files))],
            release=release_digest(),
            work=sent_once(self.client, work),
            check=check,
            retries=0,
        )
        return found

    def _counts(self, futures: Sequence[Future], on_file: OnFile) -> list[FileScored]:
        counts: dict[str, FileScored] = {}
        numbers = {future.key: number for number, future in enumerate(futures)}
        ended = EndedTasks(Watchdog(self.client, self.place, self.patience))
        ended.watch(futures)
        while len(counts) < len(futures):
            key = ended.next()
            if key is None:
                on_file(_waiting(numbers, counts))
            elif (scored := _arrived(futures[numbers[key]])) is None:
                ended.watch([futures[numbers[key]]])
            else:
                counts[key] = scored
                on_file(FileProgress(numbers[key], scored.counts.rows, is_complete=True))
        return [counts[future.key] for future in futures]

    def _cancel(self, prefix: str, futures: Sequence[Future]) -> None:
        """Let the workers end their tasks and remove half a file; without a connection, there is nothing to cancel."""
        with suppress(OSError):
            self.client.cancel(futures)
            if self.client.status == "running":
                ask_workers(self.client, settle, prefix)


def _waiting(numbers: dict[str, int], counts: dict[str, FileScored]) -> FileProgress:
    """Return that a file is not complete, for a caller that ends the run meanwhile."""
    return FileProgress(next(number for key, number in numbers.items() if key not in counts), 0)


def _arrived(future: Future) -> FileScored | None:
    """Return the counts of a file; None if their worker was lost, so that the file is looked at again."""
    with suppress(TimeoutError):
        scored: FileScored = unpacked(future.result(timeout=COUNTS_SECONDS))
        return scored
    return None
