"""Traffic of a fit between the processes of a cluster, and bits that do not depend on its workers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster
from distributed.comm import tcp

from adapters.dask.cluster import DaskCluster
from adapters.dask.dask_source import DaskSource
from adapters.dask.rounds import DaskRounds
from adapters.pyarrow import parquet_rows
from adapters.pyarrow.table_source import TableSource
from domain.data.rows import Rows
from domain.learning.fit import Fit, OnProgress
from domain.learning.sgd import SGD
from tests.support.dask_messages import keeping, preloaded_in
from tests.support.dask_processes import Processes, dask_processes
from tests.support.tables import write_parquet

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.xdist_group("dask")]

Written = Callable[[int, int, int], np.ndarray]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write independent rows into files, each of which is a piece; return (files, columns, rows), the target last."""

    def written(files: int, rows: int, columns: int) -> np.ndarray:
        monkeypatch.setattr(parquet_rows, "MIN_PIECE_ROWS", rows)
        tables = np.random.default_rng(5).normal(size=(files, columns + 1, rows))
        tables[:, -1] += np.linspace(-2, 2, columns) @ tables[:, :-1]
        for number, table in enumerate(tables):
            names = [*(f"x{index}" for index in range(columns)), "y"]
            write_parquet(tmp_path / f"{number:02}.parquet", dict(zip(names, table, strict=True)))
        return tables

    return written


def fitted(folder: Path, rounds: DaskRounds, on_progress: OnProgress | None = None) -> Fit:
    return SGD().fit(rows(folder, rounds), on_progress)


def rows(folder: Path, rounds: DaskRounds) -> Rows:
    return DaskSource(TableSource(f"{folder}/*.parquet", 0, parquet_only=True), lambda: rounds).load("y").rows


def cells_in(message: bytes, tables: np.ndarray) -> int:
    """Return how often a cell of the first feature or of the target stands in the message, at any place."""
    cells = np.unique(tables[:, [0, -1]]).view(np.uint64)
    ends = [(len(message) - start) // 8 * 8 + start for start in range(8)]
    windows = (np.frombuffer(message[start:end], np.uint64) for start, end in enumerate(ends))
    return sum(int(np.isin(window, cells).sum()) for window in windows)


def test_fit_sends_its_sums_and_no_row(tmp_path, write, monkeypatch):
    (messages := tmp_path / "messages").mkdir()
    monkeypatch.setattr(tcp, "_add_frames_header", keeping(messages / "client.sent", tcp._add_frames_header))

    def sent_by_fit(rounds: DaskRounds) -> tuple[Fit, bytes]:
        for path in messages.iterdir():
            path.write_bytes(b"")
        return fitted(tmp_path, rounds), b"".join(path.read_bytes() for path in messages.iterdir())

    def sizes_of_fits(rounds: DaskRounds) -> Iterator[tuple[int, int]]:
        for files, rows, columns in ((16, 20_000, 20), (4, 6_000, 300)):
            for path in tmp_path.glob("*.parquet"):
                path.unlink()
            tables = write(files, rows, columns)
            fitted(tmp_path, rounds)  # the workers import their modules
            fit, sent = sent_by_fit(rounds)
            assert cells_in(sent, tables) == 0
            yield fit.report.passes, len(sent)

    with dask_processes(tmp_path, workers=2, variables=preloaded_in(messages)) as processes:
        processes.wait_for_workers(2)
        with DaskCluster(processes.address) as cluster:
            (passes, few), (_, many) = sizes_of_fits(cluster.rounds())

    # Each hop counts. The four rounds of 16 jobs are mostly messages of Dask, of some kilobytes a job.
    assert passes == 2
    assert 100_000 < few <= 1_000_000
    # The factor of a piece's sample is a matrix of 300 × 300 numbers; each other round sends a few vectors.
    assert 4 * 8 * 300**2 < many <= 6 * 4 * 8 * 300**2


def test_model_is_equal_with_three_workers_and_after_one_was_killed_in_a_pass(tmp_path, write):
    write(8, 20_000, 20)

    def kill_one(processes: Processes) -> OnProgress:
        def progressed(progress):
            if progress.phase == "descent" and progress.rows_seen:
                processes.started[1].kill()

        return progressed

    with dask_processes(tmp_path, workers=3) as processes:
        processes.wait_for_workers(3)
        with DaskCluster(processes.address) as cluster:
            three = fitted(tmp_path, cluster.rounds())
            killed = fitted(tmp_path, cluster.rounds(), kill_one(processes))
            assert processes.started[1].wait(5) == -9
            two = fitted(tmp_path, cluster.rounds())

    assert three.model.digest == killed.model.digest == two.model.digest
    assert three.report.relative_excess_loss == killed.report.relative_excess_loss == two.report.relative_excess_loss


def test_model_is_equal_while_the_number_of_workers_changes(tmp_path, write, cluster):
    write(8, 20_000, 20)
    still = fitted(tmp_path, cluster.rounds())

    here = {"host": "127.0.0.1", "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}}
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, **here) as adaptive:
        adaptive.adapt(minimum=1, maximum=3, interval="100ms", target_duration="100ms")
        with DaskCluster(adaptive.scheduler_address) as changing:
            digests = {fitted(tmp_path, changing.rounds()).model.digest for _ in range(4)}

    assert digests == {still.model.digest}
