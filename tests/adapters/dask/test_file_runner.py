"""Files that the workers of a cluster score: the bytes of one process, after losses too, and what a worker lacks."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.dask.cluster import DaskCluster
from adapters.pyarrow.scoring.files_here import FilesHere
from adapters.pyarrow.scoring.table_scorer import TableScorer
from domain.data.errors import InvalidData
from domain.errors import ClusterUnavailable
from domain.model.errors import OutputUnavailable, UnpredictableCell
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.scoring import FileProgress, ScoredTable, ScoringProgress
from domain.ports import FileRunner
from tests.support.dask_files import Slow, on_a_full_disk, seen, slowly
from tests.support.dask_processes import dask_processes, wait_for_idle_workers
from tests.support.examples import a_lineage

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("dask")]

VERSION = ModelVersion("7", LinearModel([2.0, -1.0], 10.0, ("area", "age")), a_lineage())
FILES, ROWS = 8, 3_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Files of Parquet and of CSV, in two folders."""
    for number in range(FILES):
        folder = tmp_path / "in" / f"year={2020 + number % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        cells = np.arange(ROWS) + number / 7
        table = pa.table({"id": np.arange(ROWS), "area": cells, "age": cells / 3})
        parquet.write_table(table, folder / f"{number}.parquet")
    return tmp_path / "in"


def score(place, output, runner: FileRunner | None = None, on_progress=lambda _: None, **options) -> ScoredTable:
    scorer = TableScorer(str(place), str(output), "1.0", lambda: runner or FilesHere(), **options)
    return scorer.score(VERSION, "stop", on_progress)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_have_the_bytes_of_one_process(cluster, data, tmp_path):
    (tmp_path / "csv").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "csv" / name).write_text("id,area,age\n" + "".join(f"{row},{row},1\n" for row in range(1000)))
    progress: list[ScoringProgress] = []

    for place, options in ((data, {"keep": ("id", "year")}), (tmp_path / "csv", {"keep": ("id",), "format": "csv"})):
        here, there = (tmp_path / f"{place.name}-{where}" for where in ("here", "there"))
        expected = score(place, here, **options)
        scored = score(place, there, cluster.file_runner(), progress.append, **options)

        assert replace(scored, place=str(here)) == expected
        assert content(there) == content(here)
        assert score(place, there, cluster.file_runner(), **options).kept_files == scored.files
    assert next(each for each in progress if each.files == FILES) == ScoringProgress(FILES * ROWS, FILES * ROWS, 8, 8)
    wait_for_idle_workers(cluster.rounds().client)


def test_large_model_reaches_every_task(cluster, data, tmp_path):
    names = tuple(f"{number:0100}" for number in range(3_000))
    large = LinearModel(np.ones(len(names)), 0.0, names)
    parquet.write_table(pa.table({name: [1.0] for name in names}), tmp_path / "wide.parquet")
    scorer = TableScorer(str(tmp_path / "wide.parquet"), str(tmp_path / "out"), "1.0", cluster.file_runner)

    scorer.score(ModelVersion("8", large, a_lineage()), "stop", lambda _: None)

    assert parquet.read_table(tmp_path / "out" / "wide.parquet")["prediction"].to_pylist() == [3_000.0]


def test_bad_row_is_named_and_leaves_idle_workers_and_no_half_file(cluster, data, tmp_path):
    path = data / "year=2021" / "3.parquet"
    table = parquet.read_table(path, partitioning=None)
    parquet.write_table(table.set_column(1, "area", pa.array([1.0] * (ROWS - 1) + [None])), path)

    with pytest.raises(UnpredictableCell, match=rf"3\.parquet, row {ROWS}, column 'area': is empty"):
        score(data, tmp_path / "out", cluster.file_runner())

    assert not [name for name in content(tmp_path / "out") if not name.endswith("parquet")]
    wait_for_idle_workers(cluster.rounds().client)


def test_interrupted_run_ends_its_tasks_with_the_next_batch_and_leaves_no_half_file(cluster, tmp_path):
    def interrupt(_progress: FileProgress) -> None:
        if list(tmp_path.glob("begun-*")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cluster.file_runner().run(slowly, [tmp_path / str(number) for number in range(4)], nullcontext(seen), interrupt)

    assert list(tmp_path.glob("begun-*")) == []
    assert len(list(tmp_path.glob("ended-*"))) in (1, 2)
    wait_for_idle_workers(cluster.rounds().client)


def test_worker_that_cannot_write_is_named(cluster, tmp_path):
    with pytest.raises(OutputUnavailable, match=r"no space; it is worker tls://127\.0\.0\.1:\d+ that writes it"):
        cluster.file_runner().run(on_a_full_disk, [tmp_path], nullcontext(seen), lambda _: None)


def test_worker_that_does_not_see_a_file_is_named(cluster, data, tmp_path):
    def remove(_progress: ScoringProgress) -> None:
        (data / "year=2021" / "7.parquet").unlink(missing_ok=True)

    with pytest.raises(InvalidData, match=r"7\.parquet.*it is worker tls://127\.0\.0\.1:\d+ that reads it"):
        score(data, tmp_path / "out", Slow(cluster.file_runner()), remove)


@pytest.mark.slow
def test_worker_that_does_not_see_the_output_is_named_before_anything_is_scored(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with dask_processes(tmp_path, workers=2) as processes:
        processes.wait_for_workers(2)
        with DaskCluster(processes.address) as cluster, pytest.raises(ClusterUnavailable) as caught:
            score(data, "out", cluster.file_runner())

    assert caught.value.why.startswith("on 2 workers the output folder out is not there")
    assert caught.value.why.count("tcp://127.0.0.1:") == 2
    assert content(tmp_path / "out") == {}


@pytest.mark.slow
def test_file_of_a_killed_worker_is_scored_again_and_no_half_file_stays(data, tmp_path):
    expected, output = score(data, tmp_path / "here", keep=("id",)), tmp_path / "there"
    with dask_processes(tmp_path, workers=2) as processes:
        processes.wait_for_workers(2)

        def kill(progress: ScoringProgress) -> None:
            if progress.files and len(list(output.rglob(".*.parquet.*.tmp"))) == 2:
                processes.started[1].kill()

        with DaskCluster(processes.address) as cluster:
            scored = score(data, output, Slow(cluster.file_runner()), kill, keep=("id",))

        assert processes.started[1].wait(5) == -9
    assert scored.counts == expected.counts
    assert content(output) == content(tmp_path / "here")


@pytest.mark.slow
def test_run_ends_when_the_cluster_is_lost_and_another_one_continues_it(data, tmp_path):
    def lost(index: int, patience: float) -> str:
        with dask_processes(tmp_path, workers=1) as processes:
            processes.wait_for_workers(1)

            def kill(progress: ScoringProgress) -> None:
                if progress.files % 4 == 2:
                    processes.started[index].kill()

            with DaskCluster(processes.address) as cluster:
                runner = Slow(replace(cluster.file_runner(), patience=patience))
                with pytest.raises(ClusterUnavailable) as caught:
                    score(data, tmp_path / "out", runner, kill)
        return caught.value.why

    assert lost(0, 60) == "the connection to the scheduler was lost"
    assert lost(1, 10) == "there was no worker for 10 s"
    assert score(data, tmp_path / "out").kept_files >= 2
    assert not list(tmp_path.rglob("*.tmp"))
