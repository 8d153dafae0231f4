"""Texts in the format of their column: the training table is predicted as it is, other texts are refused."""

import csv
import io
import json
import warnings
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import orjson
import pandas as pd
import pytest

from adapters.pyarrow.table_source import TableSource
from domain.data.text_formats import FORMATS
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record, to_record
from tests.support.examples import a_lineage

DAYS = [date(2024, 1, 25) + timedelta(days=11 * number) for number in range(30)]
NUMBERS = [round(200 * number * 1.37, 2) for number in range(30)]
GERMAN = [f"{number:,.2f}".translate(str.maketrans(",.", ".,")) for number in NUMBERS]
# Texts of each column, texts that it has not, and a plain text that it takes.
COLUMNS = {
    "dollars": ([f"${number:,.2f}" for number in NUMBERS], ("$1,23", "$1 $", "€5", "$1_0", "$"), "1234.5"),
    "share": ([f"{number} %" for number in range(30)], ("5 €", "% 5 %"), "7"),
    "thousands": ([f"{number:,.2f}" for number in NUMBERS], ("1,23", "1.234,5", "nan"), "1234.5"),
    "german": (GERMAN, ("1.5", "1,234.5", "1e3"), "1234"),
    "euros": ([f"{text} €" for text in GERMAN], ("1.5", "€"), "1234 €"),
    "minus": ([f"−{number}" for number in range(30)], ("−−1", "−"), "-3"),
    "quoted": ([f"'{number}'" for number in range(30)], ("'6", "''"), "6"),
    "paid": (["yes", "N"] * 15, ("maybe", "1.5"), "1"),
    "iso": ([f"{day}T10:00:00,1234567 UTC" for day in DAYS], ("2024-02-30", "01.02.2024"), "2024-05-01"),
    "month": ([f"{day:%Y-%m}" for day in DAYS], ("2024-13", "2024"), "2024-05-01"),
    "slashes": ([f"{day.year}/{day.month}/{day.day}" for day in DAYS], ("2024/2/30",), "2024-05-01T10:00Z"),
    "day first": ([f"{day:%d.%m.%Y} 10:30:00.5 +02" for day in DAYS], ("1/2/2024", "31.02.2024"), "2024-05-01"),
    "month first": ([f"{day.month}/{day.day}/{day.year}" for day in DAYS], ("31/1/2024", "1.2.2024"), "2024-05-01"),
    "digits": ([f"{day:%Y%m%d}" for day in DAYS], ("20240230", "2024"), "2024-05-01"),
}  # fmt: skip
RECORDS = [{name: texts[row] for name, (texts, *_) in COLUMNS.items()} for row in range(30)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The table as the source reads it, and the model of its record."""
    place = tmp_path_factory.mktemp("texts") / "table.csv"
    target = np.random.default_rng(0).normal(size=30)
    place.write_text(as_csv([record | {"y": number} for record, number in zip(RECORDS, target, strict=True)]))
    kinds = {"paid": "boolean", "digits": "datetime"}
    rows = TableSource(str(place), 1024**3).load("y", list(COLUMNS), kinds=kinds).rows
    fitted = fit_encoded(SGD(), rows, choose_terms(rows, "linear", 1.0, 0)).model
    record = to_record(ModelVersion("1", fitted, a_lineage()))
    return rows, from_record(json.loads(json.dumps(record)), "1").model, record


@pytest.fixture
def scorer(trained, tmp_path):
    """The scoring code of MLflow's own servers, with the record."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from adapters.mlflow.scoring_model import LinearScorer

    (tmp_path / "weights.json").write_text(json.dumps(trained[2]))
    scorer = LinearScorer()
    scorer.load_context(SimpleNamespace(artifacts={"weights": str(tmp_path / "weights.json")}))
    return scorer


def as_csv(records):
    text = io.StringIO()
    writer = csv.DictWriter(text, records[0])
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def invoked(client, records):
    """Return the responses to records and CSV in MLflow's protocol."""
    for body, media_type in (
        (orjson.dumps({"dataframe_records": records}), "application/json"),
        (as_csv(records), "text/csv"),
    ):
        yield client.post("/invocations", data=body, content_type=media_type)


def test_table_that_was_trained_on_is_predicted_to_the_bit(trained, serving, scorer):
    rows, model, _ = trained
    client, predictions = serving(model), model.predict(rows.features).tolist()
    tensors = [
        {"name": name, "shape": [30], "datatype": "BYTES", "data": texts} for name, (texts, *_) in COLUMNS.items()
    ]
    numbers = pd.DataFrame(rows.features, columns=list(COLUMNS))
    kinds = model.encoding.kinds
    dates = {name: pd.to_datetime(numbers[name], unit="s") for name in COLUMNS if kinds[name] == "datetime"}

    batch = client.post("/batch", json={"X": RECORDS}).json
    inferred = client.post("/v2/models/endeavour/infer", json={"inputs": tensors}).json

    assert {column.format for column in rows.columns} <= set(FORMATS)
    assert batch["result"] == predictions
    assert [response.json["predictions"] for response in invoked(client, RECORDS)] == [predictions] * 2
    assert inferred["outputs"][0]["data"] == predictions
    of_texts, of_numbers = (scorer.predict(None, table) for table in (pd.DataFrame(RECORDS), numbers.assign(**dates)))
    assert of_texts.tolist() == of_numbers.tolist()


def test_text_that_is_not_in_the_format_is_refused_and_a_plain_one_is_read(trained, serving, scorer):
    client = serving(trained[1])
    for name, (_, unusable, plain) in COLUMNS.items():
        for text in unusable:
            records = [RECORDS[0] | {name: text}]

            assert client.post("/batch", json={"X": records}).status_code == 400, (name, text)
            assert [response.status_code for response in invoked(client, records)] == [400, 400], (name, text)
            with pytest.raises(Exception, match=repr(name)):
                scorer.predict(None, pd.DataFrame(records))
        plain_records = [RECORDS[0] | {name: plain}]
        results = [client.post("/batch", json={"X": plain_records}).json["result"]]
        results += [response.json["predictions"] for response in invoked(client, plain_records)]
        assert results == [results[0]] * 3, name
        np.testing.assert_allclose(scorer.predict(None, pd.DataFrame(plain_records)), results[0], rtol=1e-12)
