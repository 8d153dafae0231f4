"""Contract of an experiment tracker: held by files, memory and MLflow."""

from dataclasses import dataclass

import pytest

from domain.errors import TrackerUnavailable
from domain.learning.errors import Diverged
from domain.learning.fit import Progress
from domain.learning.run_files import run_files
from domain.ports import TrackedRun
from domain.promotion.policy import Decision
from tests.support.examples import a_training

CHARTS = {"effects/a.png": b"\x89PNG\r\n\x1a\na", "fit.png": b"\x89PNG\r\n\x1a\nfit"}
SETTINGS = {"learning_rate": None, "batch_size": 32, "tol": 1e-6, "features": "x0, x1"}


@dataclass
class Recorded:
    """A run as it is found where the tracker put it, read without the tracker's help; files by their path."""

    status: str
    settings: dict[str, str]
    losses: list[float]
    certificates: list[float]
    notes: list[dict[str, float]]
    scores: dict[str, float]
    files: dict[str, bytes]
    version: str | None
    promoted: str | None
    reasons: list[str]


class ExperimentTrackerContract:
    """Subclasses give the fixtures `tracker` and `unreachable`, and `recorded(tracker, run_id)`, which bypasses it."""

    notes_of_a_burst = 1

    def let_time_pass(self, run: TrackedRun) -> None:
        """Make the run take the next note."""
        run._next_note = 0.0

    @pytest.mark.parametrize(
        ("promote", "reasons"), [(True, ["R² is high", "nothing is in production yet"]), (False, ["R² is low"])]
    )
    def test_finished_run_holds_everything(self, tracker, promote, reasons):
        training = a_training()
        with tracker.run(SETTINGS) as run:
            run.record(training, CHARTS)
            run.conclude("17", Decision(promote, tuple(reasons)))

        found = self.recorded(tracker, run.id)

        assert found.status == "FINISHED"
        assert found.settings == {name: str(value) for name, value in SETTINGS.items()}
        assert found.losses == list(training.fit.report.losses)
        assert found.certificates == list(training.fit.report.relative_excess_loss)
        assert training.scores.as_dict().items() <= found.scores.items()
        assert training.fit.report.metrics().items() <= found.scores.items()
        assert run_files(training, CHARTS).items() <= found.files.items()
        assert (found.version, found.promoted, found.reasons) == ("17", str(promote).lower(), reasons)

    def test_notes_are_kept_while_the_fit_runs_at_intervals(self, tracker):
        with tracker.run(SETTINGS) as run:
            self.let_time_pass(run)
            for rows in range(5):
                run.note(Progress("certificate", 1, 100 + rows, loss=0.25, relative_excess_loss=1e-7))
            notes = self.recorded(tracker, run.id).notes

        assert notes[0] == {"passes": 1, "rows_seen": 100, "loss": 0.25, "relative_excess_loss": 1e-7}
        assert len(notes) == self.notes_of_a_burst

    def test_unreachable_tracker_is_unavailable(self, unreachable):
        with pytest.raises(TrackerUnavailable), unreachable.run(SETTINGS):
            pass

    @pytest.mark.parametrize(
        ("error", "status"), [(Diverged(3, 10.0), "FAILED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(), "KILLED")]
    )
    def test_run_that_an_error_ends_has_its_status(self, tracker, error, status):
        with pytest.raises(type(error)), tracker.run(SETTINGS) as run:
            raise error

        assert self.recorded(tracker, run.id).status == status

    def test_empty_runs_are_found_under_ids_of_their_own(self, tracker):
        ids = []
        for _ in range(3):
            with tracker.run({}) as run:
                ids.append(run.id)

        assert len(set(ids)) == 3
        found = self.recorded(tracker, run.id)
        assert (found.status, found.version, found.promoted) == ("FINISHED", None, None)
