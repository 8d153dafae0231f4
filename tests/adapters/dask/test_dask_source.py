from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from adapters.dask.cluster import DaskCluster
from adapters.dask.dask_source import DaskSource
from adapters.dask.task import packed
from adapters.pyarrow import parquet_rows
from adapters.pyarrow.table_source import TableSource
from domain.data.errors import InvalidCell, InvalidData, UnreadableData
from domain.data.pieces import PiecewiseRows, Rounds
from domain.data.rows import Rows
from domain.data.split import HoldOutFraction
from domain.learning.sgd import SGD
from domain.model.scores import evaluate
from tests.support.dask_processes import wait_for_idle_workers
from tests.support.object_store import KEYS, bucket, object_store
from tests.support.pieces import RoundsHere
from tests.support.tables import write_parquet

__all__ = ["bucket", "object_store"]

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("dask")]

FILES, ROWS = 4, 5_000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files, each of which is a piece."""
    monkeypatch.setattr(parquet_rows, "MIN_PIECE_ROWS", ROWS)
    random = np.random.default_rng(0)
    for number in range(FILES):
        features = random.normal(size=(6, ROWS)) + number
        target = np.arange(1, 7) @ features + random.normal(size=ROWS)
        columns = {f"x{index}": column for index, column in enumerate(features)} | {"y": target}
        write_parquet(tmp_path / f"part-{number}.parquet", columns)
    return tmp_path


def rows(place: Path | str, rounds: Rounds) -> Rows:
    return DaskSource(TableSource(str(place), 0, parquet_only=True), lambda: rounds).load("y").rows


def test_fit_and_scores_on_a_cluster_have_the_bits_of_the_same_pieces_here(cluster, place):
    table = rows(place, cluster.rounds())
    here = PiecewiseRows(TableSource(str(place), 0).load("y").rows, RoundsHere())
    hold_out = HoldOutFraction(0.2, seed=3)
    learner, there, expected = SGD(tol=1e-9), hold_out(table), hold_out(here)

    fit, same = learner.fit(there.train), learner.fit(expected.train)

    assert len(table.whole.pieces()) == FILES
    assert fit.model.digest == same.model.digest
    assert fit.report.relative_excess_loss == same.report.relative_excess_loss
    assert evaluate(fit.model, there.test) == evaluate(same.model, expected.test)


def test_bad_cell_is_named_and_leaves_idle_workers(cluster, place):
    path = place / "part-2.parquet"
    table = pa.parquet.read_table(path)
    cells = table.column("x3").to_numpy().copy()
    cells[4_000] = np.inf
    pa.parquet.write_table(table.set_column(3, "x3", pa.array(cells)), path)

    with pytest.raises(InvalidCell) as caught:
        SGD().fit(rows(place, cluster.rounds()))

    assert (caught.value.row, caught.value.column) == (4_001, "x3")
    assert caught.value.place.endswith("part-2.parquet")
    wait_for_idle_workers(cluster.rounds().client)


def test_file_that_a_worker_does_not_have_is_named_with_the_worker(cluster, place):
    table = rows(place, cluster.rounds())
    (place / "part-1.parquet").unlink()

    with pytest.raises(InvalidData, match=r"part-1\.parquet.*it is worker tls://127\.0\.0\.1:\d+ that reads it"):
        SGD().fit(table)


def test_csv_files_are_refused_on_a_cluster(cluster, tmp_path):
    (tmp_path / "table.csv").write_text("x,y\n1,2\n")

    with pytest.raises(UnreadableData, match="convert them"):
        rows(tmp_path / "table.csv", cluster.rounds())


@pytest.mark.slow
def test_rows_of_an_object_store_have_the_bits_of_local_files_and_no_key_travels(place, bucket):
    remote = bucket.upload(place)

    with DaskCluster("local:1") as cluster:  # whose workers have the keys in their environment
        table, here = rows(remote, cluster.rounds()), rows(place, RoundsHere())

        assert SGD().fit(table).model.digest == SGD().fit(here).model.digest
    assert KEYS["AWS_SECRET_ACCESS_KEY"].encode() not in b"".join(map(packed, table.whole.pieces()))
