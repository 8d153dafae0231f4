"""Real `mlflow server` process, over a copy of an SQLite database that was made once."""

import os
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.program import free_port, wait_until

START_SECONDS = 90
STOP_SECONDS = 10


@dataclass(frozen=True)
class MlflowServer:
    """A server that answers at `uri` and keeps everything in `folder`."""

    uri: str
    folder: Path


@pytest.fixture(scope="session")
def empty_mlflow_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with MLflow's tables; making it costs seconds, so tests copy it."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("mlflow-template") / "mlflow.db"
    with warnings.catch_warnings(action="ignore"):  # of MLflow's own code
        MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory, empty_mlflow_database: Path) -> Iterator[MlflowServer]:
    """One server for the whole session; each test uses names of its own."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    shutil.copy(empty_mlflow_database, folder / "mlflow.db")
    with running_server(folder) as server:
        yield server


@contextmanager
def running_server(folder: Path) -> Iterator[MlflowServer]:
    """Start a server over `folder/mlflow.db`, wait until it answers, and end it."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *store], cwd=folder, env=environment(), stdout=log, stderr=log, start_new_session=True
        )
    server = MlflowServer(f"http://127.0.0.1:{port}", folder)
    try:
        wait_until_healthy(server.uri + "/health", process, folder / "server.log")
        yield server
    finally:
        end(process)


def environment() -> dict[str, str]:
    """Return a process environment in which MLflow sends no telemetry."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")} | quiet


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return as soon as `url` answers 200; fail with the process's output if it ends before."""

    def answers() -> bool:
        assert process.poll() is None, f"{process.args} did not start:\n{log.read_text()}"
        with suppress(OSError), urlopen(url, timeout=1) as answer:  # noqa: S310  # the test's own http address
            return bool(answer.status == 200)
        return False

    wait_until(answers, START_SECONDS, every=0.1)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all processes of its session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(timeout=STOP_SECONDS)
            return
    process.wait(timeout=STOP_SECONDS)
