"""From the words of `endeavour train` to a training plan."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from domain.sgd import SGD
from domain.split import HoldOut, LastRows, RandomFraction
from domain.training import TrainingPlan
from entrypoints.revision import ROOT

# The default experiment: one feature of the diabetes data, the last 20 rows held out.
DEFAULT_DATA = ROOT / "data" / "diabetes.csv"
DEFAULT_TARGET, DEFAULT_FEATURES, DEFAULT_HOLDOUT = "progression", "bmi", "20"
# For anybody's data: a fifth of the rows.
USUAL_HOLDOUT = "0.2"


@dataclass(frozen=True, slots=True)
class Words:
    """What was said on the command line; None is what was not said."""

    data: Path | None
    target: str | None
    features: str | None
    holdout: str | None
    seed: int
    textbook: bool
    learner: dict[str, Any]

    @property
    def path(self) -> Path:
        """The data file."""
        return self.data or DEFAULT_DATA

    def plan(self) -> TrainingPlan:
        """Return the plan, or raise `BadSetting` or click's `UsageError`."""
        if self.data is None:
            target, features = self.target or DEFAULT_TARGET, self.features or DEFAULT_FEATURES
            return self._of(target, _names(features), DEFAULT_HOLDOUT)
        if self.target is None:
            raise click.UsageError("--data needs --target: which column is to be predicted?")
        return self._of(self.target, _names(self.features) if self.features is not None else None, USUAL_HOLDOUT)

    def _of(self, target: str, features: tuple[str, ...] | None, usual_hold_out: str) -> TrainingPlan:
        return TrainingPlan(target, features, self._hold_out(usual_hold_out), self._learner(), self.path.name)

    def _hold_out(self, usual: str) -> HoldOut:
        text = self.holdout or usual
        return LastRows(int(text)) if text.isdigit() else RandomFraction(float(text), self.seed)

    def _learner(self) -> SGD:
        said = {name: value for name, value in self.learner.items() if value is not None}
        if said.get("batch_size") == 0:
            said["batch_size"] = None
        if self.textbook:
            if said.keys() - {"learning_rate", "epochs"}:
                raise click.UsageError("--textbook goes with --learning-rate and --epochs only")
            return SGD.textbook(**said)
        if said.get("scaling") == "none":
            said.setdefault("tolerance", None)
        return SGD(**said, seed=self.seed)


def _names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list; a name with a comma in it goes between double quotes."""
    names = tuple(name.strip() for name in next(csv.reader([text]), []))
    if not all(names) or not names:
        raise click.UsageError("--features names an empty column; write them as a,b,c")
    return names
