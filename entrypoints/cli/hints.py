"""Hints: what an operator can type after an error or a decision; errors themselves hold facts only."""

import csv
import io
import re
import shlex
from collections.abc import Mapping, Sequence

from domain.access.errors import CorruptKeyFile, UnknownKey
from domain.data.errors import InvalidCell, TooFewRows, UnusableColumns
from domain.delivery.errors import NoModelLoaded, NoRollout, ReplicasUnavailable
from domain.errors import ClusterUnavailable, EndeavourError
from domain.model.errors import (
    CorruptModel,
    IntervalUnavailable,
    ModelNotFound,
    OutputRefused,
    UnpredictableCell,
    WrongCell,
)
from domain.monitoring.errors import NoDistributions
from domain.promotion.errors import FeatureChangeNotApproved, NoPreviousVersion, PromotionConflict
from domain.promotion.policy import Decision
from entrypoints.cli.server_answer import NoServer

_PROMOTE_ANOTHER = "`endeavour models` lists the versions that `endeavour promote` can choose from"
# By class; `{0}` is the error.
HINTS: Mapping[type[EndeavourError], str] = {
    ClusterUnavailable: "no version was registered, and scored files stay; then run the command again",
    CorruptKeyFile: "repair the file or restore a backup; or remove it, and issue keys with `endeavour keys add NAME`",
    CorruptModel: _PROMOTE_ANOTHER,
    FeatureChangeNotApproved: "once clients send the new ones: `endeavour promote {0.version} --allow-feature-change`",
    IntervalUnavailable: "`endeavour train --holdout` makes a version that has one; `endeavour promote` chooses it",
    ModelNotFound: "`endeavour models` lists the versions",
    NoDistributions: "`endeavour train` makes a version that keeps them",
    NoModelLoaded: "`endeavour train` makes and promotes one; `endeavour doctor` finds faults",
    NoPreviousVersion: _PROMOTE_ANOTHER,
    NoServer: "`endeavour serve` starts a server here; `--url` names another one",
    NoRollout: "`endeavour rollout start VERSION` begins one",
    OutputRefused: "name another folder with `--output`, or replace it with `--overwrite`",
    PromotionConflict: "run the command again to compare with the new champion",
    ReplicasUnavailable: "`endeavour serve` starts a server here; ENDEAVOUR_REPLICAS=http://HOST:PORT names others",
    TooFewRows: "choose the held-out rows with `--holdout`; fewer `--features`, or a penalty, need fewer training rows",
    InvalidCell: "correct the cell, read its text as empty with `--na`, or leave the column out with `--exclude`",
    UnpredictableCell: "correct the cell, or predict null for such rows with `--on-bad-row null`",
    UnknownKey: "`endeavour keys list` lists the keys",
    WrongCell: "correct the cell, or read its text as empty with `--na`",
}
# Reasons of columns that another kind or an empty cell can help: a cell, not a type, or whole numbers that are ids.
_OF_CELLS, _OF_IDS = re.compile("""holds ['"]"""), re.compile("has whole numbers beyond")


def hint(error: EndeavourError) -> str:
    """Return what to type after `error`; '' if there is nothing, or if the message names it."""
    if isinstance(error, UnusableColumns):
        return _column_hint(error)
    return HINTS.get(type(error), "").format(error)


def _column_hint(error: UnusableColumns) -> str:
    if error.target in error.reasons:
        cells = "correct the cell, read its text as empty with `--na`, or "
        is_text = _OF_CELLS.match(error.reasons[error.target])
        return f"{cells if is_text else ''}name another column with `--target`"
    if error.usable:
        those = "these all the same" if set(error.usable) <= set(error.reasons) else "the others"
        return f"to learn from {those}: `--features {_as_option(error.usable)}`"
    texts = [name for name, reason in error.reasons.items() if _OF_CELLS.match(reason)]
    ids = [name for name, reason in error.reasons.items() if _OF_IDS.match(reason)]
    if not texts and not ids:
        return ""
    kinds = f"`--as {_as_option([f'category:{name}' for name in (*texts, *ids)])}`"
    return (
        f"correct the cell, read its text as empty with `--na`, or read all texts as levels: {kinds}"
        if texts
        else kinds
    )


def _as_option(names: Sequence[str]) -> str:
    """Return names as a shell and a list of names on the command line take them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(names)
    return shlex.quote(text.getvalue())


def decision_hints(version: str, decision: Decision) -> tuple[str, ...]:
    """Return what to type after a decision about `version`, if anything."""
    if decision.awaits_approval:
        return (
            f"to replace it: endeavour promote {version} --allow-feature-change",
            "to keep both:  ENDEAVOUR_MODEL_NAME=NAME endeavour train …",
        )
    if decision.awaits_rollout:
        return (f"to try it on a share of the requests: endeavour rollout start {version}",)
    if decision.rollout:
        return ("to drive it: endeavour rollout run", "to watch it: endeavour rollout status")
    return ()
