"""Turns of a fit on a cluster and in one process: seconds, CPU seconds of all processes, and memory of the workers."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from adapters.dask.cluster import DaskCluster
from adapters.dask.dask_source import DaskSource
from adapters.dask.inquiry import ask_workers
from adapters.dask.rounds import DaskRounds
from adapters.pyarrow.table_source import TableSource
from domain.data.rows import Rows
from domain.learning.sgd import SGD


@dataclass(frozen=True, slots=True)
class Turn:
    """What one fit took."""

    seconds: float
    cpu_seconds: float


def rows_here(place: str) -> Rows:
    return TableSource(place, memory_budget=0).load("y").rows


def rows_there(place: str, rounds: DaskRounds) -> Rows:
    return DaskSource(TableSource(place, memory_budget=0, parquet_only=True), lambda: rounds).load("y").rows


def pairs(place: str, workers: int, turns: int) -> list[tuple[Turn, Turn]]:
    """Return turns on a cluster with so many workers, each with one in this process; the first of both is no turn."""
    with DaskCluster(f"local:{workers}") as cluster:
        measured = [
            (
                turn(lambda: SGD().fit(rows_there(place, cluster.rounds())), cluster),
                turn(lambda: SGD().fit(rows_here(place)), cluster),
            )
            for _ in range(turns + 1)
        ]
    return measured[1:]


def ratios(measured: list[tuple[Turn, Turn]]) -> tuple[float, float]:
    """Return the medians of the ratios of seconds and of CPU seconds."""
    return (
        median(there.seconds / here.seconds for there, here in measured),
        median(there.cpu_seconds / here.cpu_seconds for there, here in measured),
    )


def peaks(place: str, workers: int) -> list[float]:
    """Return the peak memory of each worker of a new cluster that learned from `place`, in MB."""
    with DaskCluster(f"local:{workers}") as cluster:
        SGD().fit(rows_there(place, cluster.rounds()))
        return [float(str(peak)) for peak in ask_workers(cluster.rounds().client, peak_megabytes).values()]


def peak_megabytes() -> float:
    """Return the peak memory of this process."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1e3


def turn(work: Callable[[], object], cluster: DaskCluster) -> Turn:
    began, cpu = time.perf_counter(), _cpu_seconds(cluster)
    work()
    return Turn(time.perf_counter() - began, _cpu_seconds(cluster) - cpu)


def _cpu_seconds(cluster: DaskCluster) -> float:
    """Return the CPU seconds of this process and of the workers until now."""
    workers = ask_workers(cluster.rounds().client, time.process_time)
    return time.process_time() + sum(float(str(seconds)) for seconds in workers.values())
