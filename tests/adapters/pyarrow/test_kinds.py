"""Kinds of columns: the same from the texts of a CSV file and from a Parquet file, in memory and as a stream."""

from datetime import UTC, datetime, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from adapters.pyarrow import column_survey, csv_files, parquet_table, verdict
from adapters.pyarrow.table_source import TableSource
from domain.data.columns import MISSING_MARKERS
from domain.data.errors import InvalidCell, UnusableColumns
from tests.contracts.rows import collected

NOTHING, PLENTY = 0, 1024**3
WRITERS = {"csv": csv.write_csv, "parquet": parquet.write_table}


@pytest.fixture
def load(tmp_path):
    def load(cells, suffix="csv", budget=PLENTY, kinds=None, target=None, **options):
        """Return the table of a column `x` with these cells beside the target `y`."""
        cells = pa.array(cells) if isinstance(cells, list) else cells
        place = tmp_path / f"table.{suffix}"
        WRITERS[suffix](pa.table({"x": cells, "y": np.arange(len(cells)) if target is None else target}), place)
        source = TableSource(str(place), budget, **options)
        return source.load("y", ["x"] if kinds else None, kinds=kinds and {"x": kinds})

    return load


def day(*date):
    return datetime(*date, tzinfo=UTC).timestamp()


def test_cells_that_agree_are_numbers_truth_values_or_dates(load):
    for cells, kind, values, notes in (
        (["1", "+2", "-3e1", ".5"], "number", [1, 2, -30, 0.5], 0),
        (["$1,234.50", "$3"], "number", [1234.5, 3], 1),
        (["12 %", "7%"], "number", [12, 7], 1),
        (["1.234,5", "0,25"], "number", [1234.5, 0.25], 1),
        (["174,244", "88,941"], "number", [174244, 88941], 1),
        (["−5", "4"], "number", [-5, 4], 1),
        (["1\u202f234,5 €", "2 €"], "number", [1234.5, 2], 1),
        (["20240131", "20240201"], "number", [20240131, 20240201], 0),
        (["True", "FALSE"], "boolean", [1, 0], 0),
        (["2024-05-01", "2024-05-02T10:00"], "datetime", [day(2024, 5, 1), day(2024, 5, 2, 10)], 0),
        (["2024-05-01 02:00:00.5+02:00", "2024-05-01 00:00Z"], "datetime", [day(2024, 5, 1) + 0.5, day(2024, 5, 1)], 0),
        (["2024/5/1", "2024/12/31"], "datetime", [day(2024, 5, 1), day(2024, 12, 31)], 1),
        (["31.1.2024", "01.02.2024"], "datetime", [day(2024, 1, 31), day(2024, 2, 1)], 1),
        (["1/31/2024", "2/1/2024"], "datetime", [day(2024, 1, 31), day(2024, 2, 1)], 1),
    ):  # fmt: skip
        for suffix in WRITERS:
            table = load(cells, suffix)

            assert [column.kind for column in table.rows.columns] == [kind], cells
            assert (table.rows.features[:, 0].tolist(), len(table.notes)) == (values, notes), cells


def test_cells_that_do_not_agree_are_a_category_and_a_note_names_a_likely_mistake(load):
    for cells, notes in (
        (["yes", "no"], 0),
        (["S", "M", "38"], 0),
        (["1 km", "2"], 0),
        (["$5", "5 €"], 0),
        (["5 %", "0.05"], 0),
        (["2024-05-01", "01.05.2024"], 0),
        (["2024-02-30", "2024-02-01"], 0),
        (["01.02.2024", "02.01.2024"], 1),
        ([*map(str, range(15)), "Total"], 1),
        (["0150", "5003"], 1),
    ):
        for suffix in WRITERS:
            table = load(cells, suffix)

            assert table.rows.columns[0].levels == tuple(sorted(cells)), cells
            assert len(table.notes) == notes, cells
            assert ("'Total'" in table.notes[0]) == ("Total" in cells) if notes else True


def test_few_texts_among_many_different_numbers_count_as_empty_and_a_note_names_the_first(load):
    for suffix in WRITERS:
        table = load([*map(str, range(30)), "Total", "Total"], suffix)

        assert (table.rows.columns[0].kind, table.rows.columns[0].nullable) == ("number", True)
        assert np.isnan(collected(table.rows)[:, 0]).sum() == 2
        assert "2 cells are no numbers" in table.notes[0]
        assert "'Total'" in table.notes[0]


def test_few_texts_among_many_formatted_numbers_or_dates_count_as_empty(load):
    for form, kind, note in (
        ("2,1{:02}.20", "number", "1 cell is no number like '2,129.20' and counts as empty, such as 'Total' in "),
        ("${}.5", "number", "1 cell is no number like '$29.5' "),
        ("{} %", "number", "1 cell is no number like '29 %' "),
        ("1.2{:02},5", "number", "1 cell is no number like '1.229,5' "),
        ("2024-05-{:02}", "datetime", "1 cell is no date like '2024-05-29' "),
        ("{:02}.05.2024", "datetime", "1 cell is no date like '29.05.2024' "),
    ):
        cells = [form.format(day) for day in range(1, 30)]
        for suffix in WRITERS:
            table, whole = load(["Total", *cells], suffix), load(cells, suffix)

            assert (table.rows.columns[0].kind, table.rows.columns[0].nullable) == (kind, True)
            assert np.isnan(collected(table.rows)[0, 0])
            assert collected(table.rows)[1:, 0].tolist() == collected(whole.rows)[:, 0].tolist()
            assert table.notes[0].startswith(f"column 'x': {note}")
            assert [f"column 'x': {part}" for part in table.notes[0].split("; ")[1:]] == [*whole.notes]


def test_whole_numbers_with_a_leading_zero_are_a_category_of_any_number_of_levels(load):
    for count in (20, 21, 250, 3000):
        codes = [f"{150 + 3 * code:04}" for code in range(count)]
        for more in ([], ["missing"]):
            for suffix in WRITERS:
                table = load([*codes, *codes, *more], suffix)

                assert table.rows.columns[0].levels == (*codes, *more)
                assert table.notes == ("column 'x' is a category, because '0150' has a leading zero",)


def test_note_names_the_first_cell_that_keeps_a_column_from_being_numbers_or_dates(load):
    numbers = [*map(str, range(30))]
    for cells, reason in (
        ([*numbers, *["a, b"] * 5], """'a, b' in {} 3{} is not a number, as 5 cells in all; with --na '"a, b"', """),
        (["$5", *numbers[:9]], "'$5' in {0} {2} is not a number"),
        (["09.02.2025", *["2024-05-01"] * 9], "'09.02.2025' in {0} {2} is not a date like '2024-05-01'"),
        (
            [*(f"{day:02}.02.2025" for day in range(1, 15)), *(f"2024-05-{day}" for day in range(10, 29))],
            "'01.02.2025' in {0} {2} is not a date like '2024-05-28', as 14 cells in all",
        ),
    ):  # fmt: skip
        for suffix, unit, tens, first in (("csv", "line", 2, 2), ("parquet", "row", 1, 1)):
            table = load(cells, suffix)

            assert table.rows.columns[0].kind == "category"
            assert f"column 'x' is a category, because {reason.format(unit, tens, first)}" in table.notes[0]


def test_many_different_texts_are_left_out_with_the_cell_that_is_no_number(load, monkeypatch):
    monkeypatch.setattr(csv_files, "SURVEYED_BYTES", 64)
    monkeypatch.setattr(csv_files, "READ_BYTES", 128)
    for module in (column_survey, verdict):
        monkeypatch.setattr(module, "MAX_LEVELS", 30)

    (left_out,) = load([*map(str, range(35)), "missing", *map(str, range(35, 80))]).left_out

    assert left_out.reason.startswith("has more than 30 different texts, and 'missing' in line 37 is not a number")


def test_values_beside_stray_texts_are_judged_as_those_without(load):
    for cells, reason in (
        ([str(2**53 + 2 * number) for number in range(30)], "beyond 2**53"),
        ([f"{number}e-200" for number in range(1, 30)], "too small"),
    ):
        (left_out,) = load([*cells, "missing"]).left_out

        assert reason in left_out.reason
    days = [f"{1 + number % 9:02}.{1 + number // 9:02}.2024" for number in range(40)]
    assert load([*days, "tbd"]).rows.columns[0].levels == (*sorted(days), "tbd")
    with pytest.raises(InvalidCell, match="row 31, column 'x': inf"):
        load([*map(str, range(30)), "inf", "missing"])


def test_texts_are_stripped_and_composed_and_missing_markers_are_gaps(load):
    for options, levels in (({}, ("Oslo", "ö")), ({"na": ["Oslo"]}, ("?", "NA", "ö"))):
        for suffix in WRITERS:
            column = load([" Oslo", "Oslo ", "o\u0308", "ö", "NA", "", "?"], suffix, **options).rows.columns[0]

            assert (column.levels, column.nullable) == (levels, True)


def test_types_of_parquet_have_the_kinds_that_their_texts_have(load):
    for values, kind, numbers in (
        (pa.array([1, None, 3], pa.int8()), "number", [1, None, 3]),
        (pa.array([1.5, float("nan"), 3]), "number", [1.5, None, 3]),
        (pa.array([Decimal("698499805.56"), Decimal("0.10")], pa.decimal128(12, 2)), "number", [698499805.56, 0.1]),
        (pa.array([True, None, False]), "boolean", [1, None, 0]),
        (pa.array(["5", None]).dictionary_encode(), "number", [5, None]),
        (pa.array([7, 7, 9]).dictionary_encode(), "number", [7, 7, 9]),
        (pa.array(["b", "a", "b"]).dictionary_encode(), "category", [1, 0, 1]),
        (pa.array([date.date() for date in [datetime(2024, 5, 1, tzinfo=UTC)]]), "datetime", [day(2024, 5, 1)]),
        (pa.array([1_700_000_000_123, None], pa.timestamp("ms")), "datetime", [1_700_000_000.123, None]),
        (pa.array([1_700_000_000], pa.timestamp("s", "Europe/Oslo")), "datetime", [1_700_000_000]),
    ):
        for suffix, budget in (("parquet", PLENTY), ("parquet", NOTHING), ("csv", PLENTY)):
            rows = load(
                values.dictionary_decode() if "dict" in str(values.type) and suffix == "csv" else values, suffix, budget
            ).rows

            found = [None if np.isnan(value) else value for value in collected(rows)[:, 0].tolist()]
            assert (found, rows.columns[0].kind, rows.columns[0].nullable) == (numbers, kind, None in numbers)


def test_kind_that_is_chosen_is_taken_for_texts_and_types(load):
    for cells, kind, expected in (
        (["0150", "5003"], "category", ("0150", "5003")),
        (pa.array([150, 5003]), "category", ("150", "5003")),
        (pa.array([2.5, 1.0]), "category", ("1", "2.5")),
        (pa.array([True, False]), "category", ("False", "True")),
        (["yes", "N"], "boolean", [1, 0]),
        (pa.array([1, 0]), "boolean", [1, 0]),
        (pa.array([True, False]), "number", [1, 0]),
        (pa.array([20240131, 20240201]), "datetime", [day(2024, 1, 31), day(2024, 2, 1)]),
        (["01.02.2024", "02.01.2024"], "datetime", [day(2024, 2, 1), day(2024, 1, 2)]),
    ):
        for budget in (PLENTY, NOTHING):
            rows = load(cells, "parquet", budget, kind).rows

            assert rows.columns[0].kind == kind
            assert (rows.columns[0].levels or collected(rows)[:, 0].tolist()) == expected


def test_columns_that_cannot_be_learned_from_are_left_out_or_refused_by_name(load):
    for cells, kinds, reason in (
        (["", "NA"], None, "no values"),
        (["x" * 201, "y"], None, "201 characters"),
        (["9007199254740993", "9007199254740995"], None, "2**53"),
        (["1e-200", "2e-200"], None, "too small"),
        (["1", "two"], "number", "'two' in line 3, which is not a number"),
        (["true", "maybe"], "boolean", "'maybe' in line 3, which is not true or false"),
        (["2024-05-01", "soon"], "datetime", "'soon' in line 3, which is not a date like '2024-05-01'"),
        (["$5", "6 cm", "7 cm", "8 cm"], "number", "'6 cm' in line 3, which is not a number"),
    ):
        for budget in (PLENTY, NOTHING):
            if kinds:
                with pytest.raises(UnusableColumns, match="column 'x'") as caught:
                    load(cells, "csv", budget, kinds)
                found = caught.value.reasons["x"]
            else:
                (left_out,) = load(cells, "csv", budget).left_out
                found = left_out.reason
            assert reason in found


def test_types_that_hold_no_values_to_learn_from_are_left_out(load):
    for values in (pa.array([[1.0]]), pa.array([b"x"]), pa.array([time(12)]), pa.nulls(1), pa.array([2**53 + 1])):
        assert [left_out.name for left_out in load(values, "parquet").left_out] == ["x"]


def test_target_is_a_number_and_rows_without_it_are_left_out_and_counted(load):
    for target, values, notes in (
        (["1", "", "3"], [1, 3], 1),
        (["$1,000", "NA", "$3"], [1000, 3], 2),
        (["True", "False", "True"], [1, 0, 1], 1),
        (pa.array([1.5, None, float("nan")]), [1.5], 1),
        (pa.array([True, None, False]), [1, 0], 2),
    ):
        for suffix in WRITERS:
            for budget in (PLENTY, NOTHING):
                table = load(["a", "b", "c"], suffix, budget, target=target)

                assert collected(table.rows)[:, -1].tolist() == values
                assert (len(table.rows), len(table.notes)) == (len(values), notes)
    for target, reason in (
        (["1", "Oslo"], "'Oslo' in (line 3|row 2)"),
        (pa.array([datetime(2024, 5, 1, tzinfo=UTC)]), "number"),
    ):
        for suffix in WRITERS:
            with pytest.raises(UnusableColumns, match=f"column 'y' .*{reason}"):
                load(["a"] * len(target), suffix, target=target)


def test_cell_far_from_the_beginning_decides_as_the_first_one_does(load, monkeypatch):
    monkeypatch.setattr(csv_files, "SURVEYED_BYTES", 64)
    monkeypatch.setattr(csv_files, "READ_BYTES", 128)
    numbers = [str(number) for number in range(100)]
    for last, kind, reason in (
        ("x", "number", ""),
        ("", "number", ""),
        ("inf", "", "'inf'"),
        ("9" * 17, "", "2**53"),
    ):
        for budget in (PLENTY, NOTHING):
            if last == "inf":
                with pytest.raises(InvalidCell, match="line 102, column 'x': 'inf'"):
                    load([*numbers, last], budget=budget)
                continue
            table = load([*numbers, last], budget=budget)
            assert [column.kind for column in table.rows.columns] == [kind][: bool(kind)]
            assert [reason in left_out.reason for left_out in table.left_out] == [True][: bool(reason)]


def test_code_with_a_leading_zero_far_from_the_beginning_decides_too(load, monkeypatch):
    monkeypatch.setattr(csv_files, "SURVEYED_BYTES", 64)
    monkeypatch.setattr(csv_files, "READ_BYTES", 128)
    codes = [*map(str, range(1000, 1100)), "0150"]
    for budget in (PLENTY, NOTHING):
        assert load(codes, budget=budget).rows.columns[0].levels == tuple(sorted(codes))
        assert load(codes, budget=budget, kinds="number").rows.columns[0].kind == "number"


def test_text_that_the_sample_of_a_stream_lacks_is_any_other_text(load, monkeypatch):
    monkeypatch.setattr(parquet_table, "SAMPLE_ROWS", 64)
    monkeypatch.setattr(parquet_table, "DECODED_CELLS", 64)

    rows = load([*["a", "b"] * 500, "c", "NA"], "parquet", NOTHING).rows

    assert rows.columns[0].levels == ("a", "b")
    assert collected(rows)[-3:, 0].tolist() == [1, 2, 2]


def test_text_that_is_not_of_the_encoding_is_named_by_its_line_where_its_column_is_used(tmp_path, monkeypatch):
    place = tmp_path / "table.csv"
    place.write_bytes(b"city,x,y\n" + b"Oslo,1,2\n" * 1500 + "Tromsø,3,4\n".encode("latin-1") * 2000)
    monkeypatch.setattr(csv_files, "SURVEYED_BYTES", 1024)
    monkeypatch.setattr(csv_files, "READ_BYTES", 16_384)
    for budget in (PLENTY, NOTHING):
        source = TableSource(str(place), budget)

        assert source.load("y", ["x"]).rows.feature_names == ("x",)
        assert "line 1502" in source.load("y").left_out[0].reason
        with pytest.raises(UnusableColumns, match=r"'city' is not UTF-8 in line 1502; .*--encoding latin-1"):
            source.load("y", ["city", "x"])
        assert TableSource(str(place), budget, encoding="latin-1").load("y").rows.columns[0].levels == (
            "Oslo",
            "Tromsø",
        )


def test_spelling_of_empty_cells_does_not_change_the_rows_that_a_model_is_fitted_on(tmp_path):
    lines = [
        "area,city,sold,y",
        *(f"{row if row % 3 else '@'},{'@' if row % 5 else 'Oslo'},2024-05-0{row % 9 + 1},{row}" for row in range(60)),
        "1,Bergen,@,7",
    ]
    found = set()
    for marker in ("", *MISSING_MARKERS):
        (tmp_path / "table.csv").write_text("\n".join(lines).replace("@", marker))
        rows = TableSource(str(tmp_path / "table.csv"), PLENTY).load("y").rows
        assert [column.nullable for column in rows.columns] == [True] * 3, marker
        found.add(rows.fingerprint)

    assert len(found) == 1
