"""`mlflow models serve` for both models, registered through the project's own store, and what it answered.

`python -m tests.support.web.mlflow_scoring.real_mlflow` records its answers to every case.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.store import MlflowModelStore
from domain.model.model_version import ModelVersion
from tests.support.examples import NOON, a_lineage
from tests.support.mlflow_server import end, environment, free_port, wait_until_healthy
from tests.support.web.mlflow_scoring.answers import Summary, ask
from tests.support.web.mlflow_scoring.replayed import CASES, MODELS

Ports = dict[str, int]
RECORDING = Path(__file__).with_name("recorded.json")


def recorded() -> dict[str, Summary]:
    return dict(json.loads(RECORDING.read_text(encoding="utf-8")))


def record() -> None:
    """Ask MLflow every case, and record its answers, a line for each."""
    with TemporaryDirectory(prefix="endeavour-") as folder, serving(Path(folder)) as ports:
        lines = [f"  {json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers(ports).items()]
    RECORDING.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@contextmanager
def serving(folder: Path) -> Iterator[Ports]:
    """Register the models in `folder` and serve them, each at a port of its own."""
    uri = f"sqlite:///{folder}/mlflow.db"
    with ExitStack() as processes:
        started = [_start(folder, uri, name) for name in MODELS]
        for _, process, _ in started:
            processes.callback(end, process)
        for port, process, log in started:
            wait_until_healthy(f"http://127.0.0.1:{port}/ping", process, log)
        yield dict(zip(MODELS, (port for port, _, _ in started), strict=True))


def answers(ports: Ports) -> dict[str, Summary]:
    """Return the answers of the real servers to every case."""
    return {name: ask(ports[case.model], case) for name, case in CASES.items()}


def _start(folder: Path, uri: str, name: str) -> tuple[int, "subprocess.Popen[bytes]", Path]:
    connection = MlflowConnection(uri, artifacts=folder / "artifacts", experiment=name)
    store = MlflowModelStore(connection, lock=folder / "promotion.lock", model=name)
    store.promote(store.save(ModelVersion("", MODELS[name], a_lineage())).name, replacing=None, at=NOON)
    port, log = free_port(), folder / f"{name}.log"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", f"models:/{name}@champion"]
    beside_python = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # where `models serve` looks for uvicorn
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--env-manager", "local", "--port", str(port)],
            cwd=folder,
            env=environment() | {"PATH": beside_python, "MLFLOW_TRACKING_URI": uri},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return port, process, log


if __name__ == "__main__":
    record()
