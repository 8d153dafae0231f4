"""The requests that are sent to `mlflow models serve` and to Endeavour; one model has a feature, the other has two."""

import gzip
import json
from io import BytesIO
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
ONE, TWO = "one", "two"
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


def parquet() -> bytes:
    written = BytesIO()
    pq.write_table(pa.table({"bmi": [1.5, SENT], "bp": [3.0, 2.0]}), written)
    return written.getvalue()


ROWS = [[0.1, 0.2], [0.3, -0.4], [SENT, 7e-3]]
RECORDS = [{"bmi": bmi, "bp": bp} for bmi, bp in ROWS]
COLUMNS = {"bmi": [row[0] for row in ROWS], "bp": [row[1] for row in ROWS]}
IN_ORDER = posted(split(ROWS))
GOOD = IN_ORDER.body


FORMS = {
    "split": b'{"dataframe_split": {"columns": ["bmi", "bp"], "data": [[1.5, %s], [7.0625, 2]]}}',
    "records": b'{"dataframe_records": [{"bmi": 1.5, "bp": %s}, {"bmi": 7.0625, "bp": 2}]}',
    "instances": b'{"instances": [{"bmi": 1.5, "bp": %s}, {"bmi": 7.0625, "bp": 2}]}',
    "inputs": b'{"inputs": {"bmi": [1.5, 7.0625], "bp": [%s, 2]}}',
}
FLAT_NAME, FLAT = "flat inputs", b'{"inputs": [7.0625, %s]}'


def with_value(value: str) -> dict[str, Case]:
    """Return the same table in every form of JSON, with `value` as one of its values."""
    written = value.encode()
    tables = {form: posted(body % written) for form, body in FORMS.items()}
    return {**tables, FLAT_NAME: posted(FLAT % written, model=ONE)}


VALUES = {
    "an int": "3",
    "a negative zero": "-0.0",
    "an int of 2**53 + 1": "9007199254740993",
    "an int of 2**63": "9223372036854775808",
    "an int of 2**64": "18446744073709551616",
    "an int of 30 digits": "123456789012345678901234567890",
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
    "an empty text": '""',
    "text": f'"{TEXT_SENT}"',
    "a list": "[3]",
    "an empty list": "[]",
    "an object": '{"a": 3}',
}

SPLIT = {
    "in order": IN_ORDER,
    "in another order": posted(split([row[::-1] for row in ROWS], ["bp", "bmi"])),
    "with an index": posted(split(ROWS, index=[7, 8, 9])),
    "with an index of text": posted(split(ROWS, index=["a", "b", "c"])),
    "with an index that is null": posted(split(ROWS, index=None)),
    "with an index that is too short": posted(split(ROWS, index=[0])),
    "with an index that repeats": posted(split(ROWS, index=[1, 1, 1])),
    "one row": posted(split(ROWS[:1])),
    "ints": posted(split([[1, 2], [3, 4]])),
    "ints and floats": posted(split([[1, 2.5], [3.5, 4]])),
    "a column more": posted(split([[*row, 5] for row in ROWS], ["bmi", "bp", "age"])),
    "a column of text more": posted(split([["a", *row] for row in ROWS], ["name", "bmi", "bp"])),
    "a column of null and NaN more": posted(split([[None, 1, 2], [float("nan"), 3, 4]], ["age", "bmi", "bp"])),
    "a column of null more": posted(split([[None, 1, 2], [None, 3, 4]], ["age", "bmi", "bp"])),
    "a column of lists more": posted(split([[[1], 1, 2], [[2], 3, 4]], ["age", "bmi", "bp"])),
    "a column too few": posted(split([[1], [2]], ["bmi"])),
    "a column of another name": posted(split(ROWS, ["bmi", "pb"])),
    "names in capitals": posted(split(ROWS, ["BMI", "BP"])),
    "a column twice": posted(split([[1, 2, 3]], ["bmi", "bp", "bmi"])),
    "an extra column twice": posted(split([[1, 2, 3, 4]], ["bmi", "bp", "age", "age"])),
    "no columns": posted({"dataframe_split": {"data": ROWS}}),
    "no columns, one feature": posted({"dataframe_split": {"data": [[1], [2]]}}, model=ONE),
    "no columns, too few values": posted({"dataframe_split": {"data": [[1], [2]]}}),
    "no columns, too many values": posted({"dataframe_split": {"data": [[1, 2, 3]]}}),
    "columns are null": posted(split(ROWS, None)),
    "columns are an empty list": posted(split(ROWS, [])),
    "columns are a text": posted(split(ROWS, "bmi")),
    "columns are an object": posted(split(ROWS, {"bmi": 0, "bp": 1})),
    "columns are numbers": posted(split(ROWS, [0, 1])),
    "columns are one number": posted(split(ROWS, 2)),
    "columns are lists": posted(split(ROWS, [["bmi", "bp"]])),
    "columns hold null": posted(split([[1, 2, 3]], ["bmi", "bp", None])),
    "columns are more than the values": posted(split([[1, 2]], ["bmi", "bp", "age"])),
    "columns are fewer than the values": posted(split([[1, 2, 3]], ["bmi", "bp"])),
    "a row is too short": posted(split([[1, 2], [3]])),
    "a row is too long": posted(split([[1, 2], [3, 4, 5]])),
    "a row is a number": posted(split([[1, 2], 3])),
    "a row is null": posted(split([[1, 2], None])),
    "a row is text": posted(split([[1, 2], TEXT_SENT])),
    "rows are objects": posted(split(RECORDS)),
    "rows are objects, columns in another order": posted(split(RECORDS, ["bp", "bmi"])),
    "rows are objects without columns": posted({"dataframe_split": {"data": RECORDS}}),
    "rows are an object, columns by name": posted(split(COLUMNS)),
    "data are numbers, one feature": posted(split([0.5, SENT], ["bmi"]), model=ONE),
    "data are numbers, two features": posted(split([0.5, SENT])),
    "data are one number": posted(split(3)),
    "data are three deep": posted(split([[[1, 2]], [[3, 4]]])),
    "data are null": posted(split(None)),
    "data are text": posted(split(TEXT_SENT)),
    "data are an empty list": posted(split([])),
    "data are an empty list, and no columns": posted({"dataframe_split": {"data": []}}),
    "data are an empty list, a column too few": posted(split([], ["bmi"])),
    "data are an empty list of an empty list": posted(split([[]])),
    "data are empty lists": posted(split([[], []])),
    "no data": posted({"dataframe_split": {"columns": ["bmi", "bp"]}}),
    "an unknown key": posted(split(ROWS, dtype="float64")),
    "a key twice": posted(b'{"dataframe_split": {"data": [[1, 2]], "data": [[3, 4]], "columns": ["bmi", "bp"]}}'),
    "a list": posted({"dataframe_split": ROWS}),
    "text": posted({"dataframe_split": TEXT_SENT}),
    "null": posted({"dataframe_split": None}),
}

RECORD = {
    "in order": posted({"dataframe_records": RECORDS}),
    "in another order": posted({"dataframe_records": [{"bp": 2, "bmi": SENT}, {"bmi": 3, "bp": 4}]}),
    "one": posted({"dataframe_records": RECORDS[:1]}),
    "one feature": posted({"dataframe_records": [{"bmi": 0.2}, {"bmi": SENT}]}, model=ONE),
    "a feature more": posted({"dataframe_records": [{**record, "age": 5} for record in RECORDS]}),
    "a feature more in one": posted({"dataframe_records": [*RECORDS, {"bmi": 1, "bp": 2, "age": 5}]}),
    "a feature of text more": posted({"dataframe_records": [{**record, "name": "a"} for record in RECORDS]}),
    "a feature too few": posted({"dataframe_records": [{"bmi": 1}, {"bmi": 2}]}),
    "a feature too few in one": posted({"dataframe_records": [*RECORDS, {"bmi": SENT}]}),
    "a feature too few in the first": posted({"dataframe_records": [{"bmi": SENT}, *RECORDS]}),
    "an empty list": posted({"dataframe_records": []}),
    "an empty record": posted({"dataframe_records": [{}]}),
    "an empty record among others": posted({"dataframe_records": [*RECORDS, {}]}),
    "a key twice": posted(b'{"dataframe_records": [{"bmi": 1, "bmi": 3, "bp": 2}]}'),
    "an object": posted({"dataframe_records": RECORDS[0]}),
    "an object of columns": posted({"dataframe_records": COLUMNS}),
    "lists": posted({"dataframe_records": ROWS}),
    "lists of one feature": posted({"dataframe_records": [[1], [2]]}, model=ONE),
    "numbers of one feature": posted({"dataframe_records": [1, 2]}, model=ONE),
    "records and a list": posted({"dataframe_records": [*RECORDS, [1, 2]]}),
    "records and null": posted({"dataframe_records": [*RECORDS, None]}),
    "text": posted({"dataframe_records": TEXT_SENT}),
    "null": posted({"dataframe_records": None}),
}

INSTANCES = {
    "records": posted({"instances": RECORDS}),
    "records in another order": posted({"instances": [{"bp": 2, "bmi": SENT}]}),
    "records with a feature more": posted({"instances": [{**record, "age": 5} for record in RECORDS]}),
    "records with a feature more in one": posted({"instances": [*RECORDS, {"bmi": 1, "bp": 2, "age": 5}]}),
    "records with a feature of text more": posted({"instances": [{**record, "name": "a"} for record in RECORDS]}),
    "records with a feature too few": posted({"instances": [{"bmi": 1}]}),
    "records with a feature too few in one": posted({"instances": [*RECORDS, {"bmi": SENT}]}),
    "records that lack one feature each": posted({"instances": [{"bmi": 1}, {"bp": 2}]}),
    "records of lists": posted({"instances": [{"bmi": [1, 2], "bp": [3, 4]}]}),
    "records and a list": posted({"instances": [*RECORDS, [1, 2]]}),
    "a list and records": posted({"instances": [[1, 2], *RECORDS]}),
    "rows": posted({"instances": ROWS}),
    "rows of one feature": posted({"instances": [[0.5], [SENT]]}, model=ONE),
    "numbers of one feature": posted({"instances": [0.5, SENT]}, model=ONE),
    "numbers, but two features": posted({"instances": [0.5, SENT]}),
    "rows three deep": posted({"instances": [[[1, 2]], [[3, 4]]]}),
    "columns": posted({"instances": COLUMNS}),
    "columns of other lengths": posted({"instances": {"bmi": [1, 2], "bp": [3]}}),
    "an object of numbers": posted({"instances": {"bmi": 1, "bp": 2}}),
    "an empty list": posted({"instances": []}),
    "an empty list, one feature": posted({"instances": []}, model=ONE),
    "an empty object": posted({"instances": {}}),
    "an empty record": posted({"instances": [{}]}),
    "a number": posted({"instances": 3}),
    "a number, one feature": posted({"instances": 3}, model=ONE),
    "text": posted({"instances": TEXT_SENT}),
    "null": posted({"instances": None}),
}

INPUTS = {
    "columns": posted({"inputs": COLUMNS}),
    "columns in another order": posted({"inputs": {"bp": [2, 4], "bmi": [SENT, 3]}}),
    "columns of ints": posted({"inputs": {"bmi": [1, 2], "bp": [3, 4]}}),
    "columns of one value": posted({"inputs": {"bmi": [1], "bp": [2]}}),
    "columns and one more": posted({"inputs": {**COLUMNS, "age": [1, 2, 3]}}),
    "columns and one of text more": posted({"inputs": {**COLUMNS, "name": ["a", "b", "c"]}}),
    "columns and one of another length more": posted({"inputs": {**COLUMNS, "age": [1]}}),
    "columns and a number more": posted({"inputs": {**COLUMNS, "age": 1}}),
    "columns, one too few": posted({"inputs": {"bmi": [1, SENT]}}),
    "columns of other lengths": posted({"inputs": {"bmi": [1, SENT], "bp": [3]}}),
    "a column and a number": posted({"inputs": {"bmi": [1, SENT], "bp": 3}}),
    "a column of lists of one": posted({"inputs": {"bmi": [[1], [2]], "bp": [[3], [4]]}}),
    "a column of lists of one, one feature": posted({"inputs": {"bmi": [[1], [2]]}}, model=ONE),
    "a column of lists of two": posted({"inputs": {"bmi": [[1, 2]], "bp": [[3, 4]]}}),
    "a key twice": posted(b'{"inputs": {"bmi": [1], "bp": [2], "bmi": [3]}}'),
    "numbers by name": posted({"inputs": {"bmi": 1, "bp": 2}}),
    "a number by name, one feature": posted({"inputs": {"bmi": SENT}}, model=ONE),
    "empty columns": posted({"inputs": {"bmi": [], "bp": []}}),
    "an empty column and another": posted({"inputs": {"bmi": [], "bp": [1]}}),
    "columns that are null": posted({"inputs": {"bmi": None, "bp": None}}),
    "columns that are text": posted({"inputs": {"bmi": "1", "bp": "2"}}),
    "columns that are objects": posted({"inputs": {"bmi": {"0": 1, "1": 2}, "bp": {"0": 3, "1": 4}}}),
    "rows": posted({"inputs": ROWS}),
    "rows of one feature": posted({"inputs": [[0.5], [SENT]]}, model=ONE),
    "rows of two values, one feature": posted({"inputs": [[1, 2], [3, 4]]}, model=ONE),
    "rows of other lengths": posted({"inputs": [[1, 2], [3]]}),
    "rows of other lengths, one feature": posted({"inputs": [[1], [2, 3]]}, model=ONE),
    "rows three deep": posted({"inputs": [[[1, 2]], [[3, 4]]]}),
    "rows three deep, one feature": posted({"inputs": [[[1]], [[2]]]}, model=ONE),
    "numbers of one feature": posted({"inputs": [0.5, SENT]}, model=ONE),
    "ints of one feature": posted({"inputs": [1, 2]}, model=ONE),
    "numbers and a list, one feature": posted({"inputs": [0.5, [SENT]]}, model=ONE),
    "numbers, but two features": posted({"inputs": [0.5, SENT]}),
    "records": posted({"inputs": RECORDS}),
    "records with a feature more": posted({"inputs": [{**record, "age": 5} for record in RECORDS]}),
    "records with a feature too few": posted({"inputs": [{"bmi": 1}, {"bmi": SENT}]}),
    "records with a feature too few in one": posted({"inputs": [*RECORDS, {"bmi": SENT}]}),
    "records and a list": posted({"inputs": [*RECORDS, [1, 2]]}),
    "an empty list": posted({"inputs": []}),
    "an empty list, one feature": posted({"inputs": []}, model=ONE),
    "an empty list of an empty list": posted({"inputs": [[]]}),
    "an empty object": posted({"inputs": {}}),
    "a number": posted({"inputs": 3}),
    "a number, one feature": posted({"inputs": 3}, model=ONE),
    "text": posted({"inputs": TEXT_SENT}),
    "true": posted({"inputs": True}),
    "null": posted({"inputs": None}),
}

BODY = {
    "empty": posted(b""),
    "blank": posted(b" \n"),
    "cut off": posted(GOOD[:-1]),
    "followed by more": posted(GOOD + b" 7.0625"),
    "with a comma too many": posted(b'{"inputs": {"bmi": [7.0625,], "bp": [2]}}'),
    "in single quotes": posted(b"{'inputs': {'bmi': [7.0625], 'bp': [2]}}"),
    "with a comment": posted(b"/* 7.0625 */ " + GOOD),
    "between blanks": posted(b"\n  " + GOOD + b"\r\n"),
    "a byte order mark": posted(b"\xef\xbb\xbf" + GOOD),
    "UTF-16": posted(GOOD.decode().encode("utf-16")),
    "not UTF-8": posted(b'{"inputs": "\xff"}'),
    "escaped names": posted(b'{"inputs": {"b\\u006di": [1], "bp": [2]}}'),
    "a list": posted(ROWS),
    "a number": posted(b"7.0625"),
    "text": posted(TEXT_SENT),
    "null": posted(b"null"),
    "true": posted(b"true"),
    "an empty object": posted({}),
    "an unknown key alone": posted({TEXT_SENT: ROWS}),
    "the blueprint's own form": posted({"X": ROWS}),
    "the form before MLflow 2": posted({"columns": ["bmi", "bp"], "data": ROWS}),
    "nested a thousand times": posted(b'{"inputs": ' + b"[" * 1000 + b"]" * 1000 + b"}"),
    "nested a hundred thousand times": posted(b'{"inputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "two forms": posted({"inputs": COLUMNS, "instances": RECORDS}),
    "two forms of tables": posted({**split(ROWS), "dataframe_records": RECORDS}),
    "a form twice": posted(b'{"inputs": {"bmi": [1], "bp": [2]}, "inputs": {"bmi": [3], "bp": [4]}}'),
    "a form and an unknown key": posted({"inputs": COLUMNS, "more": 1}),
    "a table and an unknown key": posted({**split(ROWS), "more": {"a": [1]}}),
    "signature_name beside": posted({"inputs": COLUMNS, "signature_name": "serving_default"}),
    "a key for language models beside": posted({"inputs": COLUMNS, "messages": []}),
    "a key for language models alone": posted({"prompt": TEXT_SENT}),
    "no params": posted({"inputs": COLUMNS, "params": {}}),
    "params": posted({"inputs": COLUMNS, "params": {"temperature": 1}}),
    "params before a table": posted({"params": {"a": [1, {"b": None}]}, **split(ROWS)}),
    "params that are null": posted({"inputs": COLUMNS, "params": None}),
    "params that are a list": posted({"inputs": COLUMNS, "params": [1]}),
    "params that are text": posted({"inputs": COLUMNS, "params": "a"}),
    "params alone": posted({"params": {}}),
    "params with a key twice": posted(b'{"inputs": {"bmi": [1], "bp": [2]}, "params": {"a": 1, "a": 2}}'),
}

TYPE = {
    "none": posted(GOOD, None),
    "none, and no body": posted(b"", None),
    "empty": posted(GOOD, ""),
    "JSON, charset utf-8": posted(GOOD, "application/json; charset=utf-8"),
    "JSON, charset UTF-8": posted(GOOD, "application/json;charset=UTF-8"),
    "JSON, charset in quotes": posted(GOOD, 'application/json; charset="utf-8"'),
    "JSON, Charset": posted(GOOD, "application/json; Charset=utf-8"),
    "JSON, charset latin-1": posted(GOOD, "application/json; charset=latin-1"),
    "JSON, charset empty": posted(GOOD, "application/json; charset="),
    "JSON, format": posted(GOOD, "application/json; format=pandas-split"),
    "JSON, charset and format": posted(GOOD, "application/json; charset=utf-8; format=pandas-records"),
    "JSON, semicolon": posted(GOOD, "application/json;"),
    "JSON in capitals": posted(GOOD, "Application/JSON"),
    "JSON of problems": posted(GOOD, "application/problem+json"),
    "JSON of text": posted(GOOD, "text/json"),
    "text": posted(GOOD, "text/plain"),
    "form": posted(GOOD, "application/x-www-form-urlencoded"),
    "multipart": posted(GOOD, "multipart/form-data; boundary=x"),
    "octets": posted(GOOD, "application/octet-stream"),
    "anything": posted(GOOD, "*/*"),
    "not a type": posted(GOOD, TEXT_SENT),
    "Parquet": posted(parquet(), PARQUET),
    "Parquet, but it is not": posted(b"PAR1" + b"7.0625" * 10 + b"PAR1", PARQUET),
    "CSV, but it is JSON": posted(GOOD, CSV),
    "JSON, but it is CSV": posted(b"bmi,bp\n7.0625,2\n"),
    "CSV, charset utf-8": table("bmi,bp\n1,2\n", "text/csv; charset=utf-8"),
    "CSV, charset latin-1": table("bmi,bp\n1,2\n", "text/csv; charset=latin-1"),
    "CSV, header": table("bmi,bp\n1,2\n", "text/csv; header=present"),
    "CSV in capitals": table("bmi,bp\n1,2\n", "TEXT/CSV"),
    "JSON in gzip": posted(gzip.compress(GOOD, mtime=0), **{"Content-Encoding": "gzip"}),
    "JSON, said to be in gzip": posted(GOOD, **{"Content-Encoding": "gzip"}),
    "JSON, identity": posted(GOOD, **{"Content-Encoding": "identity"}),
}

CSVS = {
    "in order": table("bmi,bp\n0.1,0.2\n7.0625,-4e-3\n"),
    "in another order": table("bp,bmi\n0.1,0.2\n7.0625,-4e-3\n"),
    "one feature": table("bmi\n0.5\n7.0625\n", model=ONE),
    "ints": table("bmi,bp\n1,2\n3,4\n"),
    "no newline at the end": table("bmi,bp\n1,2"),
    "CRLF": table("bmi,bp\r\n1,2\r\n3,4\r\n"),
    "CR": table("bmi,bp\r1,2\r3,4\r"),
    "blank lines": table("\n\nbmi,bp\n\n1,2\n\n3,4\n\n\n"),
    "blank lines, one feature": table("bmi\n1\n\n2\n", model=ONE),
    "lines of blanks": table("bmi,bp\n1,2\n   \n3,4\n"),
    "lines of blanks, one feature": table("bmi\n1\n  \n3\n", model=ONE),
    "lines of blanks beside quotes": table('"bmi","bp"\n1,2\n   \n3,4\n'),
    "blanks around values": table("bmi,bp\n 1 , 2\n\t3,4 \n"),
    "blanks around names": table("bmi, bp\n1,2\n"),
    "quoted names": table('"bmi","bp"\n1,2\n'),
    "quoted numbers": table('bmi,bp\n"1","2"\n3,"4"\n'),
    "quoted text with commas and newlines beside": table('name,bmi,bp\n"a, ""b""\n c",1,2\n"d",3,4\n'),
    "a quote in the middle": table('bmi,bp\n1"2,3\n'),
    "an open quote": table('bmi,bp\n"1,2\n3,4\n'),
    "a column more": table("bmi,bp,age\n1,2,3\n"),
    "a column of text more": table("name,bmi,bp\na,1,2\nb,3,4\n"),
    "an empty column more": table("bmi,bp,age\n1,2,\n3,4,\n"),
    "the index as pandas writes it": table(",bmi,bp\n0,1,2\n1,3,4\n"),
    "a column too few": table("bmi\n7.0625\n"),
    "a column of another name": table("bmi,pb\n7.0625,2\n"),
    "a column twice": table("bmi,bp,bmi\n1,2,3\n"),
    "an extra column twice": table("bmi,bp,age,age\n1,2,3,4\n"),
    "a missing cell": table("bmi,bp\n7.0625,\n3,4\n"),
    "a row that is too short": table("bmi,bp\n7.0625\n3,4\n"),
    "a row that is too short beside": table("bmi,bp,age\n1,2\n3,4,5\n"),
    "a row that is too long": table("bmi,bp\n1,2\n3,4,7.0625\n"),
    "rows that are all too long": table("bmi,bp\n1,2,3\n4,5,6\n"),
    "rows that end in a comma": table("bmi,bp\n1,2,\n3,4,\n"),
    "a row that ends in a comma": table("bmi,bp\n1,2\n3,4,\n"),
    "a row of commas": table("bmi,bp\n1,2\n,\n"),
    "header alone": table("bmi,bp\n"),
    "header alone, a column too few": table("bmi\n"),
    "no header": table("0.1,0.2\n7.0625,0.4\n"),
    "no header, one feature": table("0.1\n7.0625\n", model=ONE),
    "empty": table(""),
    "newlines": table("\n\n"),
    "blanks": table("   "),
    "semicolons": table("bmi;bp\n1;2\n"),
    "tabs": table("bmi\tbp\n1\t2\n"),
    "a comment": table("# 7.0625\nbmi,bp\n1,2\n"),
    "a byte order mark": table(b"\xef\xbb\xbfbmi,bp\n1,2\n"),
    "UTF-16": table("bmi,bp\n1,2\n".encode("utf-16")),
    "not UTF-8": table(b"bmi,bp,name\n1,2,\xff\n"),
    "a NUL": table(b"bmi,bp\n1,2\x00\n"),
    "a NUL beside": table(b"bmi,bp,name\n1,2,a\x00b\n"),
    "text": table(f"bmi,bp\n1,{TEXT_SENT}\n"),
    "NaN": table("bmi,bp\n7.0625,NaN\n"),
    "NA": table("bmi,bp\n7.0625,NA\n"),
    "null": table("bmi,bp\n7.0625,null\n"),
    "inf": table("bmi,bp\n7.0625,inf\n"),
    "-Infinity": table("bmi,bp\n7.0625,-Infinity\n"),
    "1e999": table("bmi,bp\n7.0625,1e999\n"),
    "1e308": table("bmi,bp\n1e308,1e308\n"),
    "5e-324": table("bmi,bp\n5e-324,1\n"),
    "2**53 + 1": table("bmi,bp\n9007199254740993,0\n"),
    "17 digits": table("bmi,bp\n0.10000000000000001,0.12345678901234568\n"),
    "40 digits": table("bmi,bp\n0.1234567890123456789012345678901234567890,1234567890123456789012345678901234567890\n"),
    "true": table("bmi,bp\n7.0625,True\n"),
    "hexadecimal": table("bmi,bp\n0x10,2\n"),
    "an underscore": table("bmi,bp\n1_000,2\n"),
    "thousands": table('bmi,bp\n"1,000",2\n'),
    "a decimal comma": table('bmi,bp\n"1,5",2\n'),
    "a plus": table("bmi,bp\n+1,+2.5e+3\n"),
    "a bare point": table("bmi,bp\n.5,5.\n"),
    "an exponent of D": table("bmi,bp\n1D5,2\n"),
    "a percentage": table("bmi,bp\n1%,2\n"),
    "Arabic digits": table("bmi,bp\n١,٢\n"),
    "a no-break space": table("bmi,bp\n1\u00a0,2\n"),
}

ROUTES = {
    "ping": Case(TWO, b"", {}, "GET", "/ping"),
    "HEAD ping": Case(TWO, b"", {}, "HEAD", "/ping"),
    "POST ping": Case(TWO, b"", {}, "POST", "/ping"),
    "health": Case(TWO, b"", {}, "GET", "/health"),
    "version": Case(TWO, b"", {}, "GET", "/version"),
    "POST version": Case(TWO, b"", {}, "POST", "/version"),
    "GET invocations": Case(TWO, b"", {}, "GET"),
    "PUT invocations": Case(TWO, GOOD, {"Content-Type": JSON}, "PUT"),
    "OPTIONS invocations": Case(TWO, b"", {}, "OPTIONS"),
    "invocations and a slash": Case(TWO, GOOD, {"Content-Type": JSON}, path="/invocations/"),
    "invocations and a query": Case(TWO, GOOD, {"Content-Type": JSON}, path="/invocations?a=1"),
}

GROUPS = {
    "split": SPLIT,
    "records": RECORD,
    "instances": INSTANCES,
    "inputs": INPUTS,
    "body": BODY,
    "type": TYPE,
    "CSV": CSVS,
    "route": ROUTES,
    **{f"value: {what}": with_value(value) for what, value in VALUES.items()},
}
CASES = {f"{group}: {name}": case for group, cases in GROUPS.items() for name, case in cases.items()}
