"""Training as a process: interrupted, without MLflow, and started twice at once."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from tests.support.program import INHERITED, free_port, wait_until

pytestmark = pytest.mark.e2e

# Enough passes to be interrupted in, a row a step; a fit of the default experiment takes milliseconds.
LONG = ("--learning-rate", "0.001", "--batch-size", "1", "--max-passes", "1000000")


@pytest.fixture
def environment(artifacts):
    return INHERITED | {"ENDEAVOUR_DATA_DIR": str(artifacts)}


def start(environment, *words) -> subprocess.Popen[str]:
    program = [sys.executable, "-m", "entrypoints", *words]
    return subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str], seconds: float = 180) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()  # a test that fails leaves nothing running
    return process.returncode, out, err


def read_database(artifacts: Path, query: str) -> list[tuple]:
    """Return rows of MLflow's local database, none before it has its tables."""
    try:
        with closing(sqlite3.connect(f"file:{artifacts}/mlflow.db?mode=ro", uri=True)) as database:
            return list(database.execute(query))
    except sqlite3.OperationalError:
        return []


def runs_of(artifacts: Path) -> dict[str, str]:
    """Return the status of each run in the local database."""
    return dict(read_database(artifacts, "select run_uuid, status from runs"))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_training_is_killed_in_mlflow_and_registers_nothing(number, code, environment, artifacts):
    process = start(environment, "train", *LONG)
    wait_until(lambda: "RUNNING" in runs_of(artifacts).values(), seconds=120)
    # MLflow shows a run a moment before the trainer has its id, without which it cannot end the run.
    time.sleep(0.5)

    process.send_signal(number)

    exit_code, out, _ = finish(process)
    assert (exit_code, out) == (code, "")
    assert list(runs_of(artifacts).values()) == ["KILLED"]
    assert read_database(artifacts, "select version from model_versions") == []
    assert [path for path in artifacts.rglob("*") if path.name.endswith(".tmp")] == []


@pytest.mark.parametrize(("seconds", "number", "code"), [(0.7, signal.SIGTERM, 143), (1.1, signal.SIGINT, 130)])
def test_t07_interruption_at_any_moment_prints_and_registers_nothing(seconds, number, code, environment, artifacts):
    process = start(environment | {"ENDEAVOUR_STORE": "csv"}, "train", *LONG)
    time.sleep(seconds)  # moments of starting up that nothing announces

    process.send_signal(number)

    exit_code, out, err = finish(process)
    # Until the program's first line has run, the interpreter ends by the signal itself.
    assert exit_code in (code, -number)
    if exit_code == code:
        assert (out + err).strip() == ""
    assert not (artifacts / "weights").exists()


@pytest.mark.slow
def test_t06_bad_cell_in_a_stream_fails_the_run_and_is_named(environment, artifacts, tmp_path):
    random, table = np.random.default_rng(0), tmp_path / "table"
    table.mkdir()
    for name in ("a", "b"):
        columns = {f"x{column}": random.normal(size=200_000) for column in range(3)}
        columns["y"] = sum(columns.values()) + random.normal(size=200_000)
        if name == "b":
            columns["x1"][150_000] = 1e200
        pq.write_table(pa.table(columns), table / f"{name}.parquet", row_group_size=50_000)

    code, out, err = finish(
        start(environment | {"ENDEAVOUR_MEMORY_BUDGET_BYTES": "1000"}, "train", "--data", str(table))
    )

    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert f"{table}/b.parquet, row 150001, column 'x1'" in line
    assert set(runs_of(artifacts).values()) <= {"FAILED"}
    assert read_database(artifacts, "select version from model_versions") == []


@pytest.mark.slow
def test_training_without_mlflow_keeps_everything_within_seconds(environment, artifacts):
    uri, began = f"http://127.0.0.1:{free_port()}", time.monotonic()

    code, out, err = finish(start(environment | {"MLFLOW_TRACKING_URI": uri}, "train", "--json"))

    # MLflow's own patience is 4 minutes when refused; importing it takes 5 seconds here.
    assert time.monotonic() - began < 30
    assert (code, json.loads(out)["kept_locally"], len(err.splitlines())) == (3, True, 1)
    assert len(list((artifacts / "runs").glob("*/plots/*.png"))) == 3


@pytest.mark.slow
def test_two_first_trainers_at_once_both_register(environment):
    plans = ((), ("--features", "bmi,s5"))
    trainers = [start(environment, "train", "--json", *words) for words in plans]

    results = [finish(trainer) for trainer in trainers]

    assert [(code, err) for code, _, err in results] == [(0, ""), (0, "")]
    assert sorted(json.loads(out)["version"] for _, out, _ in results) == ["1", "2"]
