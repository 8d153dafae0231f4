"""Experiment tracker in files: keeps runs as directories of CSV and pictures, also while MLflow is away."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC
from pathlib import Path

from adapters.host.atomic_write import write_atomically
from adapters.host.disk_problem import disk_problems_as
from domain.errors import TrackerUnavailable
from domain.learning.fit import Progress
from domain.learning.plan import Training
from domain.learning.run_files import csv_table, run_files
from domain.model.model_version import Setting
from domain.ports import Clock, ExperimentTracker, TrackedRun
from domain.promotion.policy import Decision

SECONDS_BETWEEN_NOTES = 2.0


class CsvTracker(ExperimentTracker):
    """Keeps each run in a directory of its own, named by the UTC time at which it began.

    Parameters
    ----------
    root : Path
        The directory of all runs; made when first written to.
    clock : Clock
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock

    @contextmanager
    def run(self, settings: Mapping[str, Setting]) -> Iterator[TrackedRun]:
        """Make the directory, and write into `run.csv` how the run ended."""
        run = _CsvRun(self._new_directory(), self._clock)
        try:
            run.write_settings(settings)
            run.write_status("RUNNING")
            yield run
        except BaseException as error:
            with suppress(TrackerUnavailable):  # the error that ends the training is the one to report
                run.write_status("FAILED" if isinstance(error, Exception) else "KILLED")
            raise
        run.write_status("FINISHED")

    def _new_directory(self) -> Path:
        with disk_problems_as(TrackerUnavailable, str(self._root)):
            while True:
                directory = self._root / f"{self._clock().astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
                with suppress(FileExistsError):
                    directory.mkdir(parents=True)
                    return directory


class _CsvRun(TrackedRun):
    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._began = clock()
        self._notes: list[dict[str, object]] = []
        self._next_note = time.monotonic() + SECONDS_BETWEEN_NOTES

    @property
    def id(self) -> str:
        return self._directory.name

    def note(self, progress: Progress) -> None:
        if time.monotonic() < self._next_note:
            return
        self._next_note = time.monotonic() + SECONDS_BETWEEN_NOTES
        self._notes.append(asdict(progress))
        with suppress(TrackerUnavailable):
            self._write_table("progress.csv", self._notes[0], (note.values() for note in self._notes))

    def record(self, training: Training, charts: Mapping[str, bytes]) -> None:
        report = training.fit.report
        self._write_table("losses.csv", ("pass", "loss"), enumerate(report.losses, start=1))
        self._write_table(
            "certificates.csv", ("certificate", "relative_excess_loss"), enumerate(report.relative_excess_loss, start=1)
        )
        words = {"stop_reason": report.stop_reason, "warning": report.warning}
        facts: dict[str, object] = {**training.scores.as_dict(), **report.metrics(), **words}
        self._write_table("scores.csv", ("name", "value"), facts.items())
        for path, content in run_files(training, charts).items():
            self._write(path, content)

    def conclude(self, version: str, decision: Decision) -> None:
        rows = [("version", version), ("promoted", str(decision.promote).lower())]
        self._write_table("decision.csv", ("name", "value"), [*rows, *(("reason", why) for why in decision.reasons)])

    def write_settings(self, settings: Mapping[str, Setting]) -> None:
        self._write_table("settings.csv", ("name", "value"), settings.items())

    def write_status(self, status: str) -> None:
        ended = "" if status == "RUNNING" else self._clock().isoformat()
        rows = [("status", status), ("began", self._began.isoformat()), ("ended", ended)]
        self._write_table("run.csv", ("name", "value"), rows)

    def _write_table(self, name: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        self._write(name, csv_table(header, rows))

    def _write(self, name: str, data: bytes) -> None:
        path = self._directory / name
        with disk_problems_as(TrackerUnavailable, str(self._directory)):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, data)
