"""A table has the same predictions in every form, and no body is a failure of the server."""

import csv

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.model.linear_model import LinearModel
from entrypoints.web.protocols.mlflow_scoring.csv_table import CsvTable
from entrypoints.web.protocols.mlflow_scoring.schemas import FORMS
from entrypoints.web.wire.problems import ProblemError
from tests.entrypoints.web.test_fuzz import quickly, values

CSV = "text/csv"


@pytest.mark.parametrize("width", [1, 2, 10])
def test_every_form_of_a_table_has_the_same_predictions_to_the_last_bit(serving, width):
    random = np.random.default_rng(3)
    names = tuple(f"f_{number}" for number in range(width))
    model = LinearModel(random.normal(size=width), 0.1, names)
    client = serving(model)
    table = pd.DataFrame(random.normal(size=(50, width)) * 10.0 ** random.integers(-9, 9, (50, width)), columns=names)
    shuffled = table[list(names[::-1])].assign(name="a, b", age=None)[["age", *names[::-1], "name"]]
    written = [
        {"dataframe_split": table.to_dict("split")},
        {"dataframe_split": shuffled.to_dict("split")},
        {"dataframe_split": {"data": table.to_numpy().tolist()}},
        {"dataframe_records": shuffled.to_dict("records")},
        {"instances": table.to_numpy().tolist()},
        {"instances": shuffled.to_dict("records")},
        {"inputs": shuffled.to_dict("list")},
        {"inputs": table.to_dict("records")},
    ]

    answers = [client.post("/invocations", data=orjson.dumps(body)).json for body in written]
    answers += [
        client.post("/invocations", data=text, content_type=CSV).json
        for text in (table.to_csv(), shuffled.to_csv(index=False), table.to_csv(quoting=csv.QUOTE_ALL))
    ]
    answers.append({"predictions": client.post("/batch", json={"X": table.to_numpy().tolist()}).json["result"]})

    assert answers == [{"predictions": model.predict(table.to_numpy()).tolist()}] * len(answers)


def test_cell_is_the_number_that_python_reads():
    for cell in ("1", " 1", "1 ", "+1", "1.", "1.0e0", ".1e1", "01", "1" + "0" * 400, "-0", "1e-400"):
        assert CsvTable(f"a,b\n{cell},2\n", 10).matrix(("a",)).tolist() == [[float(cell)]]


def test_cell_that_is_no_number_is_refused():
    for cell in ("1_0", "١", "1\u00a0", "0x1", "1]", "[1", "[1]", "{}", "1 2", "null", "true", "", "1,2"):
        with pytest.raises(ProblemError) as refused:
            CsvTable(f'a,b\n1,2\n"{cell}",3\n', 10).matrix(("a", "b"))

        assert [place.place for place in refused.value.locations] == ["rows[1].a"], cell


@quickly
@given(form=st.sampled_from(list(FORMS)), value=values, more=st.dictionaries(st.sampled_from(["params", "a"]), values))
@example(form="dataframe_split", value={"data": [[1, 2]], "columns": [None, True]}, more={})
@example(form="inputs", value={"bmi": [], "bp": 1}, more={})
def test_no_value_is_a_failure_of_the_server(two_features, form, value, more):
    response = two_features.post("/invocations", data=orjson.dumps({form: value, **more}))

    assert response.status_code in (200, 400)
    assert ("predictions" in response.json) == (response.status_code == 200)


names = st.sampled_from(["bmi", "bp", "age", None, 3])
integers = st.integers(-(2**63), 2**64 - 1)
near = st.one_of(
    st.fixed_dictionaries(
        {"data": st.lists(st.lists(integers | st.none(), max_size=3), max_size=3)},
        optional={"columns": st.lists(names, max_size=4), "index": st.lists(integers, max_size=3)},
    ),
    st.dictionaries(st.sampled_from(["bmi", "bp", "age"]), st.lists(st.floats(), max_size=2) | integers),
    st.lists(st.dictionaries(st.sampled_from(["bmi", "bp", "age"]), st.floats()), max_size=3),
)


@quickly
@given(form=st.sampled_from(list(FORMS)), value=near)
def test_nothing_near_a_table_is_a_failure_of_the_server(two_features, form, value):
    response = two_features.post("/invocations", data=orjson.dumps({form: value}))

    assert response.status_code in (200, 400)


@quickly
@given(text=st.text(st.sampled_from('abmip,1.\n\r"\x00 é-e'), max_size=40))
def test_no_text_is_a_failure_of_the_server(two_features, text):
    for body in (text, "bmi,bp\n" + text):
        assert two_features.post("/invocations", data=body.encode(), content_type=CSV).status_code in (200, 400)
