"""Parquet rows: types, files that differ from each other, and files that change while they are read."""

import os
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from adapters.pyarrow import parquet_rows as module
from domain.data.errors import InvalidCell, InvalidData, UnreadableData, UnusableColumns
from domain.data.split import HoldOutLast
from tests.contracts.rows import a_long_table, collected, whole
from tests.support.tables import parquet_files, read, write_parquet

NUMBERS = np.arange(100.0)
SINGLE = NUMBERS.astype(np.float32)


@pytest.fixture
def file(tmp_path):
    def write(name="table.parquet", group=None, **columns):
        return write_parquet(tmp_path / name, {"a": NUMBERS, "y": NUMBERS[::-1]} | columns, group)

    return write


def test_unusable_cell_of_a_later_row_group_is_named_with_its_file(file):
    cells = pa.array([*NUMBERS[:77], np.inf, *NUMBERS[78:]], pa.float64())
    for column in ("a", "y"):
        rows = read([file(), file("second.parquet", group=25, **{column: cells})])
        for part in (rows, HoldOutLast(30)(rows).test):
            with pytest.raises(InvalidCell, match=rf"second\.parquet, row 78, column '{column}': inf"):
                collected(part, 10)


def test_unusable_cell_is_found_by_a_sample(file):
    rows = read([file(a=np.full(100, np.inf))])

    with pytest.raises(InvalidCell, match="row 1,"):
        rows.sample(99, seed=0)


def test_sample_is_drawn_once_unless_it_is_large(file, monkeypatch):
    rows = read([file()])
    first = rows.sample(20, seed=0)

    assert rows.sample(20, seed=0) is first
    assert rows.sample(20, seed=1).target.tolist() != first.target.tolist()
    with pytest.raises(ValueError, match="read-only"):
        first.features[0] = 0
    monkeypatch.setattr(module, "KEPT_VALUES", 39)
    large = rows.sample(20, seed=0)
    assert large is not first
    assert np.array_equal(large.features, first.features)


def test_numbers_of_any_type_become_double_except_in_a_table_of_singles(file):
    for values, dtype in (
        ({"a": NUMBERS.astype(np.int8)}, np.float64),
        ({"a": NUMBERS.astype(np.uint64)}, np.float64),
        ({"a": NUMBERS.astype(np.float16)}, np.float64),
        ({"a": SINGLE}, np.float64),
        ({"a": pa.array([Decimal(number) for number in range(100)], pa.decimal128(10, 2))}, np.float64),
        ({"a": NUMBERS > 50, "y": np.arange(100, dtype=np.int32)}, np.float64),
        ({"a": SINGLE, "y": SINGLE}, np.float32),
    ):
        block = next(iter(read([file(**values)]).blocks(100)))

        assert block.features.dtype == dtype
        assert block.features[:, 0].tolist() == [float(value) for value in np.asarray(values["a"])]
        assert block.features.flags.f_contiguous


def test_columns_that_hold_no_values_to_learn_from_are_refused_together(file):
    values = {"b": [[1.0]] * 100, "c": pa.nulls(100), "d": pa.array([2**53 + 1] * 100)}

    with pytest.raises(UnusableColumns) as caught:
        read([file(**values)], features=("a", "b", "c", "d"))

    assert caught.value.reasons.keys() == {"b", "c", "d"}


def test_column_that_is_not_read_may_hold_anything_and_a_dot_in_a_name_means_no_field(file):
    path = file(**{"a.b": NUMBERS * 2, "c": [{"b": 1.0}] * 100, "steering\x1b[31m": ["x"] * 100})

    assert np.array_equal(
        collected(read([path], features=("a.b", "a")))[:, :2], np.column_stack([NUMBERS * 2, NUMBERS])
    )
    with pytest.raises(InvalidData, match="control character"):
        read([path], features=("steering\x1b[31m",))


def test_column_that_a_later_file_lacks_is_named_with_the_file(file, tmp_path):
    second = write_parquet(tmp_path / "second.parquet", {"y": NUMBERS})

    with pytest.raises(UnusableColumns, match=r"'a' is missing in .*second\.parquet"):
        read([file(), second])


def test_columns_may_come_in_another_order_and_type_in_a_later_file(file, tmp_path):
    second = write_parquet(tmp_path / "second.parquet", {"y": NUMBERS, "a": NUMBERS.astype(np.int16)})

    assert np.array_equal(collected(read([file(), second]))[100:], np.column_stack([NUMBERS, NUMBERS]))


def test_column_twice_in_a_file_is_refused(tmp_path):
    table = pa.table([NUMBERS, NUMBERS, NUMBERS], names=["a", "a", "y"])
    pa.parquet.write_table(table, tmp_path / "twice.parquet")

    with pytest.raises(InvalidData, match="'a' appears more than once"):
        read([tmp_path / "twice.parquet"])


def test_files_without_rows_are_passed_over(file):
    empty = file("empty.parquet", a=NUMBERS[:0], y=NUMBERS[:0])
    rows, none = read([empty, file(), empty]), read([empty])

    assert np.array_equal(collected(rows), np.column_stack([NUMBERS, NUMBERS[::-1]]))
    assert (len(none), list(none.blocks(10)), len(none.sample(5, 0).target), none.constant_target()) == (0, [], 0, None)


def test_row_groups_of_one_row_are_read_together(tmp_path):
    table = a_long_table(300)

    rows = read(parquet_files(tmp_path, table, group=1), features=table.feature_names)

    assert len(rows.row_group_runs) == 1
    assert np.array_equal(collected(rows), whole(table))
    assert len(rows.sample(20, seed=0).target) == 20


def test_fingerprint_does_not_depend_on_where_the_files_are(tmp_path):
    table = a_long_table(100)
    (tmp_path / "other").mkdir()

    here, there = (read(parquet_files(folder, table)) for folder in (tmp_path, tmp_path / "other"))

    assert here.fingerprint == there.fingerprint


def test_random_order_mixes_more_files_than_are_kept_open(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_OPEN_FILES", 2)
    table = a_long_table(4000)
    rows = read(parquet_files(tmp_path, table, files=20, group=50), features=table.feature_names)

    shuffled = collected(rows, 50, np.random.default_rng(0))

    files = (shuffled[::50, 0] // 200).tolist()
    assert files != sorted(files)
    assert len(set(files)) == 20
    assert np.array_equal(shuffled[shuffled[:, 0].argsort()], whole(table))


def test_file_that_is_not_a_complete_parquet_file_is_refused(file):
    whole_file = file().read_bytes()
    junk = (b"", b"PAR1", b"a,y\n1,2\n", b"PAR1" + bytes(1000) + b"PAR1")
    for content in (*junk, whole_file[:-100], whole_file[:4] + b"\xff" * 196 + whole_file[200:]):
        path = file()
        path.write_bytes(content)
        with pytest.raises(UnreadableData, match=r"table\.parquet"):
            collected(read([path]))


CHANGES = {
    "replaced": lambda path, file: (path.unlink(), file(a=NUMBERS * 2)),
    "rewritten": lambda path, file: path.write_bytes(path.read_bytes()),
    "truncated": lambda path, file: os.truncate(path, 100),
    "removed": lambda path, file: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("use", ["a pass", "a sample", "half a pass"])
def test_t05_file_that_changes_between_or_during_passes_is_refused(file, change, use):
    rows = read([file("first.parquet"), path := file()])
    blocks = rows.blocks(10)
    if use == "a pass":
        collected(rows)
    elif use == "a sample":
        rows.sample(10, 0)
    else:
        next(blocks)

    CHANGES[change](path, file)

    with pytest.raises(UnreadableData, match=r"table\.parquet: (it was changed|no such file|it has)"):
        list(blocks)


def test_footer_that_promises_too_many_rows_is_refused(file):
    rows = read([file()])
    object.__setattr__(rows.row_group_runs[0], "count", 101)

    with pytest.raises(UnreadableData, match=r"100 .* 101"):
        collected(rows)
