"""MLflow as experiment tracker."""

import logging
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.entities import Metric, Param, RunTag

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.datasets import dataset_digest, dataset_inputs, dataset_name
from adapters.mlflow.descriptions import model_source, run_note
from adapters.mlflow.failures import retry_race
from domain.errors import TrackerUnavailable
from domain.learning.fit import Progress
from domain.learning.plan import Training
from domain.learning.run_files import run_files
from domain.model.model_version import Setting
from domain.model.scores import Scores
from domain.ports import ExperimentTracker, TrackedRun
from domain.promotion.policy import Decision

log = logging.getLogger(__name__)

SECONDS_BETWEEN_NOTES = 2.0
# Numbers of a fit that people compare across runs, which MLflow draws; the others are tags.
COMPARED = ("train_mse", "fit_seconds")
MAX_RUN_NAME_CHARACTERS = 250  # of MLflow's column


class MlflowTracker(ExperimentTracker):
    """Keeps every training as a run of the connection's experiment."""

    def __init__(self, connection: MlflowConnection) -> None:
        self._connection = connection

    def validate(self) -> None:
        """Check by reading that a run can be recorded, or raise `TrackerUnavailable`."""
        with self._connection.client(TrackerUnavailable) as client:
            self._connection.experiment(client)

    @contextmanager
    def run(self, settings: Mapping[str, Setting]) -> Iterator[TrackedRun]:
        """Open a run, and end it in MLflow as the context is left."""
        run = MlflowRun(self._connection)
        try:
            run.begin(settings)
            yield run
        except BaseException as error:
            # A transaction that was interrupted lives on in the frames of its error, and keeps SQLite locked.
            traceback.clear_frames(error.__traceback__)
            run.abandon("FAILED" if isinstance(error, Exception) else "KILLED")
            raise
        run.end("FINISHED")


class MlflowRun(TrackedRun):
    """One run of the experiment."""

    def __init__(self, connection: MlflowConnection) -> None:
        self._connection = connection
        self._client = partial(connection.client, TrackerUnavailable)
        self._id = self._data = ""
        self._scores: Scores | None = None
        self._next_note = time.monotonic() + SECONDS_BETWEEN_NOTES

    @property
    def id(self) -> str:
        """MLflow's run id."""
        return self._id

    def begin(self, settings: Mapping[str, Setting]) -> None:
        """Create the run, with `settings` as its parameters."""
        self._data = str(settings.get("data") or "data")
        params = [Param(name, str(value)) for name, value in settings.items()]
        tags = {"mlflow.source.name": "endeavour", "mlflow.source.type": "LOCAL"}
        with self._client() as client:
            run = client.create_run(self._connection.experiment_id(client), tags=tags, run_name=_run_name(settings))
            self._id = str(run.info.run_id)
            self._artifacts = self._connection.artifacts(run.info.artifact_uri)
            client.log_batch(self._id, params=params)

    def note(self, progress: Progress) -> None:
        """Send loss and certificate as metrics `progress_…`, passes and rows as tags, every few seconds at most."""
        if time.monotonic() < self._next_note:
            return
        self._next_note = time.monotonic() + SECONDS_BETWEEN_NOTES
        now = int(time.time() * 1000)
        curves = {"progress_loss": progress.loss, "progress_relative_excess_loss": progress.relative_excess_loss}
        metrics = [Metric(name, y, now, progress.rows_seen) for name, y in curves.items() if y is not None]
        counters = {"passes": progress.passes, "rows_seen": progress.rows_seen}
        try:
            with self._client() as client:
                client.log_batch(self._id, metrics=metrics, tags=_tags(counters))
        except TrackerUnavailable as error:
            log.warning("progress_not_recorded", extra={"run": self._id, "why": error.why})
            self._next_note = float("inf")

    def record(self, training: Training, charts: Mapping[str, bytes]) -> None:
        """Send losses and certificates (step 1 is the first), scores, counters, data, weights and charts."""
        self._scores = training.scores
        metrics = _metrics(training, self._data, now=int(time.time() * 1000))
        report = training.fit.report
        words = {"stop_reason": report.stop_reason, **({"warning": report.warning} if report.warning else {})}
        tags = _tags(words | {name: value for name, value in report.metrics().items() if name not in COMPARED})
        datasets = dataset_inputs(training, self._id, self._data)
        with self._client() as client, TemporaryDirectory(prefix="endeavour-") as scratch:
            for path, content in run_files(training, charts).items():
                Path(scratch, path).parent.mkdir(parents=True, exist_ok=True)
                Path(scratch, path).write_bytes(content)
            # Runs on the same data write the same rows of MLflow's tables.
            retry_race(lambda: client.log_inputs(self._id, datasets=datasets))
            client.log_batch(self._id, metrics=metrics, tags=tags)
            self._artifacts.log_artifacts(scratch)  # type: ignore[no-untyped-call]  # MLflow does not annotate it

    def conclude(self, version: str, decision: Decision) -> None:
        """Tag the run with the version, the decision and its reasons without secrets, and write its note."""
        reasons = tuple(map(self._connection.redaction.text, decision.reasons))
        facts = {"version": version, "promoted": str(decision.promote).lower(), "reasons": "\n".join(reasons)}
        note = RunTag("mlflow.note.content", run_note(version, replace(decision, reasons=reasons), self._scores))
        with self._client() as client:
            client.log_batch(self._id, tags=[*_tags(facts), note])

    def end(self, status: str) -> None:
        """Write down how the run ended."""
        with self._client() as client:
            client.set_terminated(self._id, status)

    def abandon(self, status: str) -> None:
        """End the run as `status` if that is possible; the error that ends the training is the one to report."""
        if not self._id:
            return  # MLflow has returned no run
        try:
            self.end(status)
        except TrackerUnavailable as error:
            log.warning("run_not_ended", extra={"run": self._id, "status": status, "why": error.why})


def _tags(facts: Mapping[str, object]) -> list[RunTag]:
    return [RunTag(f"endeavour.{name}", str(value)) for name, value in facts.items()]


def _run_name(settings: Mapping[str, Setting]) -> str | None:
    """Return a name such as "price from houses.csv, 2026-11-28 22:10", None if the settings have no target."""
    target, began = settings.get("target"), f", {datetime.now(UTC):%Y-%m-%d %H:%M}"
    return model_source(str(target), settings)[: MAX_RUN_NAME_CHARACTERS - len(began)] + began if target else None


def _metrics(training: Training, data: str, now: int) -> list[Metric]:
    """Return losses, certificates and the numbers that runs are compared by; `now` is in milliseconds since 1970.

    A single loss is `train_mse` already, and no curve.
    """
    report, test = training.fit.report, training.split.test
    measured_on = {"dataset_name": dataset_name("test", data), "dataset_digest": dataset_digest(test)}
    losses = report.losses if len(report.losses) > 1 else ()
    series = {"loss": losses, "relative_excess_loss": report.relative_excess_loss}
    fit = report.metrics()
    return [
        *(Metric(name, value, now, step) for name in series for step, value in enumerate(series[name], start=1)),
        *(Metric(name, value, now, report.passes, **measured_on) for name, value in training.scores.as_dict().items()),
        *(Metric(name, float(fit[name]), now, report.passes) for name in COMPARED),
    ]
