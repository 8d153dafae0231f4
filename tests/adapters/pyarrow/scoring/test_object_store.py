"""Scored files in an object store: the bytes of local ones, never half an object, and runs that continue."""

import tempfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.pyarrow.scoring.table_scorer import TableScorer
from adapters.pyarrow.table_path import TablePath
from domain.errors import InvalidParameter
from domain.model.errors import OutputUnavailable
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage
from tests.support.object_store import bucket, object_store

__all__ = ["bucket", "object_store"]

VERSION = ModelVersion("7", LinearModel([2.0, -1.0], 10.0, ("area", "age")), a_lineage())
pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("object store")]


def score(place, output, on_progress=lambda _: None, **options):
    return TableScorer(str(place), str(output), "1.0", **options).score(VERSION, "stop", on_progress)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with two Parquet files below ``year=2024``; temporary files go beside it."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    folder = tmp_path / "in" / "year=2024"
    folder.mkdir(parents=True)
    for number in range(2):
        cells = np.arange(1000.0) + number
        parquet.write_table(pa.table({"id": cells, "area": cells, "age": cells / 7}), folder / f"{number}.parquet")
    return tmp_path / "in"


def content(path):
    with TablePath(str(path)).open() as file:
        return file.read()


def test_objects_are_scored_as_local_files_and_a_run_continues(bucket, data, tmp_path):
    remote, output = bucket.upload(data, "in/"), f"{bucket.place}/out"
    names = [f"year=2024/{number}.parquet" for number in range(2)]

    def interrupted(progress):
        if progress.files == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(remote, output, interrupted, keep=("id", "year"))
    found = [TablePath(f"{output}/{name}").info().is_file for name in (*names, "_SUCCESS")]
    assert found == [True, False, False]
    scored = score(remote, output, keep=("id", "year"))
    score(data, tmp_path / "out", keep=("id", "year"))

    assert (scored.kept_files, scored.counts.rows) == (1, 2000)
    for name in names:
        with TablePath(f"{output}/{name}").open() as file:
            assert parquet.read_table(file).equals(parquet.read_table(tmp_path / "out" / name, partitioning=None))
    assert content(f"{output}/_SUCCESS") == content(tmp_path / "out" / "_SUCCESS")
    assert score(remote, output, keep=("id", "year")).kept_files == 2
    assert list((tmp_path / "tmp").iterdir()) == []
    for place in (remote, f"{remote}/year=2024", f"{remote}/out"):
        with pytest.raises(InvalidParameter, match="output"):
            score(f"{remote}/**/*.parquet", place)


def test_csv_objects_have_their_record_beside_them(bucket, tmp_path):
    text = "id,area,age\n" + "".join(f"{row},{row},1\n" for row in range(1000))
    (tmp_path / "t.csv").write_text(text)
    place, output = bucket.put("csv/t.csv", text.encode()), f"{bucket.place}/scored"

    kept = [score(place, output, keep=("id",)).kept_files for _ in range(2)]
    score(tmp_path / "t.csv", tmp_path / "out", keep=("id",))

    assert kept == [0, 1]
    assert content(f"{output}/t.csv") == content(tmp_path / "out" / "t.csv")
    bucket.put("scored/t.csv", b"half")
    assert score(place, output, keep=("id",), overwrite=True).kept_files == 0


def test_output_without_a_bucket_is_reported_before_anything_is_scored(bucket, data):
    progress = []

    with pytest.raises(OutputUnavailable, match="no such bucket"):
        score(data, "s3://no-such-bucket-here/out", progress.append)

    assert progress == []
