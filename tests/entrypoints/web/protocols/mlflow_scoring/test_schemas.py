"""A table has the same predictions in every form."""

import csv

import numpy as np
import orjson
import pandas as pd
import pytest

from domain.model.linear_model import LinearModel

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
