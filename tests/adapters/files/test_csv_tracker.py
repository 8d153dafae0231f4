import csv

import pytest

from adapters.files.csv_tracker import CsvTracker
from domain.errors import TrackerUnavailable
from tests.contracts.experiment_tracker import SETTINGS, ExperimentTrackerContract, Recorded
from tests.examples import NOON, SteppingClock, a_training


class TestCsvTracker(ExperimentTrackerContract):
    @pytest.fixture
    def root(self, tmp_path):
        return tmp_path / "runs"

    @pytest.fixture
    def tracker(self, root):
        self.root = root
        return CsvTracker(root, SteppingClock())

    def recorded(self, tracker, run_id):
        words = ("stop_reason", "warning")
        scores = {name: value for name, value in self.rows(run_id, "scores.csv")[1:] if name not in words}
        header, *notes = self.rows(run_id, "progress.csv") or [[]]
        decision = self.rows(run_id, "decision.csv")[1:]
        return Recorded(
            status=dict(self.rows(run_id, "run.csv"))["status"],
            settings={name: value or "None" for name, value in self.rows(run_id, "settings.csv")[1:]},
            losses=[float(loss) for _, loss in self.rows(run_id, "losses.csv")[1:]],
            certificates=[float(excess) for _, excess in self.rows(run_id, "certificates.csv")[1:]],
            notes=[
                {name: float(value) for name, value in zip(header, note, strict=True) if name != "phase"}
                for note in notes
            ],
            scores={name: float(value) for name, value in scores.items()},
            files={str(path.relative_to(self.root / run_id)): path.read_bytes() for path in self.files(run_id)},
            version=dict(decision).get("version"),
            promoted=dict(decision).get("promoted"),
            reasons=[value for name, value in decision if name == "reason"],
        )

    def files(self, run_id):
        return [path for path in (self.root / run_id).rglob("*") if path.is_file()]

    def rows(self, run_id, name):
        path = self.root / run_id / name
        if not path.exists():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    def test_runs_of_the_same_microsecond_get_directories_of_their_own(self, root, tracker):
        clock = SteppingClock()
        root.mkdir()
        (root / "20261123T120001.000000Z").mkdir()

        with CsvTracker(root, clock).run({}) as run:
            assert run.id == "20261123T120002.000000Z"
            assert dict(self.rows(run.id, "run.csv"))["status"] == "RUNNING"

    def test_unwritable_place_is_reported(self, tmp_path):
        (tmp_path / "file").write_text("in the way")

        with pytest.raises(TrackerUnavailable, match="file"), CsvTracker(tmp_path / "file", lambda: NOON).run({}):
            pass

    def test_disk_that_fills_up_is_reported_and_the_run_is_no_success(self, tracker, mocker):
        run = None

        def fill_up():
            nonlocal run
            with tracker.run(SETTINGS) as run:
                # A real full disk is tried in the store's tests; here it is to fill in the middle of a run.
                mocker.patch("adapters.files.csv_tracker.write_atomically", side_effect=OSError(28, "No space left"))
                run.record(a_training(), {})

        with pytest.raises(TrackerUnavailable, match="No space left"):
            fill_up()

        assert dict(self.rows(run.id, "run.csv"))["status"] == "RUNNING"
