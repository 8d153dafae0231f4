"""`python -m benchmarks.serving`: measure, compare with the bars, and write part of docs/benchmarks.md on request."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import orjson

from benchmarks import report
from benchmarks.report import MEGABYTES, SECONDS, Finding
from benchmarks.serving import contenders
from benchmarks.serving.client import ask_once, load
from benchmarks.serving.contenders import HERE, Contender, batch, endeavour, post, trained
from benchmarks.serving.server import Server
from domain.linear_model import LinearModel

NARROW, WIDE = "bmi", "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6"
# Of each other server: whose protocol Endeavour speaks too, and the least ratios for one record and for many rows of
# one feature.
BARS = {"mlflow models serve": ("MLflow's", 20, 50), "MLServer": ("V2", 5, 5), "bare Flask view": ("", 0.6, None)}
LIBRARIES = ("flask", "granian", "numpy", "orjson", "mlflow", "uvicorn")
ON = "validation, access log, request id, metrics, an API key"
CONNECTIONS, ROWS, WARM_UP_SECONDS, MAX_WORKER_MEGABYTES = 16, 1_000, 0.5, 80
Turns = dict[str, list[tuple[float, float]]]


class Scale(NamedTuple):
    """Turns of each server, seconds of a turn, and rows of a large batch."""

    runs: int
    seconds: float
    large_rows: int


@click.command()
@click.option("--quick", is_flag=True, help="Measure for seconds; bars are not judged.")
@click.option("--without-mlserver", is_flag=True, help="Do not install and measure MLServer.")
@click.option("--write", is_flag=True, help="Write docs/benchmarks.md.")
def main(*, quick: bool, without_mlserver: bool, write: bool) -> None:
    """Measure the server beside others; end with 1 if a bar is missed."""
    scale, before = Scale(1, 0.3, 2_000) if quick else Scale(5, 3.0, 100_000), report.load_average()
    findings, tables = [], []
    with TemporaryDirectory(prefix="endeavour-bench-") as name:
        for features in (NARROW, WIDE):
            found = _beside_others(features, scale, Path(name), with_mlserver=not without_mlserver)
            findings += found[0]
            tables += found[1]
        findings += _starts(Path(name) / NARROW, scale)
    version = re.findall(r"^mlserver==(\S+)", (HERE / "requirements-mlserver.txt").read_text(), re.MULTILINE)[0]
    parts = {
        "server findings": report.findings_table(findings),
        "servers": "\n\n".join(tables),
        "server environment": report.environment(LIBRARIES, before, MLServer=version, Endeavour=ON),
    }
    sys.exit(report.publish(findings, parts, write=write, judge=not (quick or without_mlserver)))


def _beside_others(
    features: str, scale: Scale, folder: Path, *, with_mlserver: bool
) -> tuple[list[Finding], list[str]]:
    """Return what was found with a model of these features, and the tables of all servers."""
    folder /= features
    model = trained(features, folder)
    rows, size = contenders.rows_for(model, ROWS), features.count(",") + 1
    name = f"{size} features" if size > 1 else "one feature"
    with ExitStack() as running:
        ours, key = endeavour(folder)
        running.enter_context(ours)
        servers = list(contenders.of_endeavour(ours, key, model, rows))
        for start in (contenders.bare_flask, contenders.at_once, contenders.mlflow_serving, contenders.mlserver):
            if with_mlserver or start is not contenders.mlserver:
                servers.append(start(folder, model, rows))
                running.enter_context(servers[-1].server)
        for each in servers:
            contenders.require_predictions(each, model.predict(rows))
        one = _contest({each: each.one for each in servers}, scale)
        many = _contest({each: each.many for each in servers if each.many}, scale)
        memory = {each.name: each.server.megabytes() for each in servers}
        findings = [
            *_ratios(one, f"one record, {name}", "/stream", scale, 1 if size == 1 else None),
            *_ratios(many, f"{ROWS:,} rows, {name}", "/batch", scale, 2 if size == 1 else None),
            _memory(ours, f"after all this, {name}", MAX_WORKER_MEGABYTES if size == 1 else None),
            *_large_batches(ours, key, model, scale),
            _memory(ours, f"after large batches, {name}"),
        ]
    kinds = (("one record a request", one), (f"{ROWS:,} rows a request", many))
    return findings, [f"#### All servers, {name}, {kind}\n\n{_table(turns, memory)}" for kind, turns in kinds]


def _contest(requests: Mapping[Contender, bytes], scale: Scale) -> Turns:
    """Let the servers take turns while the others are idle; note rate and cost, in seconds of a core, of answers."""
    turns: Turns = {each.name: [] for each in requests}
    for _ in range(scale.runs):
        for each, request in requests.items():
            before = each.server.cpu_seconds()
            rate, answers = load(each.server.port, request, CONNECTIONS, WARM_UP_SECONDS, scale.seconds)
            turns[each.name].append((rate, (each.server.cpu_seconds() - before) / answers))
    return turns


def _medians(turns: Turns) -> dict[str, tuple[float, float]]:
    return {name: (median(rate for rate, _ in each), median(cost for _, cost in each)) for name, each in turns.items()}


def _ratios(turns: Turns, work: str, route: str, scale: Scale, judged: int | None) -> Iterator[Finding]:
    """Yield the rates of Endeavour over those of the others; `judged` is the place of the bar."""
    found = _medians(turns)
    for other, bars in BARS.items():
        protocol = f"{bars[0]} protocol"
        for ours, path in (("Endeavour", route), (f"Endeavour, {protocol}", f"by {protocol}")):
            if other in found and ours in found:
                least = bars[judged] if judged and path == route else None
                ratio, measure = found[ours][0] / found[other][0], f"requests a second, over {other}"
                yield Finding(f"{work}, {path}", measure, ratio, least, rounds=str(scale.runs))


def _table(turns: Turns, memory: Mapping[str, float]) -> str:
    """Return rates and costs of all servers, also over those of Endeavour, the quickest first."""
    header = ("server", "requests a second", "÷ Endeavour", "cost of an answer", "÷ Endeavour", "memory, all processes")
    found = _medians(turns)
    rate_of_ours, cost_of_ours = found["Endeavour"]
    rows = []
    for name, (rate, cost) in sorted(found.items(), key=lambda pair: -pair[1][0]):
        times = f"{rate:,.0f}", f"{rate / rate_of_ours:.3g}", f"{cost * 1e6:,.0f} µs", f"{cost / cost_of_ours:.3g}"
        rows.append((name, *times, f"{memory[name]:.0f} MB"))
    return report.table(header, rows)


def _memory(server: Server, when: str, most: float | None = None) -> Finding:
    """Return what the largest worker has in memory."""
    return Finding(f"a worker, {when}", "resident memory", max(server.workers().values()), None, most, MEGABYTES)


def _large_batches(server: Server, key: str, model: LinearModel, scale: Scale) -> Iterator[Finding]:
    """Yield the time of a large batch over that of parsing it and of writing its answer with `orjson`."""
    rows, columns = contenders.rows_for(model, scale.large_rows), len(model.feature_names)
    records = [dict(zip(model.feature_names, row, strict=True)) for row in rows.tolist()]
    forms = {f"lists of {columns}": ({"X": rows.tolist()}, 2), f"objects of {columns}": ({"X": records}, None)}
    if columns == 1:
        forms = {"numbers": (batch(rows), 2), "lists of 1": ({"X": rows.tolist()}, 2)}
    answer = {"result": model.predict(rows).tolist()}
    for form, (value, most) in forms.items():
        request, body = post("/batch", value, key), orjson.dumps(value)
        turns = [
            (_seconds(ask_once, server.port, request), _seconds(orjson.loads, body) + _seconds(orjson.dumps, answer))
            for _ in range(scale.runs + 1)
        ]
        took, least = (median(side) for side in zip(*turns[1:], strict=True))
        work, measure = f"JSON, {len(rows):,} rows, {form}, /batch", "the time of orjson.loads and orjson.dumps"
        yield Finding(work, measure, took / least, most=most, rounds=str(scale.runs))


def _starts(artifacts: Path, scale: Scale) -> Iterator[Finding]:
    """Yield the time until a server, and a worker in place of a killed one, answers for the first time."""
    turns = []
    for _ in range(scale.runs):
        began = time.perf_counter()
        server, _ = endeavour(artifacts, workers=1)
        with server:
            first = time.perf_counter() - began
            (worker,) = server.workers()
            time.sleep(0.2)  # granian gives up after a worker's crash at its start
            os.kill(worker, signal.SIGKILL)
            turns.append((first, _seconds(server.wait_until_answering)))
    whole, again = (median(side) for side in zip(*turns, strict=True))
    yield Finding(
        "`endeavour keys add`, `endeavour serve`", "until the first answer", whole, unit=SECONDS, rounds=str(scale.runs)
    )
    work, measure = "the only worker is killed", "until the next one answers"
    yield Finding(work, measure, again, most=1, unit=SECONDS, rounds=str(scale.runs))


def _seconds(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
