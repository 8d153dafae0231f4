"""Kinds of models and of bodies: what an answer of one worker costs for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import orjson
from pyarrow import csv

from benchmarks import report
from benchmarks.report import ROOT
from benchmarks.serving.contenders import INFER, endeavour, post, trained
from benchmarks.serving.server import Server, ask_once
from benchmarks.serving.turns import FEW_CONNECTIONS, take_turns
from domain.features.encoding import AnyColumn

DATA = ROOT / "entrypoints/data"
# By kind: the table, and how a model of it is trained; without options, `endeavour train` reads the diabetes data.
KINDS = {
    "one number": ("diabetes.csv", ["--features", "bmi"]),
    "ten numbers": ("diabetes.csv", ["--features", "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6"]),
    "numbers, texts, a boolean and a date": ("houses.csv", ["--data", str(DATA / "houses.csv"), "--target", "price"]),
}
DATATYPES = {"number": "FP64", "boolean": "BOOL", "category": "BYTES", "datetime": "BYTES"}


def costs_by_kind(folder: Path, rows: int, seconds: float, rounds: int) -> str:
    """Return a table of the CPU time of an answer, by kind of model and form of the body."""
    asked: dict[str, dict[str, tuple[Server, bytes]]] = defaultdict(dict)
    with ExitStack() as running:
        for kind, (name, options) in KINDS.items():
            columns = trained(place := folder / kind, *options).model.encoding.columns
            server, key = endeavour(place, workers=1)
            running.enter_context(server)
            for form, (path, body) in _bodies(columns, _records(DATA / name, columns, rows)).items():
                asked[form][kind] = server, (request := post(path, body, key))
                ask_once(server.port, request)  # raises an error if the answer is not 200
        turns = {form: take_turns(each, seconds, rounds, FEW_CONNECTIONS) for form, each in asked.items()}
    costs = [(kind, *(f"{1e6 * each[kind].cost:,.0f} µs" for each in turns.values())) for kind in KINDS]
    return report.table(("model of", *turns), costs)


def _records(table: Path, columns: Sequence[AnyColumn], count: int) -> list[dict[str, object]]:
    """Return so many rows of the table by name, again from the first one after the last."""
    rows = csv.read_csv(table).select([column.name for column in columns]).to_pylist()
    plain = orjson.loads(orjson.dumps(rows))  # dates become texts
    return [plain[place % len(plain)] for place in range(count)]


def _bodies(
    columns: Sequence[AnyColumn], records: Sequence[Mapping[str, object]]
) -> dict[str, tuple[str, dict[str, object]]]:
    """Return the path and the body of each form: of one record, then of all."""
    count, names = len(records), [column.name for column in columns]
    lists = [[record[name] for name in names] for record in records]
    tensors = [
        {"name": column.name, "datatype": DATATYPES[column.kind], "shape": [count], "data": list(cells)}
        for column, cells in zip(columns, zip(*lists, strict=True), strict=True)
    ]
    return {
        "/stream, one record": ("/stream", {"X": records[0]}),
        f"/batch, {count:,} lists": ("/batch", {"X": lists}),
        f"/batch, {count:,} records": ("/batch", {"X": records}),
        "V2, a tensor a column": (INFER, {"inputs": tensors}),
        "/invocations, dataframe_split": ("/invocations", {"dataframe_split": {"columns": names, "data": lists}}),
    }
