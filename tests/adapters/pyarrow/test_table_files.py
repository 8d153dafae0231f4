import re
from pathlib import Path

import pytest

from adapters.pyarrow.table_files import find_table_files, is_parquet, partition_of
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import UnreadableData


@pytest.fixture
def folder(tmp_path):
    def fill(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return fill


def found(place, without=()):
    return [path.pure.name for path in find_table_files(str(place), [TablePath(str(path)) for path in without])]


def test_file_that_is_named_itself_is_taken_as_parquet_or_csv(folder):
    for name, parquet in (("a.parquet", True), ("a.PQ", True), ("a.csv", False), ("a.tsv", False), ("_a[1]", False)):
        (path,) = find_table_files(str(folder(name) / name))
        assert (path.pure.name, is_parquet(path)) == (name, parquet)
    path = folder("a.parquet.gzip") / "a.parquet.gzip"
    path.write_bytes(b"PAR1...")
    assert is_parquet(TablePath(str(path)))


def test_directory_means_the_tables_in_it_and_below_it_in_order(folder):
    place = folder("b.parquet", "a/z.pq", "c.parquet", "notes.txt", "a/deep/y.parquet")

    assert found(place) == ["y.parquet", "z.pq", "b.parquet", "c.parquet"]


def test_hidden_and_underscored_names_are_passed_over(folder):
    place = folder("a.parquet", ".b.parquet", "_c.parquet", "_temporary/d.parquet", ".git/e.parquet")

    for pattern in ("", "**", "**/*.parquet"):
        assert found(f"{place}/{pattern}") == ["a.parquet"]


def test_pattern_means_what_it_matches(folder, monkeypatch):
    place = folder("2026-10.parquet", "2026-11.parquet", "other.parquet", "deep/2026-12.parquet")

    assert found(place / "2026-*.parquet") == ["2026-10.parquet", "2026-11.parquet"]
    assert found(place / "**" / "2026-*.parquet") == ["2026-10.parquet", "2026-11.parquet", "2026-12.parquet"]
    monkeypatch.chdir(place)
    assert found("2026-*.parquet", [Path("2026-10.parquet").resolve()]) == ["2026-11.parquet"]


def test_file_is_taken_once_however_many_links_lead_to_it(folder):
    place = folder("2026-11.csv", "other.csv")
    (place / "latest.csv").symlink_to("2026-11.csv")
    (place / "2026-10.csv").symlink_to("2026-11.csv")

    assert found(place) == ["2026-11.csv", "other.csv"]


def test_pattern_matches_directories_of_tables(folder):
    place = folder("1.parquet/part-0.parquet", "1.parquet/_SUCCESS", "2.parquet/part-0.parquet", "other/a.parquet")

    assert found(place / "*.parquet") == ["part-0.parquet", "part-0.parquet"]


def test_directories_with_names_of_columns_hold_their_values(folder):
    path = folder("year=2024/city=New%20York/a.csv") / "year=2024/city=New%20York/a.csv"
    empty = folder("year=__HIVE_DEFAULT_PARTITION__/a.csv") / "year=__HIVE_DEFAULT_PARTITION__/a.csv"
    root = path.parents[2]

    for place in (root, root / "**" / "*.csv"):
        assert partition_of(TablePath(str(path)), str(place)) == {"year": "2024", "city": "New York"}
        assert partition_of(TablePath(str(empty)), str(place)) == {"year": None}
    for place in (path.parent, path):
        assert partition_of(TablePath(str(path)), str(place)) == {}


def test_files_that_are_held_out_are_left_out(folder):
    place = folder("a.parquet", "b.parquet", "test.csv")

    assert found(place, [place / "b.parquet", place / "deep" / ".." / "test.csv"]) == ["a.parquet"]
    with pytest.raises(UnreadableData, match=r"a\.parquet"):
        found(place / "a.parquet", [place / "a.parquet"])


def test_place_without_one_table_is_refused(folder):
    place = folder("notes.txt", "mixed/a.csv", "mixed/b.parquet", "empty/notes.txt")
    for name in ("empty", "missing.csv", "missing/*.csv", "*.txt", "mixed"):
        with pytest.raises(UnreadableData, match=re.escape(f"{place}/{name}")):
            found(f"{place}/{name}")
