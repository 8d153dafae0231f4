"""The requests that are sent to `mlflow models serve` and to Endeavour; one model has a feature, the other has two."""

import gzip
import json
from itertools import cycle
from typing import NamedTuple

import numpy as np

from tests.support.examples import a_model

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
ONE, TWO = "one", "two"
MODELS = {ONE: a_model(), TWO: a_model(0.1 + 0.2, np.pi)}
# Values that appear in no other place, so that an answer which holds them is one that repeats what was sent.
SENT = 7.0625
TEXT_SENT = "sent-by-the-client"


class Case(NamedTuple):
    """A request to the model with the features bmi (`one`) or bmi and bp (`two`)."""

    model: str
    body: bytes
    headers: dict[str, str]
    method: str = "POST"
    path: str = "/invocations"


def posted(body: object, content_type: str | None = JSON, model: str = TWO, **headers: str) -> Case:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Case(model, raw, headers if content_type is None else {"Content-Type": content_type, **headers})


def split(data: object, columns: object = ("bmi", "bp"), **more: object) -> dict[str, object]:
    return {"dataframe_split": {"columns": columns, "data": data, **more}}


def table(text: str | bytes, content_type: str = CSV, model: str = TWO) -> Case:
    return posted(text if isinstance(text, bytes) else text.encode(), content_type, model)


ROWS = [[0.1, 0.2], [0.3, -0.4], [SENT, 7e-3]]
RECORDS = [{"bmi": bmi, "bp": bp} for bmi, bp in ROWS]
COLUMNS = {"bmi": [row[0] for row in ROWS], "bp": [row[1] for row in ROWS]}
IN_ORDER = posted(split(ROWS))
GOOD = IN_ORDER.body


FLAT = "flat inputs"
FORMS = {
    "split": b'{"dataframe_split": {"columns": ["bmi", "bp"], "data": [[1.5, %s], [7.0625, 2]]}}',
    "records": b'{"dataframe_records": [{"bmi": 1.5, "bp": %s}, {"bmi": 7.0625, "bp": 2}]}',
    "instances": b'{"instances": [{"bmi": 1.5, "bp": %s}, {"bmi": 7.0625, "bp": 2}]}',
    "inputs": b'{"inputs": {"bmi": [1.5, 7.0625], "bp": [%s, 2]}}',
    FLAT: b'{"inputs": [7.0625, %s]}',
}


def with_value(value: str, other: str) -> dict[str, Case]:
    """Return a table of which `value` is one value, in the split form and in the `other` one."""
    return {form: posted(FORMS[form] % value.encode(), model=ONE if form == FLAT else TWO) for form in ("split", other)}


VALUES = {
    "an int": "3",
    "a negative zero": "-0.0",
    "an int of 2**53 + 1": "9007199254740993",
    "an int of 2**63": "9223372036854775808",
    "an int of 400 digits": "9" * 400,
    "an int of 5000 digits": "9" * 5000,
    "a denormal": "5e-324",
    "a number of 1e308": "1e308",
    "a number of 1e999": "1e999",
    "a number with a leading zero": "01",
    "null": "null",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "true": "true",
    "a number as text": '"3.5"',
    "text": f'"{TEXT_SENT}"',
    "a list": "[3]",
    "an object": '{"a": 3}',
}

GROUPS = {
    "split": {
        "in order": IN_ORDER,
        "in another order": posted(split([row[::-1] for row in ROWS], ["bp", "bmi"])),
        "with an index": posted(split(ROWS, index=[7, 8, 9])),
        "with an index that is too short": posted(split(ROWS, index=[0])),
        "a column more": posted(split([[*row, 5] for row in ROWS], ["bmi", "bp", "age"])),
        "a column of text more": posted(split([["a", *row] for row in ROWS], ["name", "bmi", "bp"])),
        "a column of null and NaN more": posted(split([[None, 1, 2], [float("nan"), 3, 4]], ["age", "bmi", "bp"])),
        "a column of another name": posted(split(ROWS, ["bmi", "pb"])),
        "a column twice": posted(split([[1, 2, 3]], ["bmi", "bp", "bmi"])),
        "no columns": posted({"dataframe_split": {"data": ROWS}}),
        "no columns, one feature": posted({"dataframe_split": {"data": [[1], [2]]}}, model=ONE),
        "no columns, too many values": posted({"dataframe_split": {"data": [[1, 2, 3]]}}),
        "columns are null": posted(split(ROWS, None)),
        "columns are an object": posted(split(ROWS, {"bmi": 0, "bp": 1})),
        "columns are lists": posted(split(ROWS, [["bmi", "bp"]])),
        "columns hold null": posted(split([[1, 2, 3]], ["bmi", "bp", None])),
        "columns are fewer than the values": posted(split([[1, 2, 3]], ["bmi", "bp"])),
        "a row is too short": posted(split([[1, 2], [3]])),
        "a row is too long": posted(split([[1, 2], [3, 4, 5]])),
        "a row is a number": posted(split([[1, 2], 3])),
        "a row is text": posted(split([[1, 2], TEXT_SENT])),
        "rows are objects": posted(split(RECORDS)),
        "data are numbers, one feature": posted(split([0.5, SENT], ["bmi"]), model=ONE),
        "data are three deep": posted(split([[[1, 2]], [[3, 4]]])),
        "data are null": posted(split(None)),
        "data are an empty list": posted(split([])),
        "data are an empty list, and no columns": posted({"dataframe_split": {"data": []}}),
        "no data": posted({"dataframe_split": {"columns": ["bmi", "bp"]}}),
        "an unknown key": posted(split(ROWS, dtype="float64")),
        "null": posted({"dataframe_split": None}),
    },
    "records": {
        "in order": posted({"dataframe_records": RECORDS}),
        "in another order": posted({"dataframe_records": [{"bp": 2, "bmi": SENT}, {"bmi": 3, "bp": 4}]}),
        "a feature more": posted({"dataframe_records": [{**record, "age": 5} for record in RECORDS]}),
        "a feature more in one": posted({"dataframe_records": [*RECORDS, {"bmi": 1, "bp": 2, "age": 5}]}),
        "a feature too few in one": posted({"dataframe_records": [*RECORDS, {"bmi": SENT}]}),
        "an empty list": posted({"dataframe_records": []}),
        "an empty record among others": posted({"dataframe_records": [*RECORDS, {}]}),
        "an object": posted({"dataframe_records": RECORDS[0]}),
        "lists": posted({"dataframe_records": ROWS}),
        "records and a list": posted({"dataframe_records": [*RECORDS, [1, 2]]}),
        "null": posted({"dataframe_records": None}),
    },
    "instances": {
        "records": posted({"instances": RECORDS}),
        "records with a feature more in one": posted({"instances": [*RECORDS, {"bmi": 1, "bp": 2, "age": 5}]}),
        "records with a feature too few in one": posted({"instances": [*RECORDS, {"bmi": SENT}]}),
        "records that lack one feature each": posted({"instances": [{"bmi": 1}, {"bp": 2}]}),
        "a list and records": posted({"instances": [[1, 2], *RECORDS]}),
        "rows": posted({"instances": ROWS}),
        "numbers of one feature": posted({"instances": [0.5, SENT]}, model=ONE),
        "columns": posted({"instances": COLUMNS}),
        "an empty list": posted({"instances": []}),
        "a number, one feature": posted({"instances": 3}, model=ONE),
    },
    "inputs": {
        "columns": posted({"inputs": COLUMNS}),
        "columns in another order": posted({"inputs": {"bp": [2, 4], "bmi": [SENT, 3]}}),
        "columns and one of text more": posted({"inputs": {**COLUMNS, "name": ["a", "b", "c"]}}),
        "columns and one of another length more": posted({"inputs": {**COLUMNS, "age": [1]}}),
        "columns, one too few": posted({"inputs": {"bmi": [1, SENT]}}),
        "columns of other lengths": posted({"inputs": {"bmi": [1, SENT], "bp": [3]}}),
        "a column and a number": posted({"inputs": {"bmi": [1, SENT], "bp": 3}}),
        "a column of lists of one": posted({"inputs": {"bmi": [[1], [2]], "bp": [[3], [4]]}}),
        "columns that are null": posted({"inputs": {"bmi": None, "bp": None}}),
        "columns that are text": posted({"inputs": {"bmi": "1", "bp": "2"}}),
        "rows": posted({"inputs": ROWS}),
        "rows of other lengths": posted({"inputs": [[1, 2], [3]]}),
        "numbers of one feature": posted({"inputs": [0.5, SENT]}, model=ONE),
        "numbers, but two features": posted({"inputs": [0.5, SENT]}),
        "records": posted({"inputs": RECORDS}),
        "an empty list": posted({"inputs": []}),
        "a number": posted({"inputs": 3}),
    },
    "body": {
        "empty": posted(b""),
        "blank": posted(b" \n"),
        "cut off": posted(GOOD[:-1]),
        "followed by more": posted(GOOD + b" 7.0625"),
        "between blanks": posted(b"\n  " + GOOD + b"\r\n"),
        "a byte order mark": posted(b"\xef\xbb\xbf" + GOOD),
        "not UTF-8": posted(b'{"inputs": "\xff"}'),
        "escaped names": posted(b'{"inputs": {"b\\u006di": [1], "bp": [2]}}'),
        "a list": posted(ROWS),
        "an empty object": posted({}),
        "the form before MLflow 2": posted({"columns": ["bmi", "bp"], "data": ROWS}),
        "nested a thousand times": posted(b'{"inputs": ' + b"[" * 1000 + b"]" * 1000 + b"}"),
        "two forms": posted({"inputs": COLUMNS, "instances": RECORDS}),
        "a form and an unknown key": posted({"inputs": COLUMNS, "more": 1}),
        "a key for language models beside": posted({"inputs": COLUMNS, "messages": []}),
        "params": posted({"inputs": COLUMNS, "params": {"temperature": 1}}),
        "params before a table": posted({"params": {"a": [1, {"b": None}]}, **split(ROWS)}),
        "params that are a list": posted({"inputs": COLUMNS, "params": [1]}),
        "params alone": posted({"params": {}}),
    },
    "type": {
        "none": posted(GOOD, None),
        "none, and no body": posted(b"", None),
        "empty": posted(GOOD, ""),
        "JSON, charset UTF-8": posted(GOOD, "application/json;charset=UTF-8"),
        "JSON, charset in quotes": posted(GOOD, 'application/json; charset="utf-8"'),
        "JSON, charset latin-1": posted(GOOD, "application/json; charset=latin-1"),
        "JSON, format": posted(GOOD, "application/json; format=pandas-split"),
        "JSON, semicolon": posted(GOOD, "application/json;"),
        "JSON in capitals": posted(GOOD, "Application/JSON"),
        "text": posted(GOOD, "text/plain"),
        "JSON, but it is CSV": posted(b"bmi,bp\n7.0625,2\n"),
        "CSV, charset latin-1": table("bmi,bp\n1,2\n", "text/csv; charset=latin-1"),
        "CSV, header": table("bmi,bp\n1,2\n", "text/csv; header=present"),
        "CSV in capitals": table("bmi,bp\n1,2\n", "TEXT/CSV"),
        "Parquet, but it is not": posted(b"PAR1" + b"7.0625" * 10 + b"PAR1", PARQUET),
        "JSON in gzip": posted(gzip.compress(GOOD, mtime=0), **{"Content-Encoding": "gzip"}),
    },
    "CSV": {
        "in order": table("bmi,bp\n0.1,0.2\n7.0625,-4e-3\n"),
        "in another order": table("bp,bmi\n0.1,0.2\n7.0625,-4e-3\n"),
        "one feature": table("bmi\n0.5\n7.0625\n", model=ONE),
        "CRLF": table("bmi,bp\r\n1,2\r\n3,4\r\n"),
        "blank lines": table("\n\nbmi,bp\n\n1,2\n\n3,4\n\n\n"),
        "lines of blanks": table("bmi,bp\n1,2\n   \n3,4\n"),
        "quoted text with commas and newlines beside": table('name,bmi,bp\n"a, ""b""\n c",1,2\n"d",3,4\n'),
        "an open quote": table('bmi,bp\n"1,2\n3,4\n'),
        "a column more": table("bmi,bp,age\n1,2,3\n"),
        "a column of text more": table("name,bmi,bp\na,1,2\nb,3,4\n"),
        "the index as pandas writes it": table(",bmi,bp\n0,1,2\n1,3,4\n"),
        "a column twice": table("bmi,bp,bmi\n1,2,3\n"),
        "a missing cell": table("bmi,bp\n7.0625,\n3,4\n"),
        "a row that is too short": table("bmi,bp\n7.0625\n3,4\n"),
        "rows that are all too long": table("bmi,bp\n1,2,3\n4,5,6\n"),
        "a row of commas": table("bmi,bp\n1,2\n,\n"),
        "header alone": table("bmi,bp\n"),
        "no header": table("0.1,0.2\n7.0625,0.4\n"),
        "empty": table(""),
        "a byte order mark": table(b"\xef\xbb\xbfbmi,bp\n1,2\n"),
        "not UTF-8": table(b"bmi,bp,name\n1,2,\xff\n"),
        "a NUL": table(b"bmi,bp\n1,2\x00\n"),
        "text": table(f"bmi,bp\n1,{TEXT_SENT}\n"),
        "NaN": table("bmi,bp\n7.0625,NaN\n"),
        "1e999": table("bmi,bp\n7.0625,1e999\n"),
        "5e-324": table("bmi,bp\n5e-324,1\n"),
        "true": table("bmi,bp\n7.0625,True\n"),
        "a decimal comma": table('bmi,bp\n"1,5",2\n'),
        "a plus": table("bmi,bp\n+1,+2.5e+3\n"),
    },
    "route": {
        "ping": Case(TWO, b"", {}, "GET", "/ping"),
        "HEAD ping": Case(TWO, b"", {}, "HEAD", "/ping"),
        "health": Case(TWO, b"", {}, "GET", "/health"),
        "version": Case(TWO, b"", {}, "GET", "/version"),
        "PUT invocations": Case(TWO, GOOD, {"Content-Type": JSON}, "PUT"),
        "invocations and a slash": Case(TWO, GOOD, {"Content-Type": JSON}, path="/invocations/"),
        "invocations and a query": Case(TWO, GOOD, {"Content-Type": JSON}, path="/invocations?a=1"),
    },
    **{
        f"value: {what}": with_value(value, other)
        for (what, value), other in zip(VALUES.items(), cycle(list(FORMS)[1:]), strict=False)
    },
}
CASES = {f"{group}: {name}": case for group, cases in GROUPS.items() for name, case in cases.items()}
