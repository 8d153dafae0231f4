"""Large batches: the whole request beside the least that a program does with its body and its answer."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import orjson

from benchmarks.report import Finding
from benchmarks.serving.contenders import post, rows_for
from benchmarks.serving.server import ask_once
from domain.model.linear_model import LinearModel


def large_batch_findings(
    port: int, key: str, model: LinearModel, count: int, rounds: int, most_of_lists: float
) -> Iterator[Finding]:
    """Yield the time of a large batch over that of parsing it and of writing its answer with `orjson`."""
    rows, names = rows_for(model, count), model.feature_names
    numbers, records = rows[:, 0].tolist(), [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    other = ("numbers", numbers, 2) if len(names) == 1 else (f"objects of {len(names)}", records, None)
    answer = {"result": model.predict(rows).tolist()}
    for form, values, most in ((f"lists of {len(names)}", rows.tolist(), most_of_lists), other):
        request, body, turns = post("/batch", {"X": values}, key), orjson.dumps({"X": values}), []
        for _ in range(rounds + 1):
            least = _seconds(orjson.loads, body) + _seconds(orjson.dumps, answer)
            turns.append(_seconds(ask_once, port, request) / least)
        work, measure = f"JSON, {len(rows):,} rows, {form}, /batch", "the time of orjson.loads and orjson.dumps"
        yield Finding(work, measure, median(turns[1:]), most=most, rounds=rounds)


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began
