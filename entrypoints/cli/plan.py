"""From the words of `endeavour train` to a training plan."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from domain.ports import DatasetSource
from domain.sgd import SGD
from domain.split import HoldOut, LastRows, NamedFiles, RandomFraction
from domain.training import TrainingPlan

# The default experiment: one feature of the diabetes data, the last 20 rows held out.
DEFAULT_DATA = Path(__file__).parents[1] / "data" / "diabetes.csv"
DEFAULT_TARGET, DEFAULT_FEATURES, DEFAULT_HOLDOUT = "progression", "bmi", "20"
# For anybody's data: a fifth of the rows, and the column that is called what targets are called.
USUAL_HOLDOUT = "0.2"
USUAL_TARGETS = ("target", "y")


@dataclass(frozen=True, slots=True)
class Words:
    """What was said on the command line; None is what was not said.

    `source_of(place, without)` opens the data at a place, without the files of another.
    """

    data: str | None
    target: str | None
    features: str | None
    holdout: str | None
    seed: int
    textbook: bool
    learner: dict[str, Any]
    source_of: Callable[[str, str | None], DatasetSource]

    @property
    def source(self) -> DatasetSource:
        """The data to learn from: never the files that are named to judge by."""
        return self.source_of(self.data or str(DEFAULT_DATA), self._judging_files)

    def plan(self) -> TrainingPlan:
        """Return the plan, or raise `BadSetting`, `BadData` or click's `UsageError`."""
        if self.data is None:
            target, features = self.target or DEFAULT_TARGET, self.features or DEFAULT_FEATURES
            return self._of(target, _names(features), DEFAULT_HOLDOUT, DEFAULT_DATA.name)
        features_said = _names(self.features) if self.features is not None else None
        return self._of(self.target or self._usual_target(), features_said, USUAL_HOLDOUT, Path(self.data).name)

    def _of(self, target: str, features: tuple[str, ...] | None, usual_hold_out: str, data: str) -> TrainingPlan:
        return TrainingPlan(target, features, self._hold_out(usual_hold_out), self._learner(), data)

    def _usual_target(self) -> str:
        usual = [name for name in USUAL_TARGETS if name in self.source.columns()]
        if len(usual) != 1:
            raise click.UsageError("--data needs --target: which column is to be predicted?")
        return usual[0]

    def _hold_out(self, usual: str) -> HoldOut:
        text = self.holdout or usual
        files = self._judging_files
        if files is not None:
            return NamedFiles(Path(files).name, self.source_of(files, None).load)
        return LastRows(int(text)) if text.isdigit() else RandomFraction(float(text), self.seed)

    @property
    def _judging_files(self) -> str | None:
        if self.holdout is not None and not self.holdout.strip():
            raise click.UsageError("--holdout is empty: name rows to judge by, as 20, 0.2 or files")
        return self.holdout if self.holdout is not None and not _is_number(self.holdout) else None

    def _learner(self) -> SGD:
        said = {name: value for name, value in self.learner.items() if value is not None}
        if self.textbook:
            if said.keys() - {"learning_rate", "max_passes"}:
                raise click.UsageError("--textbook goes with --learning-rate and --max-passes only")
            return SGD.textbook(**said)
        if "learning_rate" in said:
            said.setdefault("tol", None)
        return SGD(**said, seed=self.seed)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list; a name with a comma in it goes between double quotes."""
    names = tuple(name.strip() for name in next(csv.reader([text]), []))
    if not all(names) or not names:
        raise click.UsageError("--features names an empty column; write them as a,b,c")
    return names
