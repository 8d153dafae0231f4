"""Who serves the coefficients, and how each is started and asked."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from benchmarks.learning.optimum import FloatArray
from benchmarks.serving import questions
from benchmarks.serving.client import NotAnswered, ask_once
from benchmarks.serving.server import ROOT, Server, free_port
from benchmarks.serving.virtual_environments import MLSERVER
from domain.linear_model import LinearModel
from domain.model_version import Lineage
from domain.scores import Scores

WORKERS = 2
BIN = Path(sys.executable).parent
# Imports of these by a worker are noted, and fail.
NEVER = ("mlflow", "pandas", "sklearn")
TRIPWIRE = """
import os
descriptor = os.open({file!r}, os.O_WRONLY | os.O_APPEND)
os.write(descriptor, (__name__ + " ").encode())
os.close(descriptor)
raise ImportError("this is a tripwire")
"""


@dataclass(slots=True)
class Contender:
    """A server, and what it is asked.

    Parameters
    ----------
    name : str
    server : Server
    one, many : bytes or None
        Requests for one row and for many; None where it can't be asked that.
    """

    name: str
    server: Server
    one: bytes | None = None
    many: bytes | None = None


@dataclass(slots=True)
class Endeavour:
    """The server that this project is.

    Parameters
    ----------
    server : Server
    key : str or None
        What opens it; None if this version has no keys.
    metrics_port : int
        Where metrics are, if this version has any.
    tripped : Path
        Names the modules that were imported and should not have been.
    """

    server: Server
    key: str | None
    metrics_port: int
    tripped: Path = field(repr=False)

    def asked(self, path: str, body: bytes, kind: str = questions.JSON) -> bytes:
        """Return a request with the key."""
        return questions.post(path, body, kind, self.key)


@contextmanager
def endeavour(
    folder: Path, model: LinearModel, python: str = sys.executable, **settings: object
) -> Iterator[Endeavour]:
    """Run Endeavour with `model` promoted in a store of its own, everything on that can be."""
    folder.mkdir()
    artifacts, tripwires, tripped = folder / "artifacts", folder / "tripwires", folder / "tripped"
    tripwires.mkdir()
    tripped.touch()
    for name in NEVER:
        (tripwires / f"{name}.py").write_text(TRIPWIRE.format(file=str(tripped)))
    store, version = FileModelStore(artifacts / "weights", CsvWeights()), lineage()
    store.promote(store.save(model, version).name, replacing=None, at=datetime.now(UTC))
    port, metrics_port = free_port(), free_port()
    environment = {
        "ENDEAVOUR_STORE": "csv",
        "ENDEAVOUR_ARTIFACTS": str(artifacts),
        "ENDEAVOUR_KEYS": str(folder / "keys.json"),
        "ENDEAVOUR_PORT": str(port),
        "ENDEAVOUR_METRICS_PORT": str(metrics_port),
        "ENDEAVOUR_WORKERS": str(WORKERS),
        **{f"ENDEAVOUR_{name.upper()}": str(value) for name, value in settings.items()},
        "PYTHONPATH": str(tripwires),
    }
    program = [python, "-m", "entrypoints"]
    key = _key(program, environment)
    server = Server([*program, "serve"], port, folder / "log", environment)
    running = Endeavour(server, key, metrics_port, tripped)
    try:
        server.wait_until_answering(running.asked("/batch", b'{"X": []}'))
        yield running
    finally:
        server.stop()


def of_endeavour(running: Endeavour, model: LinearModel, rows: FloatArray) -> Iterator[Contender]:
    """Yield Endeavour by its own protocol, and by those of the others if this version has them."""
    server, row = running.server, rows[:1]
    one = running.asked("/stream", questions.stream_body(model, rows[0]))
    many = questions.numbers_body(rows) if rows.shape[1] == 1 else questions.batch_body(rows)
    yield Contender("Endeavour", server, one, running.asked("/batch", many))
    for protocol, path, body in (
        ("MLflow's", "/invocations", lambda rows: questions.split_body(model, rows)),
        ("V2", "/v2/models/endeavour/infer", questions.tensor_body),
    ):
        one = running.asked(path, body(row))
        with suppress(NotAnswered):
            ask_once(server.port, one)
            yield Contender(f"Endeavour, {protocol} protocol", server, one, running.asked(path, body(rows)))


@contextmanager
def mlflow_serving(folder: Path, model: LinearModel, rows: FloatArray) -> Iterator[Contender]:
    """Run `mlflow models serve` on a folder as Endeavour itself registers it."""
    from adapters.mlflow.model_folder import write_model_folder

    folder.mkdir()
    write_model_folder(folder / "model", _weights(model), model.feature_names, "m-" + "0" * 32)
    port = free_port()
    command = [str(BIN / "mlflow"), "models", "serve", "--model-uri", str(folder / "model")]
    options = ["--env-manager", "local", "--workers", str(WORKERS), "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",  # it looks for uvicorn there
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }
    one, many = (questions.post("/invocations", questions.split_body(model, part)) for part in (rows[:1], rows))
    with _answering(Server([*command, *options], port, folder / "log", environment, folder), one) as server:
        yield Contender("mlflow models serve", server, one, many)


@contextmanager
def mlserver(folder: Path, model: LinearModel, rows: FloatArray) -> Iterator[Contender]:
    """Run MLServer with the model in its own process; raises `NotInstalled` where it can't be had."""
    python = MLSERVER.python
    folder.mkdir()
    (folder / "weights.json").write_bytes(_weights(model))
    ports = {name: free_port() for name in ("http_port", "grpc_port", "metrics_port")}
    (folder / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "parallel_workers": 0, **ports}))
    described = {
        "name": "linear",
        "implementation": "mlserver_runtime.Linear",
        "parameters": {"uri": str(folder / "weights.json")},
    }
    (folder / "model-settings.json").write_text(json.dumps(described))
    environment = {"PYTHONPATH": str(Path(__file__).parent)}
    path = "/v2/models/linear/infer"
    one, many = (questions.post(path, questions.tensor_body(part)) for part in (rows[:1], rows))
    # By its interpreter, since the program itself names the place that the environment was made at.
    command = [python, str(Path(python).with_name("mlserver")), "start", str(folder)]
    with _answering(Server(command, ports["http_port"], folder / "log", environment, folder), one) as server:
        yield Contender("MLServer", server, one, many)


@contextmanager
def bare_flask(folder: Path, python: str = sys.executable) -> Iterator[Contender]:
    """Run a view that returns a constant, on the server and with the workers of Endeavour."""
    folder.mkdir()
    port = free_port()
    environment: Mapping[str, str] = {
        "ENDEAVOUR_ARTIFACTS": str(folder),
        "ENDEAVOUR_PORT": str(port),
        "ENDEAVOUR_WORKERS": str(WORKERS),
    }
    one = questions.post("/stream", b'{"X":0.2}')
    command = [python, "-m", "benchmarks.serving.bare_flask"]
    with _answering(Server(command, port, folder / "log", environment), one) as server:
        yield Contender("bare Flask view", server, one)


@contextmanager
def at_once(folder: Path) -> Iterator[Contender]:
    """Run a socket that answers at once: no server can be quicker under this client."""
    folder.mkdir()
    port = free_port()
    one = questions.post("/", b"{}")
    command = [sys.executable, "-m", "benchmarks.serving.at_once", str(port)]
    with _answering(Server(command, port, folder / "log"), one) as server:
        yield Contender("a socket that answers at once", server, one)


@contextmanager
def _answering(server: Server, request: bytes) -> Iterator[Server]:
    try:
        server.wait_until_answering(request)
        yield server
    finally:
        server.stop()


def _key(program: list[str], environment: Mapping[str, str]) -> str | None:
    """Return a key for a client, None if this version knows of none."""
    made = subprocess.run(  # noqa: S603  # our own program
        [*program, "keys", "add", "bench"],
        check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return made.stdout.strip() if made.returncode == 0 else None


def _weights(model: LinearModel) -> bytes:
    described = {"features": model.feature_names, "coefficients": model.coefficients.tolist()}
    return json.dumps({**described, "intercept": model.intercept}).encode()


def lineage() -> Lineage:
    """Return where a model says that it comes from which was never trained."""
    return Lineage(
        run_id="benchmark",
        scores=Scores(r2=0.5, mse=3000.0, rmse=54.8, mae=44.3),
        target="progression",
        data_fingerprint="0" * 64,
        settings={},
        code_revision="benchmark",
        created_at=datetime.now(UTC),
    )
