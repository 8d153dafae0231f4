"""Rounds: workers do the jobs of a round, and add their sums in a tree that depends on the number of jobs alone."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from distributed import Client, Future

from adapters.dask.ended_tasks import EndedTasks
from adapters.dask.failures import cluster_failures
from adapters.dask.release import release_digest
from adapters.dask.sending import sent_once
from adapters.dask.task import packed, sums_of_job, total_of, unpacked
from adapters.dask.watchdog import PATIENCE_SECONDS, Watchdog
from domain.data.pieces import FAN_IN, Job, Rounds
from domain.data.sums import OnRows, S, Work


@dataclass(frozen=True, slots=True)
class DaskRounds(Rounds):
    """Rounds on a connected cluster, which end if nothing happens there for `patience` seconds."""

    client: Client
    place: str
    patience: float = PATIENCE_SECONDS

    def run(self, work: Work[S], jobs: Sequence[Job], on_rows: OnRows | None = None) -> S:
        """Return the sums of all jobs, added in a tree; what `on_rows` raises ends the round.

        Raises
        ------
        ClusterUnavailable
            If the cluster is lost, or if nothing happens there.
        EndeavourError
            What a job raises; if several jobs do, what one of them raises.
        """
        with cluster_failures(self.place):
            leaves, root = self._submitted(packed(work), [packed(job) for job in jobs])
            rows = {leaf.key: job.rows for leaf, job in zip(leaves, jobs, strict=True)}
            unfinished = {future.key: future for future in (*leaves, root)}
            # The workers drop the sums of a leaf once they are added and nothing refers to the leaf here.
            leaves.clear()
            try:
                self._wait(root, unfinished, rows, on_rows or _ignore)
                total: S = unpacked(root.result(timeout=self.patience))
            except BaseException:
                self._cancel([*unfinished.values()])
                raise
            return total

    def _submitted(self, work: bytes, jobs: list[bytes]) -> tuple[list[Future], Future]:
        """Return the futures of the jobs and that of the total; each has a key of its own."""
        release, sent = release_digest(), sent_once(self.client, work)
        leaves = self.client.map(sums_of_job, jobs, release=release, work=sent, pure=False, retries=0)
        layer = leaves
        while len(layer) > 1:
            groups = [layer[start : start + FAN_IN] for start in range(0, len(layer), FAN_IN)]
            layer = self.client.map(total_of, groups, release=release, pure=False, retries=0)
        return [*leaves], layer[0]

    def _wait(self, root: Future, unfinished: dict[str, Future], rows: dict[str, int], on_rows: OnRows) -> None:
        """Return when the total is made or failed; remove from both mappings what is done."""
        ended = EndedTasks(Watchdog(self.client, self.place, self.patience))
        ended.watch(unfinished.values())
        while not root.done():
            key = ended.next()
            if key is None:
                on_rows(0)  # it raises what ended the training meanwhile
                continue
            if unfinished.pop(key).status == "finished" and key in rows:
                on_rows(rows.pop(key))
        if rows and root.status == "finished":
            on_rows(sum(rows.values()))

    def _cancel(self, futures: Sequence[Future]) -> None:
        """Let the workers go idle; without a connection there is nothing to cancel."""
        with suppress(OSError):
            self.client.cancel(futures)


def _ignore(_rows: int) -> None:
    pass
