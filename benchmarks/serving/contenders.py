"""Contenders: the servers of one model, how each is started, and the requests it answers."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.mlflow.model_folder import write_model_folder
from adapters.mlflow.weights_file import to_bytes
from benchmarks.report import ROOT
from benchmarks.serving.server import Server, free_port, variables
from domain.data.arrays import FloatArray
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion

HERE, BIN = Path(__file__).parent, Path(sys.executable).parent
ENDEAVOUR = [sys.executable, "-m", "entrypoints"]
LOCK, MLSERVER_BIN = HERE / "requirements-mlserver.txt", ROOT / ".venv-mlserver/bin"
MLSERVER = "MLServer, one process"
WORKERS, MAX_BODY_BYTES = 2, 64 * 1024 * 1024
INFER = "/v2/models/endeavour/infer"


def post(path: str, value: object, key: str = "none") -> bytes:
    body = orjson.dumps(value)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def split(model: LinearModel, rows: FloatArray, key: str = "none") -> list[bytes]:
    """Return MLflow's requests for the first row and for all."""
    forms = [{"columns": model.feature_names, "data": part.tolist()} for part in (rows[:1], rows)]
    return [post("/invocations", {"dataframe_split": form}, key) for form in forms]


def tensor(rows: FloatArray, path: str, key: str = "none") -> list[bytes]:
    """Return the requests of the Open Inference Protocol V2 for the first row and for all."""
    tensors = [{"shape": part.shape, "data": part.ravel().tolist()} for part in (rows[:1], rows)]
    return [post(path, {"inputs": [{"name": "X", "datatype": "FP64", **each}]}, key) for each in tensors]


def rows_for(model: LinearModel, count: int) -> FloatArray:
    """Return rows of the scale of the diabetes data, shape (count, n_features), with 16 digits."""
    return np.random.default_rng(11).normal(0, 0.0476, (count, len(model.feature_names)))


def trained(artifacts: Path, *options: str) -> ModelVersion:
    """Train with `options`, promote the model in the files under `artifacts`, and return it."""
    _run([*ENDEAVOUR, "train", *options], _settings(artifacts, WORKERS)[1])
    if champion := FileModelStore(artifacts / "weights", CsvWeights()).champion():
        return champion
    raise LookupError("the model was not promoted")


def endeavour(artifacts: Path, workers: int = WORKERS) -> tuple[Server, str]:
    """Start the project's own server on the files under `artifacts`; return it with an API key."""
    port, settings = _settings(artifacts, workers)
    key = _run([*ENDEAVOUR, "keys", "add", f"bench-{port}"], settings).strip()
    probe = [post("/batch", {"X": []}, key)]
    return Server([*ENDEAVOUR, "serve"], port, probe, artifacts / f"{port}.log", settings), key


def others(folder: Path, version: ModelVersion, rows: FloatArray, *, with_mlserver: bool) -> dict[str, Server]:
    """Start the other servers, by name; each is asked in its own protocol."""
    write_model_folder(folder / "model", to_bytes(version), version, "m-" + "0" * 32)
    constant, (port, settings), at_once_port = [post("/stream", {"X": 0.2})], _settings(folder, WORKERS), free_port()
    bare = [sys.executable, "-m", "benchmarks.serving.bare_flask"]
    at_once = [sys.executable, "-m", "benchmarks.serving.at_once", str(at_once_port)]
    started = {
        "bare Flask view": Server(bare, port, constant, folder / "bare.log", settings),
        "a socket that answers at once": Server(at_once, at_once_port, constant, folder / "socket.log", {}),
        "mlflow models serve": mlflow_serving(folder, split(version.model, rows), WORKERS),
    }
    return {**started, MLSERVER: _mlserver(folder, version.model, rows)} if with_mlserver else started


def mlflow_serving(folder: Path, requests: Sequence[bytes], workers: int) -> Server:
    """Start `mlflow models serve` on the model folder `model` in `folder`."""
    words = f"serve --env-manager local --workers {workers} --host 127.0.0.1 --port {(port := free_port())} --model-uri"
    command = [str(BIN / "mlflow"), "models", *words.split(), str(folder / "model")]
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",  # MLflow looks for uvicorn there
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }
    return Server(command, port, requests, folder / "mlflow.log", environment)


def _mlserver(folder: Path, model: LinearModel, rows: FloatArray) -> Server:
    """Start MLServer with the model in its own process and in an environment of its own, which `make bench` makes."""
    ports = {"http_port": (port := free_port()), "grpc_port": free_port(), "metrics_port": free_port()}
    described = {"implementation": "mlserver_runtime.Linear", "parameters": {"uri": str(folder / "weights.npy")}}
    np.save(folder / "weights.npy", [*model.coefficients, model.intercept])
    (folder / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "parallel_workers": 0, **ports}))
    (folder / "model-settings.json").write_text(json.dumps({"name": "linear", **described}))
    command = [str(MLSERVER_BIN / "python"), str(MLSERVER_BIN / "mlserver"), "start", str(folder)]
    log, environment = folder / "mlserver.log", {"PYTHONPATH": str(HERE)}
    return Server(command, port, tensor(rows, "/v2/models/linear/infer"), log, environment)


def _settings(artifacts: Path, workers: int) -> tuple[int, dict[str, str]]:
    values = {"store": "csv", "data_dir": artifacts, "port": free_port(), "workers": workers}
    more = {
        "api_keys_file": artifacts / "keys.json",
        "metrics_address": f"127.0.0.1:{free_port()}",
        "max_body_bytes": MAX_BODY_BYTES,
    }
    return values["port"], {f"ENDEAVOUR_{name.upper()}": str(value) for name, value in {**values, **more}.items()}


def _run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    return subprocess.check_output(command, cwd=ROOT, env=variables(environment), text=True)
