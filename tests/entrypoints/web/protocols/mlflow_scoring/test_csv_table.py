"""CSV tables: the cells that are numbers, and random text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.features.encoding import Encoding
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


@given(text=st.text(st.sampled_from('abmip,1.\n\r"\x00 é-e'), max_size=40))
def test_random_text_is_predicted_or_the_client_s_error(two_features, text):
    for body in (text, "bmi,bp\n" + text):
        assert two_features.post("/invocations", data=body.encode(), content_type="text/csv").status_code in (200, 400)
