"""Large batches to Endeavour, one at a time, beside the least that their format costs."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import orjson

from benchmarks.learning.findings import Bar, Finding
from benchmarks.learning.optimum import FloatArray
from benchmarks.serving import questions
from benchmarks.serving.client import ask_once
from benchmarks.serving.contenders import Endeavour
from benchmarks.serving.scale import Scale
from benchmarks.serving.server import ROOT
from domain.linear_model import LinearModel

Measure = Callable[[], float]


@contextmanager
def yardstick() -> Iterator[Callable[[str, Path], float]]:
    """Run the yardstick's process; what is entered measures one of its works on a file, in seconds."""
    process = subprocess.Popen(  # our own module
        [sys.executable, "-m", "benchmarks.serving.yardstick"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def measure(work: str, file: Path) -> float:
        assert process.stdin  # noqa: S101  # it was opened with pipes
        assert process.stdout  # noqa: S101  # the same
        process.stdin.write(json.dumps([work, str(file)]) + "\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    with process:
        yield measure
        process.stdin.close()  # type: ignore[union-attr]  # it was asked for


def json_findings(
    of_one: Endeavour, of_all: Endeavour, models: tuple[LinearModel, LinearModel], scale: Scale, folder: Path
) -> Iterator[Finding]:
    """Yield how many times as long a large batch takes as parsing it and writing its answer.

    Parameters
    ----------
    of_one, of_all : Endeavour
        Serving one feature, and all of them.
    models : tuple of LinearModel
        That they serve.
    """
    narrow, wide = (questions.rows_for(model, scale.json_rows) for model in models)
    names = models[1].feature_names
    works = [
        ("numbers", of_one, questions.numbers_body(narrow), Bar(most=2)),
        ("lists of 1", of_one, questions.batch_body(narrow), Bar(most=2)),
        (f"lists of {len(names)}", of_all, questions.batch_body(wide), Bar(most=2)),
        (f"objects of {len(names)}", of_all, _objects(names, wide), None),
    ]
    with yardstick() as measure:
        for number, (form, running, body, bar) in enumerate(works):
            # A file of its own: the yardstick reads each once.
            file = folder / f"body-{number}"
            file.write_bytes(body)
            took, least = _in_turns(
                scale,
                lambda running=running, body=body: _seconds(running.server.port, running.asked("/batch", body)),  # type: ignore[misc]  # bound now
                lambda file=file: measure("parsed_and_written", file),  # type: ignore[misc]  # the same
            )
            work = f"JSON, {scale.json_rows:,} rows, {form}, /batch"
            yield Finding(work, "the time of orjson.loads and orjson.dumps", took / least, bar, rounds=str(scale.runs))


def _in_turns(scale: Scale, *works: Measure) -> list[float]:
    """Return the median seconds of each; a turn that does not count comes first."""
    told: list[list[float]] = [[] for _ in works]
    for _ in range(scale.runs + 1):
        for seconds, work in zip(told, works, strict=True):
            seconds.append(work())
    return [median(seconds[1:]) for seconds in told]


def _seconds(port: int, request: bytes) -> float:
    began = time.perf_counter()
    ask_once(port, request, keep=False)
    return time.perf_counter() - began


def _objects(names: tuple[str, ...], rows: FloatArray) -> bytes:
    return orjson.dumps({"X": [dict(zip(names, row, strict=True)) for row in rows.tolist()]})
