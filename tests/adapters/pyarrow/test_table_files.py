import re
from pathlib import Path

import pytest

from adapters.pyarrow.table_files import find_table_files, is_parquet
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
    return [path.name for path in find_table_files(str(place), without)]


def test_file_that_is_named_itself_is_taken_as_parquet_or_csv(folder):
    for name, parquet in (("a.parquet", True), ("a.PQ", True), ("a.csv", False), ("a.tsv", False), ("_a[1]", False)):
        (path,) = find_table_files(str(folder(name) / name))
        assert (path.name, is_parquet(path)) == (name, parquet)


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
