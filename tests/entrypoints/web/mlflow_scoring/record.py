"""Write down what the real MLflow says to every case: `python -m tests.entrypoints.web.mlflow_scoring.record`."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.entrypoints.web.mlflow_scoring.answers import Told
from tests.entrypoints.web.mlflow_scoring.real_mlflow import answers, serving

RECORDING = Path(__file__).with_name("recorded.json")


def recorded() -> dict[str, Told]:
    """Return what MLflow said when it was last asked."""
    answers: dict[str, Told] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return answers


def write(told: dict[str, Told]) -> None:
    """Keep what MLflow said, a line for each case."""
    lines = (f"  {json.dumps(name)}: {json.dumps(answer)}" for name, answer in told.items())
    RECORDING.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    with TemporaryDirectory(prefix="endeavour-") as folder, serving(Path(folder)) as ports:
        write(answers(ports))
