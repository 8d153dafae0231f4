"""Options of `endeavour train`, converted to a training plan."""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args

import click

from domain.data.columns import Column, Kind
from domain.data.quoting import quoted_name
from domain.data.rows import Rows
from domain.data.split import HoldOutFiles, HoldOutFraction, HoldOutLast, HoldOutStrategy
from domain.errors import InvalidParameter, format_names
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from domain.learning.terms.choice import Terms
from domain.ports import DatasetSource
from entrypoints.cli.name_list import names_of

# The default experiment: one feature of the diabetes data, the last 20 rows held out.
DEFAULT_DATA = Path(__file__).parents[1] / "data" / "diabetes.csv"
DEFAULT_TARGET, DEFAULT_FEATURES, DEFAULT_HOLDOUT = "progression", "bmi", "20"
# For other data: a fifth of the rows, and the column with the name that targets usually have.
USUAL_HOLDOUT = "0.2"
USUAL_TARGETS = ("target", "y")


def training_plan(
    source_of: Callable[..., DatasetSource],
    *,
    data: str | None,
    target: str | None,
    features: str | None,
    exclude: str | None,
    kinds: str | None,
    na: str | None,
    encoding: str | None,
    holdout: str | None,
    terms: Terms | None,
    penalty: str | None,
    log_target: bool,
    seed: int,
    textbook: bool,
    **learner: Any,
) -> tuple[TrainingPlan, DatasetSource]:
    """Return the plan that the options describe, and the source of the data, without the held-out files.

    Parameters
    ----------
    source_of : callable
        `source_of(place, without, **options)` opens the data at a place, without the files at another.

    Raises
    ------
    InvalidParameter, InvalidData, click.UsageError
        If an option is not usable.
    """
    files = _held_out_files(holdout)
    given = {"na": None if na is None else names_of(na, "--na"), "encoding": encoding}
    options = {name: value for name, value in given.items() if value is not None}
    source = source_of(data or str(DEFAULT_DATA), files, **options)
    if data is None:
        target, holdout = target or DEFAULT_TARGET, holdout or DEFAULT_HOLDOUT
        features = DEFAULT_FEATURES if features is None else features
    target = _target(target) if target else _usual_target(source)
    descends = textbook or learner["learning_rate"] is not None
    if descends and (terms or penalty or log_target):
        raise click.UsageError("plain gradient descent takes the columns as they are: leave the other option out")
    is_plain = data is None or descends
    plan = TrainingPlan(
        target,
        None if features is None else names_of(features, "--features"),
        _hold_out(files, holdout, seed, partial(source_of, **options)),
        _learner(textbook, seed, learner),
        _recorded(data or str(DEFAULT_DATA)),
        exclude=() if exclude is None else names_of(exclude, "--exclude"),
        kinds={} if kinds is None else _kinds(kinds),
        terms=terms or ("linear" if is_plain else "auto"),
        penalty=_penalty(penalty or ("0" if is_plain else "auto")),
        log_target=log_target,
        seed=seed,
    )
    return plan, source


def _hold_out(
    files: str | None, holdout: str | None, seed: int, source_of: Callable[..., DatasetSource]
) -> HoldOutStrategy:
    if files:
        return HoldOutFiles(_recorded(files), partial(_load_like, source_of(files, None)))
    text = holdout or USUAL_HOLDOUT
    return HoldOutLast(int(text)) if text.isdigit() else HoldOutFraction(float(text), seed)


def _recorded(place: str) -> str:
    """Return how a run names a table: a file without its folder, which depends on the host, and an object in full."""
    return place if "://" in place else Path(place).name


def _kinds(text: str) -> dict[str, Kind]:
    """Return the kinds by name in a list such as ``category:zip,number:grade``."""
    kinds: dict[str, Kind] = {}
    for pair in names_of(text, "--as"):
        kind, _, name = pair.partition(":")
        if kind not in get_args(Kind) or not name.strip():
            example = """; a name with a comma is written as '"category:height, mm"'"""
            raise click.UsageError(f"--as is a list of KIND:COLUMN; the kinds are {', '.join(get_args(Kind))}{example}")
        kinds[name.strip()] = cast("Kind", kind)
    return kinds


def _penalty(text: str) -> float | None:
    """Return the number in `text`, or None for ``auto``."""
    if text == "auto":
        return None
    if not _is_number(text) or not 0 <= float(text) < math.inf:
        raise InvalidParameter("penalty", text, "a number of at least 0, or auto")
    return float(text)


def _held_out_files(holdout: str | None) -> str | None:
    if holdout is not None and not holdout.strip():
        raise click.UsageError("--holdout is empty: give held-out rows, such as 20, 0.2 or files")
    return None if holdout is None or _is_number(holdout) else holdout


def _load_like(source: DatasetSource, target: str, columns: Sequence[Column]) -> Rows:
    """Return the target and these columns of `source`, read as the same kinds."""
    names, kinds = [column.name for column in columns], {column.name: column.kind for column in columns}
    return source.load(target, names, kinds=kinds).rows


def _target(text: str) -> str:
    """Return a name, which may be quoted as in a list of names."""
    names = next(csv.reader([text]), [])
    return names[0].strip() if len(names) == 1 else text.strip()


def _usual_target(source: DatasetSource) -> str:
    columns = source.columns()
    usual = [name for name in USUAL_TARGETS if name in columns]
    if len(usual) != 1:
        names = format_names([*map(quoted_name, columns)])
        raise click.UsageError(f"--data needs --target: which column is to be predicted? The columns are {names}")
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
