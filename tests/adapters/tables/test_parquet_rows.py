"""What is Parquet's own: types, files that differ, and files that change under the reader."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from adapters.tables import parquet_rows as module
from domain.errors import BadCell, BadData, UnreadableData
from domain.split import LastRows
from tests.adapters.tables.writing import parquet_files, read, write_parquet
from tests.contracts.rows import a_long_table, collected, whole

NUMBERS = np.arange(100.0)


@pytest.fixture
def file(tmp_path):
    def write(name="table.parquet", group=None, **columns):
        return write_parquet(tmp_path / name, {"a": NUMBERS, "y": NUMBERS[::-1]} | columns, group)

    return write


@pytest.mark.parametrize("column", ["a", "y"])
@pytest.mark.parametrize(
    ("value", "why"),
    [(np.nan, "nan is not a finite number"), (1e200, "too large"), (None, "the cell is empty")],
)
def test_unusable_cell_of_a_later_row_group_is_named_with_its_file(file, column, value, why):
    cells = [*NUMBERS[:77], value, *NUMBERS[78:]]
    rows = read([file(), file("second.parquet", group=25, **{column: pa.array(cells, pa.float64())})])

    with pytest.raises(BadCell) as caught:
        collected(rows, 10)

    assert (caught.value.row, caught.value.column) == (78, column)
    assert why in caught.value.why
    assert caught.value.place.endswith("second.parquet")


def test_unusable_cell_of_a_part_is_named_by_its_row_in_the_file(file):
    rows = read([file(), file("second.parquet", y=[*NUMBERS[:-1], np.inf])])

    with pytest.raises(BadCell, match="row 100"):
        collected(LastRows(7)(rows).test)


def test_unusable_cell_is_found_by_a_sample(file):
    rows = read([file(a=np.full(100, np.inf))])

    with pytest.raises(BadCell, match="row 1,"):
        rows.sample(99, seed=0)


@pytest.mark.parametrize(
    "values",
    [
        NUMBERS.astype(np.int8),
        NUMBERS.astype(np.uint64),
        NUMBERS.astype(np.float16),
        NUMBERS.astype(np.float32),
        pa.array([Decimal(number) for number in range(100)], pa.decimal128(10, 2)),
    ],
    ids=["int8", "uint64", "float16", "float32", "decimal"],
)
def test_numbers_of_any_type_become_double(file, values):
    block = next(iter(read([file(a=values)]).blocks(100)))

    assert block.features.dtype == np.float64
    assert block.features[:, 0].tolist() == NUMBERS.tolist()


def test_whole_numbers_and_truths_alone_become_double(file):
    path = file(a=NUMBERS > 50, y=np.arange(100, dtype=np.int32))

    assert np.array_equal(collected(read([path])), np.column_stack([NUMBERS > 50, NUMBERS]))


def test_table_of_singles_stays_so(file):
    single = NUMBERS.astype(np.float32)

    block = next(iter(read([file(a=single, y=single)]).blocks(100)))

    assert (block.features.dtype, block.target.dtype) == (np.float32, np.float32)
    assert np.array_equal(block.features[:, 0], single)


def test_singles_too_large_to_be_squared_as_such_become_double(file):
    single = np.full(100, 1e25, np.float32)

    block = next(iter(read([file(a=single, y=single)]).blocks(100)))

    assert block.features.dtype == np.float64
    assert np.array_equal(block.features[:, 0], single)


def test_features_lie_in_memory_column_by_column(file):
    block = next(iter(read([file()], features=("a",)).blocks(100)))

    assert block.features.flags.f_contiguous


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["x"] * 100, "string"),
        ([[1.0]] * 100, "list"),
        (pa.array([0] * 100, pa.timestamp("us")), "timestamp"),
        (pa.nulls(100), "null"),
    ],
)
def test_column_of_another_kind_is_refused_before_it_is_read(file, values, kind):
    with pytest.raises(UnreadableData, match=rf"column 'a' holds {kind}.*convert it to numbers"):
        read([file(a=values)])


def test_column_not_asked_for_may_hold_anything(file):
    assert len(read([file(who=["Ada"] * 100)])) == 100


def test_column_whose_name_has_a_dot_is_no_field_of_another(file):
    path = file(**{"a.b": NUMBERS * 2, "c": [{"b": 1.0}] * 100})

    assert np.array_equal(
        collected(read([path], features=("a.b", "a")))[:, :2], np.column_stack([NUMBERS * 2, NUMBERS])
    )


def test_unknown_column_is_named_with_those_there_are(file):
    with pytest.raises(BadData, match="the columns are a, y"):
        read([file()], features=("b",))


def test_column_that_a_later_file_lacks_is_named_with_the_file(file, tmp_path):
    second = write_parquet(tmp_path / "second.parquet", {"y": NUMBERS})

    with pytest.raises(UnreadableData, match=r"second\.parquet: it has no column 'a'"):
        read([file(), second])


def test_column_that_is_text_in_a_later_file_is_named_with_the_file(file):
    with pytest.raises(UnreadableData, match=r"second\.parquet: column 'a' holds string"):
        read([file(), file("second.parquet", a=["x"] * 100)])


def test_columns_may_come_in_another_order_and_type_in_a_later_file(file, tmp_path):
    second = write_parquet(tmp_path / "second.parquet", {"y": NUMBERS, "a": NUMBERS.astype(np.int16)})

    assert np.array_equal(collected(read([file(), second]))[100:], np.column_stack([NUMBERS, NUMBERS]))


def test_column_twice_in_a_file_is_refused(tmp_path):
    table = pa.table([NUMBERS, NUMBERS, NUMBERS], names=["a", "a", "y"])
    pa.parquet.write_table(table, tmp_path / "twice.parquet")

    with pytest.raises(BadData, match="'a'"):
        read([tmp_path / "twice.parquet"])


def test_column_name_with_a_control_character_is_refused_where_it_is_used(file):
    steering = file("steering.parquet", **{"b\x1b[31m": NUMBERS})

    assert len(read([steering])) == len(NUMBERS)
    with pytest.raises(BadData):
        read([steering], features=("b\x1b[31m",))


def test_files_without_rows_are_passed_over(file):
    empty = file("empty.parquet", a=NUMBERS[:0], y=NUMBERS[:0])

    rows = read([empty, file(), empty])

    assert np.array_equal(collected(rows), np.column_stack([NUMBERS, NUMBERS[::-1]]))


def test_table_without_rows_has_none(file):
    rows = read([file(a=NUMBERS[:0], y=NUMBERS[:0])])

    assert (len(rows), list(rows.blocks(10)), len(rows.sample(5, 0)), rows.constant_target()) == (0, [], 0, None)


def test_fingerprint_does_not_depend_on_where_the_files_are(tmp_path):
    table = a_long_table(100)
    (tmp_path / "other").mkdir()

    here, there = (read(parquet_files(folder, table)) for folder in (tmp_path, tmp_path / "other"))

    assert here.fingerprint == there.fingerprint


def test_random_order_mixes_the_files(tmp_path):
    table = a_long_table(4000)
    rows = read(parquet_files(tmp_path, table, files=20, group=50), features=("row",))

    files = [int(block.features[0, 0]) // 200 for block in rows.blocks(50, np.random.default_rng(0))]

    assert files != sorted(files)
    assert len(set(files)) == 20


def test_more_files_than_are_kept_open_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    table = a_long_table(1000)
    rows = read(parquet_files(tmp_path, table, files=10), features=table.feature_names)

    shuffled = collected(rows, 10, np.random.default_rng(0))

    assert np.array_equal(shuffled[shuffled[:, 0].argsort()], whole(table))


def test_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(UnreadableData, match=r"nowhere\.parquet: no such file"):
        read([tmp_path / "nowhere.parquet"])


@pytest.mark.parametrize("junk", [b"", b"PAR1", b"a,y\n1,2\n", b"PAR1" + bytes(1000) + b"PAR1"])
def test_file_that_is_no_parquet_is_refused(tmp_path, junk):
    path = tmp_path / "junk.parquet"
    path.write_bytes(junk)

    with pytest.raises(UnreadableData, match=r"junk\.parquet"):
        read([path])


def test_truncated_file_is_refused(file):
    path = file()
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(UnreadableData, match=r"table\.parquet"):
        read([path])


def test_file_with_spoilt_pages_is_refused(file):
    path = file()
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(content)

    with pytest.raises(UnreadableData, match=r"table\.parquet"):
        collected(read([path]))


def replaced(path, file):
    path.unlink()
    file(a=NUMBERS * 2)


def rewritten(path, file):
    content = path.read_bytes()
    path.write_bytes(content)


def truncated(path, file):
    with path.open("r+b") as opened:
        opened.truncate(100)


def removed(path, file):
    path.unlink()


@pytest.mark.parametrize("change", [replaced, rewritten, truncated, removed])
@pytest.mark.parametrize("use", [collected, lambda rows: rows.sample(10, 0)], ids=["pass", "sample"])
def test_file_that_changes_between_passes_is_refused(file, change, use):
    rows = read([file("first.parquet"), path := file()])
    use(rows)

    change(path, file)

    with pytest.raises(UnreadableData, match=r"table\.parquet: (it was changed|no such file)"):
        collected(rows)


@pytest.mark.parametrize("change", [replaced, rewritten, truncated, removed])
def test_file_that_changes_during_a_pass_is_refused(file, change):
    rows = read([file("first.parquet"), path := file()])
    blocks = rows.blocks(10)
    next(blocks)

    change(path, file)

    with pytest.raises(UnreadableData, match=r"table\.parquet"):
        list(blocks)


def test_footer_that_promises_too_many_rows_is_refused(file, monkeypatch):
    rows = read([file()])
    object.__setattr__(rows.stretches[0], "count", 101)

    with pytest.raises(UnreadableData, match="100 rows are where its footer tells of 101"):
        collected(rows)
