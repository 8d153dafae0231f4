"""What every experiment tracker does, whatever it is made of."""

from dataclasses import dataclass

import pytest

from domain.errors import Diverged
from domain.ports import ExperimentTracker
from domain.promotion import Decision
from tests.examples import a_training

CHARTS = {"loss.png": b"\x89PNG\r\n\x1a\nloss", "fit.png": b"\x89PNG\r\n\x1a\nfit"}
SETTINGS = {"learning_rate": None, "batch_size": 32, "tolerance": 1e-14, "scaling": "whiten", "features": "x0, x1"}


@dataclass
class Recorded:
    """A run as it is found where the tracker put it, read without the tracker's help.

    Numbers are floats; data and weights are lists of rows, the header first, as strings.
    """

    status: str
    settings: dict[str, str]
    losses: list[float]
    scores: dict[str, float]
    train: list[list[str]]
    test: list[list[str]]
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

    def test_finished_run_holds_everything(self, tracker):
        training = a_training()
        with tracker.run(SETTINGS) as run:
            run.record(training, CHARTS)
            run.conclude("17", Decision(True, ("R² is high", "nothing is in production yet")))

        found = self.recorded(tracker, run.id)

        assert found.status == "FINISHED"
        assert found.settings == {name: str(value) for name, value in SETTINGS.items()}
        assert found.losses == list(training.fit.report.losses)
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

    def test_refusal_is_kept_with_its_reason(self, tracker):
        with tracker.run(SETTINGS) as run:
            run.record(a_training(), {})
            run.conclude("18", Decision(False, ("R² is low",)))

        found = self.recorded(tracker, run.id)

        assert (found.promoted, found.reasons) == ("false", ["R² is low"])

    def test_run_that_raises_ends_as_failed(self, tracker):
        with pytest.raises(Diverged), tracker.run(SETTINGS) as run:
            raise Diverged(3, 10.0, 0.5)

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
