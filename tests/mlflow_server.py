"""A real `mlflow server` process for tests, over an SQLite database that was made once."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

START_SECONDS = 90


@dataclass(frozen=True)
class MlflowServer:
    """A server that answers at `uri` and keeps everything in `folder`."""

    uri: str
    folder: Path
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="session")
def empty_mlflow_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with MLflow's tables; making it costs seconds, so tests copy it."""
    path = tmp_path_factory.mktemp("mlflow-template") / "mlflow.db"
    program = "import sys; from mlflow import MlflowClient; MlflowClient(sys.argv[1]).search_experiments()"
    subprocess.run([sys.executable, "-c", program, f"sqlite:///{path}"], check=True, env=environment())
    return path


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory: pytest.TempPathFactory, empty_mlflow_database: Path) -> Iterator[MlflowServer]:
    """One server for the whole session; tests keep apart by names of their own."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    shutil.copy(empty_mlflow_database, folder / "mlflow.db")
    with running_server(folder) as server:
        yield server


@contextmanager
def running_server(folder: Path) -> Iterator[MlflowServer]:
    """Start a server over `folder/mlflow.db`, wait until it answers, and end it."""
    port = free_port()
    store = [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *store], cwd=folder, env=environment(), stdout=log, stderr=log, start_new_session=True
        )
    server = MlflowServer(f"http://127.0.0.1:{port}", folder, process)
    try:
        wait_until_healthy(server.uri + "/health", process, folder / "server.log")
        yield server
    finally:
        end(process)


def environment() -> dict[str, str]:
    """Return a process environment in which MLflow keeps to itself."""
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")} | quiet


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return as soon as `url` answers 200; fail with the process's output if it never does."""
    end_of_patience = time.monotonic() + START_SECONDS
    while time.monotonic() < end_of_patience and process.poll() is None:
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310  # the test's own http address
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"{process.args} did not start:\n{log.read_text()}")


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and what it started: its session is its own."""
    for signal in (15, 9):
        try:
            os.killpg(process.pid, signal)
            process.wait(timeout=10)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=10)
