"""Bundled model: writes entrypoints/bundled.json from the default experiment on the diabetes data."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from adapters.memory.experiment_tracker import InMemoryTracker
from adapters.memory.model_store import InMemoryModelStore
from adapters.pyarrow.table_source import TableSource
from application.training.gate_challenger import defer_promotion
from application.training.train_model import TrainingBackend, TrainModel
from domain.data.split import HoldOutLast
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.model.model_version import ModelVersion
from domain.model.serialization import to_record
from domain.ports import Charts

PROGRAM = Path(__file__).parent.parent / "entrypoints"
NAME, TRAINED_AT = "bundled", datetime(2026, 11, 25, tzinfo=UTC)
PLAN = TrainingPlan("progression", ("bmi",), HoldOutLast(20), SGD(), data="diabetes.csv")


class NoCharts(Charts):
    """Draws nothing."""

    def draw(self, training: object) -> dict[str, bytes]:
        """Return no chart."""
        del training
        return {}


def bundled_version() -> ModelVersion:
    """Return the version that the default experiment trains, under the name of the bundled one."""
    backend = TrainingBackend(InMemoryTracker(), InMemoryModelStore(), defer_promotion)
    source = TableSource(str(PROGRAM / "data/diabetes.csv"), 2**30)
    trained = TrainModel(source, NoCharts(), lambda: TRAINED_AT, NAME, backend, backend)(PLAN).version
    return replace(trained, name=NAME, lineage=replace(trained.lineage, run_id=NAME))


if __name__ == "__main__":
    (PROGRAM / "bundled.json").write_text(json.dumps(to_record(bundled_version()), indent=1) + "\n")
