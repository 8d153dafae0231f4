"""A table of all kinds of columns has the same predictions in every form of every protocol, to the last bit."""

from pathlib import Path
from unicodedata import normalize

import numpy as np
import orjson
import pandas as pd
from hypothesis import given, settings

from adapters.pyarrow.table_source import TableSource
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import input_values
from entrypoints import data
from entrypoints.web.protocols.open_inference.datatypes import DATATYPE_OF_KIND
from tests.support.mixed_tables import mixed_tables
from tests.support.web.open_inference import infer, result, tensor

HOUSES = Path(data.__path__[0]) / "houses.csv"
FEATURES = ("city", "area", "rooms", "built", "heating", "garage", "sold")


def a_model_of(encoding):
    return LinearModel(np.random.default_rng(3).normal(size=len(encoding.term_names)), 0.5, encoding)


def fitted(column, values):
    if column.kind == "category":
        return CategoryColumn.fit(column, values)
    if column.kind == "datetime":
        return DatetimeColumn.fit(column, values, 4)
    return NumberColumn.fit(column, values, 4, bounded=True)


def post(client, path, body, content_type="application/json"):
    response = client.post(path, data=body, content_type=content_type)
    assert response.status_code == 200, response.data
    return response.json


def tensors_of(frame, kinds, shape):
    for name, kind in kinds.items():
        cells = frame[name].to_list()
        if kind == "category":
            cells = [str(cell) if isinstance(cell, int) else cell for cell in cells]
        yield tensor(cells, shape, name, DATATYPE_OF_KIND[kind])


def predictions_of_every_form(client, frame, kinds):
    """Return the predictions for all rows, by the form of the request; empty cells of `frame` are None or NaN."""
    records, rows, columns = frame.to_dict("records"), frame.to_numpy().tolist(), frame.to_dict("list")
    spelled = [f" {normalize('NFD', name)} " for name in frame.columns]  # names as a file may have them
    backwards = frame.set_axis(spelled, axis="columns")[spelled[::-1]].assign(other="a, b")
    spelled_rows = [dict(zip(spelled, row, strict=True)) for row in rows]
    forms = {f"/batch {number}": ("/batch", {"X": X}) for number, X in enumerate((records, rows, spelled_rows))}
    for number, table in enumerate(
        (
            {"dataframe_split": backwards.to_dict("split")},
            {"dataframe_split": {"data": rows}},
            {"dataframe_records": backwards.to_dict("records")},
            {"instances": rows},
            {"inputs": records},
            {"inputs": columns},
            {"inputs": dict(zip(spelled, columns.values(), strict=True))},
        )
    ):
        forms[f"/invocations {number}"] = ("/invocations", table)
    answers = {form: post(client, path, orjson.dumps(body)) for form, (path, body) in forms.items()}
    answers["CSV"] = post(client, "/invocations", backwards.to_csv(index=False).encode(), "text/csv")
    answers["/stream"] = {"result": [post(client, "/stream", orjson.dumps({"X": row}))["result"] for row in rows]}
    for shape in ([len(rows)], [len(rows), 1]):
        answers[f"V2 {shape}"] = {"result": result(infer(client, *tensors_of(frame, kinds, shape)))}
    return {form: answer.get("result", answer.get("predictions")) for form, answer in answers.items()}


def test_every_form_has_the_same_predictions(serving):
    @settings(max_examples=40)
    @given(mixed_tables())
    def require_same(table):
        encoding, rows = table
        model = a_model_of(encoding)
        expected = model.predict(input_values(rows, encoding)).tolist()
        frame = pd.DataFrame(rows, columns=encoding.feature_names, dtype=object)

        found = predictions_of_every_form(serving(model), frame, encoding.kinds)

        assert found == dict.fromkeys(found, expected)

    require_same()


def test_training_table_is_predicted_as_it_was_read(serving):
    rows = TableSource(str(HOUSES), 10**9).load("price", FEATURES).rows
    ((values, _),) = rows.blocks(len(rows))
    model = a_model_of(Encoding(tuple(map(fitted, rows.columns, values.T))))
    expected = model.predict(values).tolist()
    frame = pd.read_csv(HOUSES)
    client, has_price = serving(model), frame["price"].notna()

    whole = post(client, "/invocations", HOUSES.read_bytes(), "text/csv")["predictions"]
    found = predictions_of_every_form(client, frame.loc[has_price, list(FEATURES)], model.encoding.kinds)

    assert np.array(whole)[has_price].tolist() == expected
    assert found == dict.fromkeys(found, expected)
