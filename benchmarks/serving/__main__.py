"""`python -m benchmarks.serving`: measure, compare with the bars, and write part of docs/benchmarks.md."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import orjson

from benchmarks import report
from benchmarks.report import MEGABYTES, Finding
from benchmarks.serving import contenders
from benchmarks.serving.contenders import INFER, MLSERVER, endeavour, post, rows_for, trained
from benchmarks.serving.kinds import costs_by_kind
from benchmarks.serving.large_batches import large_batch_findings
from benchmarks.serving.mixed_columns import mixed_finding
from benchmarks.serving.server import Server, ask_once
from benchmarks.serving.starts import start_findings
from benchmarks.serving.turns import FEW_CONNECTIONS, Medians, take_turns
from domain.data.arrays import FloatArray
from domain.model.linear_model import LinearModel

NARROW, WIDE = "bmi", "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6"
# The protocol of each server that Endeavour speaks too.
PROTOCOLS = {"mlflow models serve": "MLflow's", MLSERVER: "V2", "bare Flask view": ""}
# By features: the least ratios of requests a second, for one record and for many rows.
MIN_RATES: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]] = {
    NARROW: (
        {"mlflow models serve": 20, MLSERVER: 5, "bare Flask view": 0.65},
        {"mlflow models serve": 45, MLSERVER: 5},
    ),
    WIDE: ({}, {"mlflow models serve": 25}),
}
# Of many rows of several features, over MLServer: the cost of an answer, and requests a second with one process each.
MAX_COST, MIN_RATE_OF_ONE_WORKER = 0.5, 2
MAX_JSON = {NARROW: 2, WIDE: 0.7}
MAX_WORKER_MEGABYTES = {NARROW: 80, WIDE: 85}
LIBRARIES = ("flask", "granian", "numpy", "orjson", "pysimdjson", "mlflow", "uvicorn")
ON = "validation, access log, request id, metrics, an API key"
HEADER = ("server", "requests a second", "÷ Endeavour", "cost of an answer", "÷ Endeavour", "memory, all processes")
ROWS, LARGE_ROWS, TURN_SECONDS = 1_000, 100_000, 1.5
Asked = Mapping[str, tuple[Server, bytes]]


@click.command()
@click.option("--quick", is_flag=True, help="Measure for seconds without MLServer, and only print.")
def main(*, quick: bool) -> None:
    """Measure the server beside others; end with 1 if a bar is missed."""
    share, rounds = (50, 1) if quick else (1, 5)
    with TemporaryDirectory(prefix="endeavour-bench-") as name:
        folders = [Path(name) / features for features in (NARROW, WIDE)]
        (narrow, narrow_tables), (wide, wide_tables) = (_beside_others(folder, share, rounds) for folder in folders)
        mixed = mixed_finding(Path(name) / "mixed", ROWS, TURN_SECONDS / share, rounds)
        kinds = costs_by_kind(Path(name) / "kinds", ROWS, TURN_SECONDS / 2 / share, rounds)
        findings = [*narrow, *wide, mixed, *start_findings(folders[0], rounds)]
    version = re.findall(r"^mlserver==(\S+)", contenders.LOCK.read_text(), re.MULTILINE)[0]
    parts = {
        "server bars": report.bars_table(findings),
        "server comparisons": report.comparisons_table(findings),
        "servers": "\n\n".join([*narrow_tables, *wide_tables]),
        "costs by kind": kinds,
        "server environment": report.environment(LIBRARIES, MLServer=version, Endeavour=ON),
    }
    sys.exit(report.publish(findings, parts, quick=quick))


def _beside_others(folder: Path, share: int, rounds: int) -> tuple[list[Finding], list[str]]:
    """Return what was found with a model of the features that the folder names, and the tables of all servers."""
    features = folder.name
    version = trained(folder, "--features", features)
    model, (min_one, min_many) = version.model, MIN_RATES[features]
    is_narrow, rows = features == NARROW, rows_for(model, ROWS)
    name = "one feature" if is_narrow else f"{len(model.feature_names)} features"
    with ExitStack() as running:
        ours, key = endeavour(folder)
        started = contenders.others(folder, version, rows, with_mlserver=share == 1)
        for server in (ours, *started.values()):
            running.enter_context(server)
        asked_one, asked_many = _asked(model, rows, ours, key, started)
        for each, (server, request) in asked_many.items():
            _require_predictions(each, server, asked_one[each][1], model.predict(rows[:1]))
            _require_predictions(each, server, request, model.predict(rows))
        one, many = (take_turns(asked, TURN_SECONDS / share, rounds) for asked in (asked_one, asked_many))
        memory = {each: server.megabytes() for each, (server, _) in asked_one.items()}
        findings = [
            *_ratios(one, f"one record, {name}", "/stream", rounds, min_one),
            *_ratios(many, f"{ROWS:,} rows, {name}", "/batch", rounds, min_many),
            *_costs(many, f"{ROWS:,} rows, {name}", rounds, None if is_narrow else MAX_COST),
            *(_one_worker_each(folder, rows, started[MLSERVER], rounds) if share == 1 and not is_narrow else ()),
            _memory(ours, f"after all this, {name}", MAX_WORKER_MEGABYTES[features]),
            *large_batch_findings(ours.port, key, model, LARGE_ROWS // share, rounds, MAX_JSON[features]),
            _memory(ours, f"after large batches, {name}"),
        ]
    kinds = (("one record a request", one), (f"{ROWS:,} rows a request", many))
    return findings, [f"#### All servers, {name}, {kind}\n\n{_table(turns, memory)}" for kind, turns in kinds]


def _asked(
    model: LinearModel, rows: FloatArray, ours: Server, key: str, others: Mapping[str, Server]
) -> tuple[Asked, Asked]:
    """Return each server with its request for the first row, and with that for all rows if it takes them."""
    record = {"X": dict(zip(model.feature_names, rows[0].tolist(), strict=True))}
    batch = {"X": rows[:, 0].tolist() if rows.shape[1] == 1 else rows.tolist()}
    requests: dict[str, tuple[Server, Sequence[bytes]]] = {
        "Endeavour": (ours, [post("/stream", record, key), post("/batch", batch, key)]),
        "Endeavour, MLflow's protocol": (ours, contenders.split(model, rows, key)),
        "Endeavour, V2 protocol": (ours, contenders.tensor(rows, INFER, key)),
        **{other: (server, server.requests) for other, server in others.items()},
    }
    one = {each: (server, first) for each, (server, (first, *_)) in requests.items()}
    many = {each: (server, more[0]) for each, (server, (_, *more)) in requests.items() if more}
    return one, many


def _require_predictions(name: str, server: Server, request: bytes, expected: FloatArray) -> None:
    """Raise `AssertionError` if a server answers with other numbers than the model."""
    found = orjson.loads(ask_once(server.port, request))
    answer = found["outputs"][0]["data"] if "outputs" in found else found.get("predictions", found.get("result"))
    # Other servers may sum a row in another order.
    np.testing.assert_allclose(np.ravel(answer), expected, rtol=1e-12, err_msg=name)


def _ratios(
    turns: Mapping[str, Medians], work: str, route: str, rounds: int, least: Mapping[str, float]
) -> Iterator[Finding]:
    """Yield the rates of Endeavour over those of the others; `least` are those that the route needs."""
    for other, spoken in PROTOCOLS.items():
        protocol = f"{spoken} protocol"
        for ours, path, bars in (("Endeavour", route, least), (f"Endeavour, {protocol}", f"by {protocol}", {})):
            if other in turns and ours in turns:
                ratio, measure = turns[ours].rate / turns[other].rate, f"requests a second, over {other}"
                yield Finding(f"{work}, {path}", measure, ratio, bars.get(other), rounds=rounds)


def _costs(turns: Mapping[str, Medians], work: str, rounds: int, most: float | None) -> Iterator[Finding]:
    """Yield the costs of an answer over that of MLServer."""
    for ours, path in (("Endeavour", "/batch"), ("Endeavour, V2 protocol", "by V2 protocol")):
        if MLSERVER in turns:
            ratio = turns[ours].cost / turns[MLSERVER].cost
            yield Finding(f"{work}, {path}", f"cost of an answer, over {MLSERVER}", ratio, most=most, rounds=rounds)


def _one_worker_each(folder: Path, rows: FloatArray, mlserver: Server, rounds: int) -> Iterator[Finding]:
    """Yield the rate of one worker over that of MLServer, which has one process."""
    ours, key = endeavour(folder, workers=1)
    with ours:
        asked = {
            "Endeavour": (ours, post("/batch", {"X": rows.tolist()}, key)),
            MLSERVER: (mlserver, mlserver.requests[1]),
        }
        turns = take_turns(asked, TURN_SECONDS, rounds, FEW_CONNECTIONS)
    ratio, measure = turns["Endeavour"].rate / turns[MLSERVER].rate, f"requests a second, over {MLSERVER}"
    work = f"{ROWS:,} rows, several features, one worker each, /batch"
    yield Finding(work, measure, ratio, MIN_RATE_OF_ONE_WORKER, rounds=rounds)


def _table(turns: Mapping[str, Medians], memory: Mapping[str, float]) -> str:
    """Return rates and costs of all servers, also over those of Endeavour, the quickest first."""
    (our_rate, our_cost), rows = turns["Endeavour"], []
    for name, (rate, cost) in sorted(turns.items(), key=lambda pair: -pair[1][0]):
        ratios = f"{rate:,.0f}", f"{rate / our_rate:.3g}", f"{cost * 1e6:,.0f} µs", f"{cost / our_cost:.3g}"
        rows.append((name, *ratios, f"{memory[name]:.0f} MB"))
    return report.table(HEADER, rows)


def _memory(server: Server, when: str, most: float | None = None) -> Finding:
    return Finding(f"a worker, {when}", "resident memory", max(server.workers().values()), None, most, MEGABYTES)


if __name__ == "__main__":
    main()
