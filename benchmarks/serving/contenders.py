"""Contenders: the servers of one model, how each is started, and the requests it answers."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from adapters.mlflow.model_folder import write_model_folder
from benchmarks.learning.tables import FloatArray
from benchmarks.report import ROOT
from benchmarks.serving.client import ask_once
from benchmarks.serving.server import Server, free_port, python_with, run
from domain.linear_model import LinearModel

HERE, BIN = Path(__file__).parent, Path(sys.executable).parent
WORKERS, MAX_BODY_BYTES = 2, 64 * 1024 * 1024


class Contender(NamedTuple):
    """A server with its requests for one row and for many; `many` is None where only one can be asked for."""

    name: str
    server: Server
    one: bytes
    many: bytes | None = None


def post(path: str, value: object, key: str = "none") -> bytes:
    """Return a request as it goes over the wire."""
    body = orjson.dumps(value)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def batch(rows: FloatArray) -> dict[str, object]:
    """Return the body of /batch: numbers for one feature, lists for several."""
    return {"X": rows[:, 0].tolist() if rows.shape[1] == 1 else rows.tolist()}


def _split(model: LinearModel, rows: FloatArray) -> dict[str, object]:
    return {"dataframe_split": {"columns": model.feature_names, "data": rows.tolist()}}


def _tensor(rows: FloatArray) -> dict[str, object]:
    return {"inputs": [{"name": "X", "datatype": "FP64", "shape": rows.shape, "data": rows.ravel().tolist()}]}


def require_predictions(contender: Contender, expected: FloatArray) -> None:
    """Raise `AssertionError` if a server that has the model answers with other numbers."""
    for request, values in ((contender.one, expected[:1]), (contender.many, expected)):
        if contender.many and request:
            found = orjson.loads(ask_once(contender.server.port, request))
            answer = (
                found["outputs"][0]["data"] if "outputs" in found else found.get("predictions", found.get("result"))
            )
            # Other servers may sum a row in another order.
            np.testing.assert_allclose(np.ravel(answer), values, rtol=1e-12, err_msg=contender.name)


def rows_for(model: LinearModel, count: int) -> FloatArray:
    """Return rows of the scale of the diabetes data, shape (count, n_features), with 16 digits."""
    return np.random.default_rng(11).normal(0, 0.0476, (count, len(model.feature_names)))


def trained(features: str, artifacts: Path) -> LinearModel:
    """Train on columns of the diabetes data, promote the model in the files under `artifacts`, and return it."""
    settings = {"ENDEAVOUR_STORE": "csv", "ENDEAVOUR_ARTIFACTS": str(artifacts)}
    found = orjson.loads(
        run([sys.executable, "-m", "entrypoints", "train", "--json", "--features", features], settings)
    )
    return LinearModel(list(found["coefficients"].values()), found["intercept"], tuple(found["coefficients"]))


def _serving() -> str:
    return python_with("serve", ROOT / "requirements/serve.txt", str(ROOT))


def _settings(artifacts: Path, workers: int = WORKERS) -> tuple[int, dict[str, str]]:
    """Return a free port, and the settings of a server on it with the files under `artifacts`."""
    port = free_port()
    values = {"store": "csv", "artifacts": artifacts, "port": port, "workers": workers, "max_body": MAX_BODY_BYTES}
    more = {"keys": artifacts / "keys.json", "metrics": f"127.0.0.1:{free_port()}"}
    return port, {f"ENDEAVOUR_{name.upper()}": str(value) for name, value in {**values, **more}.items()}


def endeavour(artifacts: Path, workers: int = WORKERS) -> tuple[Server, str]:
    """Start the project's own server on the files under `artifacts`; return it with an API key."""
    port, settings = _settings(artifacts, workers)
    program = [_serving(), "-m", "entrypoints"]
    key = run([*program, "keys", "add", f"bench-{port}"], settings).strip()
    return Server([*program, "serve"], port, post("/batch", {"X": []}, key), artifacts, settings), key


def of_endeavour(server: Server, key: str, model: LinearModel, rows: FloatArray) -> Iterator[Contender]:
    """Yield the project's own server by its own protocol and by those of the others."""
    record = {"X": dict(zip(model.feature_names, rows[0].tolist(), strict=True))}
    yield Contender("Endeavour", server, post("/stream", record, key), post("/batch", batch(rows), key))
    one, many = (post("/invocations", _split(model, part), key) for part in (rows[:1], rows))
    yield Contender("Endeavour, MLflow's protocol", server, one, many)
    one, many = (post("/v2/models/endeavour/infer", _tensor(part), key) for part in (rows[:1], rows))
    yield Contender("Endeavour, V2 protocol", server, one, many)


def bare_flask(folder: Path, *_: object) -> Contender:
    """Start a view that returns a constant, on the WSGI server and with the workers of Endeavour."""
    (port, settings), one = _settings(folder), post("/stream", {"X": 0.2})
    server = Server([_serving(), "-m", "benchmarks.serving.bare_flask"], port, one, folder, settings)
    return Contender("bare Flask view", server, one)


def at_once(folder: Path, *_: object) -> Contender:
    """Start a socket that answers at once: the most that the client can do."""
    port, one = free_port(), post("/stream", {"X": 0.2})
    command = [sys.executable, "-m", "benchmarks.serving.at_once", str(port)]
    return Contender("a socket that answers at once", Server(command, port, one, folder, {}), one)


def mlflow_serving(folder: Path, model: LinearModel, rows: FloatArray) -> Contender:
    """Start `mlflow models serve` on a model folder as Endeavour registers it."""
    write_model_folder(folder / "model", _weights(model), model.feature_names, "m-" + "0" * 32)
    port, one = free_port(), post("/invocations", _split(model, rows[:1]))
    command = [str(BIN / "mlflow"), "models", "serve", "--model-uri", str(folder / "model"), "--env-manager", "local"]
    command += ["--workers", str(WORKERS), "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",  # MLflow looks for uvicorn there
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }
    server = Server(command, port, one, folder, environment)
    return Contender("mlflow models serve", server, one, post("/invocations", _split(model, rows)))


def mlserver(folder: Path, model: LinearModel, rows: FloatArray) -> Contender:
    """Start MLServer with the model in its own process and in an environment of its own."""
    python, port = python_with("mlserver", HERE / "requirements-mlserver.txt"), free_port()
    settings = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port(), "parallel_workers": 0}
    uri = {"uri": str(folder / "weights.json")}
    described = {"name": "linear", "implementation": "mlserver_runtime.Linear", "parameters": uri}
    (folder / "weights.json").write_bytes(_weights(model))
    (folder / "settings.json").write_text(json.dumps({"host": "127.0.0.1", **settings}))
    (folder / "model-settings.json").write_text(json.dumps(described))
    one, many = (post("/v2/models/linear/infer", _tensor(part)) for part in (rows[:1], rows))
    command = [python, str(Path(python).with_name("mlserver")), "start", str(folder)]
    return Contender("MLServer", Server(command, port, one, folder, {"PYTHONPATH": str(HERE)}), one, many)


def _weights(model: LinearModel) -> bytes:
    weights = {"coefficients": model.coefficients.tolist(), "intercept": model.intercept}
    return orjson.dumps({"features": model.feature_names, **weights})
