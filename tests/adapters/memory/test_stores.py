import pytest

from adapters.memory.experiment_tracker import MemoryTracker
from adapters.memory.model_store import MemoryModelStore, Shelf
from tests.contracts.experiment_tracker import ExperimentTrackerContract, Recorded
from tests.contracts.model_store import ModelStoreContract


class TestMemoryModelStore(ModelStoreContract):
    @pytest.fixture
    def shelf(self):
        return Shelf()

    @pytest.fixture
    def store(self, shelf):
        return MemoryModelStore(shelf)

    @pytest.fixture
    def second(self, shelf):
        return MemoryModelStore(shelf)


class TestMemoryTracker(ExperimentTrackerContract):
    @pytest.fixture
    def tracker(self):
        return MemoryTracker()

    def recorded(self, tracker, run_id):
        run = next(run for run in tracker.runs if run.id == run_id)
        training, decision = run.training, run.decision
        return Recorded(
            status=run.status,
            settings={name: str(value) for name, value in run.settings.items()},
            losses=list(training.fit.report.losses) if training else [],
            scores=training.scores.as_dict() if training else {},
            train=rows_of(training.split.train) if training else [],
            test=rows_of(training.split.test) if training else [],
            weights=weights_of(training.fit.model) if training else [],
            charts=run.charts,
            version=run.version,
            promoted=str(decision.promote).lower() if decision else None,
            reasons=list(decision.reasons) if decision else [],
        )


def rows_of(part):
    values = [[*row, target] for row, target in zip(part.features.tolist(), part.target.tolist(), strict=True)]
    return [[*part.feature_names, part.target_name], *[[repr(value) for value in row] for row in values]]


def weights_of(model):
    terms = zip(("(intercept)", *model.feature_names), (model.intercept, *model.coefficients.tolist()), strict=True)
    return [["term", "weight"], *[[name, repr(weight)] for name, weight in terms]]
