from dataclasses import asdict

import pytest

from adapters.memory.experiment_tracker import InMemoryTracker
from domain.errors import TrackerUnavailable
from domain.learning.run_files import run_files
from tests.contracts.experiment_tracker import ExperimentTrackerContract, Recorded


class TestMemoryTracker(ExperimentTrackerContract):
    @pytest.fixture
    def tracker(self):
        return InMemoryTracker()

    @pytest.fixture
    def unreachable(self):
        tracker = InMemoryTracker()
        tracker.failure = TrackerUnavailable("memory", "out of reach")
        return tracker

    notes_of_a_burst = 5  # they cost nothing here

    def let_time_pass(self, run):
        pass

    def recorded(self, tracker, run_id):
        run = next(run for run in tracker.runs if run.id == run_id)
        training, decision = run.training, run.decision
        return Recorded(
            status=run.status,
            settings={name: str(value) for name, value in run.settings.items()},
            losses=list(training.fit.report.losses) if training else [],
            certificates=list(training.fit.report.relative_excess_loss) if training else [],
            notes=[
                {name: value for name, value in asdict(note).items() if isinstance(value, int | float)}
                for note in run.notes
            ],
            scores=training.scores.as_dict() | training.fit.report.metrics() if training else {},
            files=run_files(training, run.charts) if training else {},
            version=run.version,
            promoted=str(decision.promote).lower() if decision else None,
            reasons=list(decision.reasons) if decision else [],
        )
