import csv

import pytest

from adapters.files.csv_tracker import CsvTracker
from domain.errors import TrackerUnavailable
from tests.contracts.experiment_tracker import SETTINGS, ExperimentTrackerContract, Recorded
from tests.support.examples import SteppingClock, a_training


class TestCsvTracker(ExperimentTrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path):
        self.root = tmp_path / "runs"
        return CsvTracker(self.root, SteppingClock())

    @pytest.fixture
    def unreachable(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return CsvTracker(tmp_path / "file", SteppingClock())

    def recorded(self, tracker, run_id):
        folder = self.root / run_id
        scores = {
            name: value for name, value in self.rows(run_id, "scores.csv") if name not in ("stop_reason", "warning")
        }
        header, *notes = self.rows(run_id, "progress.csv", skip=0) or [[]]
        decision = self.rows(run_id, "decision.csv")
        return Recorded(
            status=dict(self.rows(run_id, "run.csv"))["status"],
            settings={name: value or "None" for name, value in self.rows(run_id, "settings.csv")},
            losses=[float(loss) for _, loss in self.rows(run_id, "losses.csv")],
            certificates=[float(excess) for _, excess in self.rows(run_id, "certificates.csv")],
            notes=[
                {name: float(value) for name, value in zip(header, note, strict=True) if name != "phase"}
                for note in notes
            ],
            scores={name: float(value) for name, value in scores.items()},
            files={str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()},
            version=dict(decision).get("version"),
            promoted=dict(decision).get("promoted"),
            reasons=[value for name, value in decision if name == "reason"],
        )

    def rows(self, run_id, name, skip=1):
        path = self.root / run_id / name
        if not path.exists():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))[skip:]

    def test_runs_of_the_same_microsecond_get_directories_of_their_own(self, tracker):
        (self.root / "20261123T120001.000000Z").mkdir(parents=True)

        with tracker.run({}) as run:
            assert run.id == "20261123T120002.000000Z"
            assert dict(self.rows(run.id, "run.csv"))["status"] == "RUNNING"

    def test_t04_disk_that_fills_up_is_reported_and_the_run_is_no_success(self, tracker, mocker):
        full = OSError(28, "No space left")

        def fill_up():
            with tracker.run(SETTINGS) as run:
                self.run = run
                mocker.patch("adapters.files.csv_tracker.write_atomically", autospec=True, side_effect=full)
                run.record(a_training(), {})

        with pytest.raises(TrackerUnavailable, match="no space is left on the disk"):
            fill_up()

        assert dict(self.rows(self.run.id, "run.csv"))["status"] == "RUNNING"
