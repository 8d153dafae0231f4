from pathlib import Path

import pytest

from adapters.tables.table_files import TableFormat, find_table_files
from domain.errors import UnreadableData


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
    return [path.name for path in find_table_files(str(place), without).paths]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.parquet", TableFormat.PARQUET),
        ("a.PQ", TableFormat.PARQUET),
        ("a.csv", TableFormat.CSV),
        ("a.tsv", TableFormat.CSV),
        ("a", TableFormat.CSV),
        ("_a[1].csv", TableFormat.CSV),
    ],
)
def test_file_that_is_named_itself_is_taken(folder, name, kind):
    files = find_table_files(str(folder(name) / name))

    assert (files.paths[0].name, files.format) == (name, kind)


def test_directory_means_the_tables_in_it_and_below_it_in_order(folder):
    place = folder("b.parquet", "a/z.pq", "c.parquet", "notes.txt", "a/deep/y.parquet")

    assert found(place) == ["y.parquet", "z.pq", "b.parquet", "c.parquet"]


@pytest.mark.parametrize("pattern", ["", "**", "**/*.parquet"])
def test_hidden_and_underscored_names_are_passed_over(folder, pattern):
    place = folder("a.parquet", ".b.parquet", "_c.parquet", "_temporary/d.parquet", ".git/e.parquet")

    assert found(f"{place}/{pattern}") == ["a.parquet"]


def test_pattern_means_what_it_matches(folder):
    place = folder("2026-10.parquet", "2026-11.parquet", "other.parquet", "deep/2026-12.parquet")

    assert found(place / "2026-*.parquet") == ["2026-10.parquet", "2026-11.parquet"]
    assert found(place / "**" / "2026-*.parquet") == ["2026-10.parquet", "2026-11.parquet", "2026-12.parquet"]


def test_pattern_may_be_relative(folder, monkeypatch):
    monkeypatch.chdir(folder("a.csv", "b.csv"))

    assert found("*.csv", [Path("a.csv").resolve()]) == ["b.csv"]


def test_files_that_are_held_out_are_left_out(folder):
    place = folder("a.parquet", "b.parquet", "test.csv")

    assert found(place, [place / "b.parquet", place / "deep" / ".." / "test.csv"]) == ["a.parquet"]


def test_nothing_left_is_refused(folder):
    place = folder("a.csv")

    with pytest.raises(UnreadableData, match="every file of it is held out"):
        found(place, [place / "a.csv"])


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("", r"no \*\.parquet, \*\.pq or \*\.csv file is in it"),
        ("nowhere.csv", "no such file"),
        ("nowhere/*.csv", "no file matches the pattern"),
        ("*.txt", "is neither"),
    ],
)
def test_place_without_a_table_is_refused(folder, place, why):
    with pytest.raises(UnreadableData, match=why):
        found(f"{folder('notes.txt')}/{place}")


def test_mixed_formats_are_refused(folder):
    with pytest.raises(UnreadableData, match="mixed: choose with a pattern"):
        found(folder("a.csv", "b.parquet"))
