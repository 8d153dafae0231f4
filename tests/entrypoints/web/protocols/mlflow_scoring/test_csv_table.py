"""CSV tables: the cells that are numbers, and random text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from entrypoints.web.protocols.mlflow_scoring.csv_table import CsvTable
from entrypoints.web.wire.problems import ProblemError


def test_cell_is_the_number_that_python_reads():
    for cell in ("1", " 1", "1 ", "+1", "1.", "1.0e0", ".1e1", "01", "1" + "0" * 400, "-0", "1e-400"):
        assert CsvTable(f"a,b\n{cell},2\n", 10).values(Encoding.of_numbers(("a",))).tolist() == [[float(cell)]]


def test_cell_that_is_no_number_is_refused():
    for cell in ("1_0", "١", "1\u00a0", "0x1", "1]", "[1", "[1]", "{}", "1 2", "null", "true", "", "1,2"):
        with pytest.raises(ProblemError) as refused:
            CsvTable(f'a,b\n1,2\n"{cell}",3\n', 10).values(Encoding.of_numbers(("a", "b")))

        assert [place.place for place in refused.value.locations] == ["rows[1].a"], cell


def test_cells_are_read_by_the_kind_of_their_column():
    columns = (
        NumberColumn("area", has_gaps=True),
        NumberColumn("new", "boolean", has_gaps=True),
        CategoryColumn("country", ("NA", "NO"), has_gaps=True),
    )
    text = "new, area ,country\nTrue, 1e3 , NO\nfalse,?,NA\n1,2.0,\nNA,-,se\n"

    values = CsvTable(text, 10).values(Encoding(columns))

    expected = [[1000, 1, 1], [np.nan, 0, 0], [2, 1, np.nan], [np.nan, np.nan, 2]]
    np.testing.assert_array_equal(values, expected)


@given(text=st.text(st.sampled_from('abmip,1.\n\r"\x00 é-e'), max_size=40))
def test_random_text_is_predicted_or_the_client_s_error(two_features, text):
    for body in (text, "bmi,bp\n" + text):
        assert two_features.post("/invocations", data=body.encode(), content_type="text/csv").status_code in (200, 400)
