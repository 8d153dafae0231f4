"""What every experiment tracker does, whatever it is made of."""

from dataclasses import dataclass

import numpy as np
import pytest

import domain.training
from domain.errors import Diverged
from domain.ports import ExperimentTracker, TrackedRun
from domain.promotion import Decision
from domain.sgd import Progress
from tests.examples import a_training

CHARTS = {"loss.png": b"\x89PNG\r\n\x1a\nloss", "fit.png": b"\x89PNG\r\n\x1a\nfit"}
SETTINGS = {"learning_rate": None, "batch_size": 32, "tol": 1e-6, "features": "x0, x1"}


@dataclass
class Recorded:
    """A run as it is found where the tracker put it, read without the tracker's help.

    Numbers are floats; data and weights are lists of rows, the header first, as strings. `train` and `test` are whole
    tables, and `train_sample` and `test_sample` what is kept of those that are too large.
    """

    status: str
    settings: dict[str, str]
    losses: list[float]
    certificates: list[float]
    notes: list[dict[str, float]]
    scores: dict[str, float]
    train: list[list[str]]
    test: list[list[str]]
    train_sample: list[list[str]]
    test_sample: list[list[str]]
    weights: list[list[str]]
    charts: dict[str, bytes]
    version: str | None
    promoted: str | None
    reasons: list[str]


class ExperimentTrackerContract:
    """Subclasses give the fixture `tracker`, and `recorded(run_id)`, which reads the technology itself."""

    @pytest.fixture
    def tracker(self) -> ExperimentTracker:
        raise NotImplementedError

    def recorded(self, tracker: ExperimentTracker, run_id: str) -> Recorded:
        raise NotImplementedError

    notes_of_a_burst = 1

    def let_time_pass(self, run: TrackedRun) -> None:
        """Make the run take the next note."""
        run._next_note = 0.0

    def test_finished_run_holds_everything(self, tracker):
        training = a_training()
        with tracker.run(SETTINGS) as run:
            run.record(training, CHARTS)
            run.conclude("17", Decision(True, ("R² is high", "nothing is in production yet")))

        found = self.recorded(tracker, run.id)

        assert found.status == "FINISHED"
        assert found.settings == {name: str(value) for name, value in SETTINGS.items()}
        assert found.losses == list(training.fit.report.losses)
        assert found.certificates == list(training.fit.report.excess_risk)
        assert training.scores.as_dict().items() <= found.scores.items()
        assert found.charts == CHARTS
        assert (found.version, found.promoted) == ("17", "true")
        assert found.reasons == ["R² is high", "nothing is in production yet"]

    def test_data_and_weights_are_kept_to_the_last_bit(self, tracker):
        training = a_training()
        with tracker.run(SETTINGS) as run:
            run.record(training, {})

        found = self.recorded(tracker, run.id)

        for rows, part in ((found.train, training.split.train), (found.test, training.split.test)):
            assert rows[0] == ["x0", "x1", "y"]
            assert [[float(cell) for cell in row] for row in rows[1:]] == [
                [*features, target]
                for features, target in zip(part.features.tolist(), part.target.tolist(), strict=True)
            ]
        model = training.fit.model
        assert [float(row[1]) for row in found.weights[1:]] == [model.intercept, *model.coefficients.tolist()]

    def test_sample_is_kept_of_data_that_are_too_many(self, tracker, monkeypatch):
        monkeypatch.setattr(domain.training, "KEPT_CELLS", 60)  # 20 rows of 3 columns; 50 are learnt from
        monkeypatch.setattr(domain.training, "KEPT_SAMPLE", 7)
        training = a_training()

        with tracker.run(SETTINGS) as run:
            run.record(training, {})

        found = self.recorded(tracker, run.id)
        rows = {
            tuple(row) for row in np.column_stack([training.split.train.features, training.split.train.target]).tolist()
        }
        assert len(found.train_sample) == 1 + 7
        assert {tuple(map(float, row)) for row in found.train_sample[1:]} < rows
        assert found.train == []
        assert (len(found.test), found.test_sample) == (1 + 10, [])

    def test_facts_of_the_fit_are_kept_beside_the_scores(self, tracker):
        training = a_training()
        with tracker.run(SETTINGS) as run:
            run.record(training, {})

        assert training.fit.report.facts().items() <= self.recorded(tracker, run.id).scores.items()

    def test_notes_are_kept_while_the_fit_runs_and_no_more_often_than_anybody_reads_them(self, tracker):
        with tracker.run(SETTINGS) as run:
            self.let_time_pass(run)
            for rows in range(5):
                run.note(Progress("certificate", 1, 100 + rows, loss=0.25, excess_risk=1e-7))
            notes = self.recorded(tracker, run.id).notes

        assert notes[0] == {"passes": 1, "rows_seen": 100, "loss": 0.25, "excess_risk": 1e-7}
        assert len(notes) == self.notes_of_a_burst

    def test_refusal_is_kept_with_its_reason(self, tracker):
        with tracker.run(SETTINGS) as run:
            run.record(a_training(), {})
            run.conclude("18", Decision(False, ("R² is low",)))

        found = self.recorded(tracker, run.id)

        assert (found.promoted, found.reasons) == ("false", ["R² is low"])

    def test_run_that_raises_ends_as_failed(self, tracker):
        with pytest.raises(Diverged), tracker.run(SETTINGS) as run:
            raise Diverged(3, 10.0)

        assert self.recorded(tracker, run.id).status == "FAILED"

    @pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
    def test_interrupted_run_ends_as_killed(self, tracker, interruption):
        with pytest.raises(interruption), tracker.run(SETTINGS) as run:
            raise interruption

        assert self.recorded(tracker, run.id).status == "KILLED"

    def test_runs_have_ids_of_their_own(self, tracker):
        ids = []
        for _ in range(3):
            with tracker.run(SETTINGS) as run:
                ids.append(run.id)

        assert len(set(ids)) == 3

    def test_empty_run_is_still_found(self, tracker):
        with tracker.run({}) as run:
            pass

        found = self.recorded(tracker, run.id)
        assert (found.status, found.version, found.promoted) == ("FINISHED", None, None)
