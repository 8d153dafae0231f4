"""A round of jobs that read nothing, so that what it takes is Dask's."""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.dask.cluster import DaskCluster
from benchmarks.scale.cluster_turns import Turn, turn
from domain.data.arrays import Block
from domain.data.pieces import Job
from domain.data.sums import S, Sums, Work

PIECES, WORKERS = 128, 2


@dataclass(frozen=True, slots=True)
class Count(Sums):
    """A number of jobs."""

    jobs: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.jobs + other.jobs)


@dataclass(frozen=True, slots=True)
class CountOfJobs(Work[Count]):
    """Work: counts jobs."""

    def __call__(self, _blocks: Iterable[Block]) -> Count:
        return Count(1)


@dataclass(frozen=True, slots=True)
class NoRows(Job):
    """Job: reads nothing."""

    rows: int = 1

    def __call__(self, work: Work[S]) -> S:
        return work([])


def tiny_rounds(turns: int) -> list[Turn]:
    """Return what each round took, after one that is not measured."""
    with DaskCluster(f"local:{WORKERS}") as cluster:
        return [
            turn(lambda: cluster.rounds().run(CountOfJobs(), [NoRows()] * PIECES), cluster) for _ in range(turns + 1)
        ][1:]
