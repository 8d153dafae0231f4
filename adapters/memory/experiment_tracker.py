"""Experiment tracker in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.errors import TrackerUnavailable
from domain.learning.fit import Progress
from domain.learning.plan import Training
from domain.model.model_version import Setting
from domain.ports import ExperimentTracker, TrackedRun
from domain.promotion.policy import Decision


@dataclass
class InMemoryRun(TrackedRun):
    """One run, as the caller recorded it."""

    name: str
    settings: dict[str, Setting]
    status: str = "RUNNING"
    training: Training | None = None
    notes: list[Progress] = field(default_factory=list)
    charts: dict[str, bytes] = field(default_factory=dict)
    version: str | None = None
    decision: Decision | None = None

    @property
    def id(self) -> str:
        """The run's number."""
        return self.name

    def note(self, progress: Progress) -> None:
        """Keep the note."""
        self.notes.append(progress)

    def record(self, training: Training, charts: Mapping[str, bytes]) -> None:
        """Keep the training and its charts."""
        self.training, self.charts = training, dict(charts)

    def conclude(self, version: str, decision: Decision) -> None:
        """Keep the version's name and the decision."""
        self.version, self.decision = version, decision


class InMemoryTracker(ExperimentTracker):
    """Keeps every run in `runs`, oldest first; while `failure` is set, `run` raises it."""

    def __init__(self) -> None:
        self.runs: list[InMemoryRun] = []
        self.failure: TrackerUnavailable | None = None

    @contextmanager
    def run(self, settings: Mapping[str, Setting]) -> Iterator[TrackedRun]:
        """Open the next run."""
        if self.failure:
            raise self.failure
        run = InMemoryRun(str(len(self.runs) + 1), dict(settings))
        self.runs.append(run)
        try:
            yield run
        except BaseException as error:
            run.status = "FAILED" if isinstance(error, Exception) else "KILLED"
            raise
        run.status = "FINISHED"
