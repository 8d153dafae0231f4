"""Options of `endeavour train`, converted to a training plan."""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from domain.data.columns import Column
from domain.data.rows import Rows
from domain.data.split import HoldOutFiles, HoldOutFraction, HoldOutLast, HoldOutStrategy
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.ports import DatasetSource

# The default experiment: one feature of the diabetes data, the last 20 rows held out.
DEFAULT_DATA = Path(__file__).parents[1] / "data" / "diabetes.csv"
DEFAULT_TARGET, DEFAULT_FEATURES, DEFAULT_HOLDOUT = "progression", "bmi", "20"
# For other data: a fifth of the rows, and the column with the name that targets usually have.
USUAL_HOLDOUT = "0.2"
USUAL_TARGETS = ("target", "y")


def training_plan(
    source_of: Callable[[str, str | None], DatasetSource],
    *,
    data: str | None,
    target: str | None,
    features: str | None,
    holdout: str | None,
    seed: int,
    textbook: bool,
    **learner: Any,
) -> tuple[TrainingPlan, DatasetSource]:
    """Return the plan that the options describe, and the source of the data, without the held-out files.

    Parameters
    ----------
    source_of : callable
        `source_of(place, without)` opens the data at a place, without the files at another.

    Raises
    ------
    InvalidParameter, InvalidData, click.UsageError
        If an option is not usable.
    """
    files = _held_out_files(holdout)
    source = source_of(data or str(DEFAULT_DATA), files)
    if data is None:
        target, holdout = target or DEFAULT_TARGET, holdout or DEFAULT_HOLDOUT
        features = DEFAULT_FEATURES if features is None else features
    target = target or _usual_target(source)
    plan = TrainingPlan(
        target,
        tuple(name for name in source.columns() if name != target) if features is None else _names(features),
        HoldOutFiles(Path(files).name, partial(_load_like, source_of(files, None)))
        if files
        else _rows(holdout or USUAL_HOLDOUT, seed),
        _learner(textbook, seed, learner),
        Path(data or DEFAULT_DATA).name,
    )
    return plan, source


def _held_out_files(holdout: str | None) -> str | None:
    if holdout is not None and not holdout.strip():
        raise click.UsageError("--holdout is empty: give held-out rows, such as 20, 0.2 or files")
    return None if holdout is None or _is_number(holdout) else holdout


def _load_like(source: DatasetSource, target: str, columns: Sequence[Column]) -> Rows:
    """Return the target and these columns of `source`, read as the same kinds."""
    names, kinds = [column.name for column in columns], {column.name: column.kind for column in columns}
    return source.load(target, names, kinds=kinds).rows


def _rows(text: str, seed: int) -> HoldOutStrategy:
    return HoldOutLast(int(text)) if text.isdigit() else HoldOutFraction(float(text), seed)


def _usual_target(source: DatasetSource) -> str:
    usual = [name for name in USUAL_TARGETS if name in source.columns()]
    if len(usual) != 1:
        raise click.UsageError("--data needs --target: which column is to be predicted?")
    return usual[0]


def _learner(textbook: bool, seed: int, options: Mapping[str, Any]) -> SGD:
    given = {name: value for name, value in options.items() if value is not None}
    if textbook:
        if given.keys() - {"learning_rate", "max_passes"}:
            raise click.UsageError("--textbook goes with --learning-rate and --max-passes only")
        return SGD.textbook(**given)
    if "learning_rate" in given:
        given.setdefault("tol", None)
    return SGD(**given, seed=seed)


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
        raise click.UsageError("--features names an empty column: write a,b,c")
    return names
