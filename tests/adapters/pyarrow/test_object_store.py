"""Tables in an object store: the same rows as from a disk, few bytes, and errors that name object and remedy."""

import gzip
import os
import pickle

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.pyarrow import csv_files as module
from adapters.pyarrow import object_stores
from adapters.pyarrow.parquet_files import read_footer
from adapters.pyarrow.table_files import find_table_files
from adapters.pyarrow.table_path import TablePath
from adapters.pyarrow.table_source import TableSource
from domain.data.errors import InvalidData, UnreadableData
from tests.contracts.rows import a_long_table, collected, whole
from tests.support.object_store import KEYS, bucket, object_store, relayed
from tests.support.program import free_port
from tests.support.tables import csv_files, parquet_files

__all__ = ["bucket", "object_store"]

NOTHING, PLENTY = 0, 1024**3
SECRET = KEYS["AWS_SECRET_ACCESS_KEY"]
pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("object store")]


def names(place, without=()):
    return [str(path).split("/", 3)[3] for path in find_table_files(place, without)]


def test_rows_and_fingerprint_are_those_of_local_files(bucket, tmp_path):
    table = a_long_table(1000)
    for number, write in enumerate((parquet_files, csv_files)):
        folder = tmp_path / f"{number}" / "year=2024"
        folder.mkdir(parents=True)
        write(folder, table, files=3)
        remote = bucket.upload(folder.parent, f"{number}/")
        for budget in (NOTHING, PLENTY):
            here, there = (TableSource(place, budget).load("y").rows for place in (str(folder.parent), remote))

            assert there.feature_names == here.feature_names == (*table.feature_names, "year")
            assert collected(there).tobytes() == collected(here).tobytes()
            assert there.fingerprint == here.fingerprint
            assert there.sample(50, 0).features.tobytes() == here.sample(50, 0).features.tobytes()


def test_compressed_csv_is_read_in_requests_of_any_size(bucket, monkeypatch):
    monkeypatch.setattr(module, "READ_BYTES", 4096)
    monkeypatch.setattr("adapters.pyarrow.table_path.STREAM_BYTES", 1000)
    lines = "".join(f"{row},{2 * row}\n" for row in range(2000)).encode()
    for name, compressed in (("t.csv.gz", gzip.compress), ("t.csv.zst", pa.Codec("zstd").compress)):
        content = compressed(b"a,y\n" + lines)
        place = bucket.put(name, content if isinstance(content, bytes) else content.to_pybytes())

        assert collected(TableSource(place, NOTHING).load("y").rows)[:, 0].tolist() == list(range(2000))


def test_places_are_listed_by_the_rules_of_a_disk(bucket):
    for name in ("b.parquet", "a/z.pq", "a/deep/y.parquet", "_x/h.parquet", ".h.parquet", "1.parquet/part-0.parquet"):
        bucket.put(f"d/{name}", b"PAR1")
    bucket.put("d/notes.txt", b"")
    bucket.put("root.csv", b"a,y\n1,2\n")

    every = ["d/1.parquet/part-0.parquet", "d/a/deep/y.parquet", "d/a/z.pq", "d/b.parquet"]
    assert names(f"{bucket.place}/d") == names(f"{bucket.place}/d/") == every
    for pattern, found in (
        ("*.parquet", [every[0], every[3]]),
        ("**/*.p*", every),
        ("**/y.*", [every[1]]),
        ("a/*", [every[2]]),
        ("[ab]/**/*.p?", [every[2]]),
    ):
        assert names(f"{bucket.place}/d/{pattern}") == found
    assert names(f"{bucket.place}/*.csv") == ["root.csv"]
    held_out = find_table_files(f"{bucket.place}/d/a/**/*.parquet")
    assert names(f"{bucket.place}/d", held_out) == [every[0], every[2], every[3]]
    for place, why in (
        (bucket.place, "mixed"),
        (f"{bucket.place}/none", "no such file"),
        (f"{bucket.place}/none/*.csv", "no file matches"),
        (f"{bucket.place}/d/*", r"notes\.txt is neither"),
        ("s3://no-such-bucket/a.csv", "no such bucket"),
        ("s3://no-such-bucket", "no such bucket"),
        ("s3://buck*/a.csv", "no pattern"),
    ):
        with pytest.raises(UnreadableData, match=why) as caught:
            TableSource(place, PLENTY).load("y")
        assert str(caught.value).startswith(f"cannot read the data {place}: ")


def test_bytes_are_those_of_the_columns_that_are_asked_for(bucket, tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    columns = {f"x{number}": random.standard_normal(200_000) for number in range(20)}
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table(columns | {"y": columns["x0"]}), path, row_group_size=50_000)
    asked = (*(f"x{number}" for number in range(0, 20, 4)), "y")
    metadata = parquet.ParquetFile(path).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(place) for group in groups for place in range(metadata.num_columns)]
    needed = sum(chunk.total_compressed_size for chunk in chunks if chunk.path_in_schema in asked)
    place = bucket.put("t.parquet", path.read_bytes())

    with relayed(bucket.endpoint) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.endpoint)
        TableSource(place, PLENTY).load("y", asked[:-1])

    assert needed <= relay.received <= 1.1 * needed


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_object_that_is_replaced_between_header_and_rows_or_during_a_pass_is_refused(
    bucket, tmp_path, monkeypatch, name
):
    write = {"t.parquet": parquet_files, "t.csv": csv_files}[name]
    (path,) = write(tmp_path, a_long_table(5000))
    content = path.read_bytes()
    other = content.replace(b"\x01" if name == "t.parquet" else b"1", b"\x02" if name == "t.parquet" else b"2", 1)
    assert (other != content, len(other)) == (True, len(content))
    place = bucket.put(name, content)
    footers = 2  # reads of an object before its rows
    for read in (footers + 1, footers + 2):
        bucket.put(name, content)
        with relayed(bucket.endpoint) as relay:
            monkeypatch.setenv("AWS_ENDPOINT_URL", relay.endpoint)
            relay.before[read] = lambda: bucket.put(name, other)
            with pytest.raises(InvalidData, match=rf"s3://.*/{name}: it was changed while it was in use"):
                collected(TableSource(place, NOTHING).load("y", ("a",)).rows)


@pytest.mark.parametrize("write", [parquet_files, csv_files])
def test_request_whose_connection_breaks_is_repeated(bucket, tmp_path, monkeypatch, write):
    table = a_long_table(1000)
    place = bucket.upload(write(tmp_path, table)[0].parent)

    def broken():
        raise ConnectionResetError

    with relayed(bucket.endpoint) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.endpoint)
        relay.before = dict.fromkeys(range(1, 6, 2), broken)

        assert collected(TableSource(place, NOTHING).load("y").rows).tobytes() == whole(table).tobytes()


def test_object_that_is_removed_after_its_footer_was_read_is_named(bucket, tmp_path):
    (path,) = parquet_files(tmp_path, a_long_table(100))
    place = TablePath(bucket.put("t.parquet", path.read_bytes()))
    file = read_footer(place)

    place.file_system.delete_file(str(place.pure))

    with pytest.raises(UnreadableData, match=r"t\.parquet: no such file"):
        file.open()


def test_endpoint_of_s3_comes_before_the_endpoint_of_all_services(bucket, monkeypatch):
    place = TablePath(bucket.put("t.csv", b"a,y\n1,2\n"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")

    assert place.info().size == 8
    assert SECRET.encode() not in pickle.dumps(place)


def test_store_that_refuses_or_does_not_answer_is_reported_with_what_to_do_and_no_secret(bucket, monkeypatch):
    monkeypatch.setattr(object_stores, "ATTEMPTS", 1)
    place = bucket.put("t.csv", b"a,y\n1,2\n")

    def why(**variables):
        with monkeypatch.context() as changed:
            for name, value in variables.items():
                changed.setenv(name, value) if value else changed.delenv(name)
            object_stores._s3.cache_clear()  # a client keeps its credentials
            with pytest.raises(UnreadableData) as caught:
                TableSource(place, PLENTY).load("y")
        assert caught.value.__cause__ is None
        assert SECRET not in str(caught.value)
        return str(caught.value)

    assert "does not answer; check the network and AWS_ENDPOINT_URL" in why(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}"
    )
    assert "AWS_ENDPOINT_URL is no address" in why(AWS_ENDPOINT_URL=f"http://user:{SECRET} x@h:x")
    assert "denies access; set AWS_ACCESS_KEY_ID" in why(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert os.environ["AWS_ENDPOINT_URL"] == bucket.endpoint
