"""Hints: what an operator can type after an error or a decision; errors themselves hold facts only."""

import csv
import io
import shlex
from collections.abc import Mapping, Sequence

from domain.access.errors import CorruptKeyFile, UnknownKey
from domain.data.errors import InvalidCell, TooFewRows, UnusableColumns
from domain.delivery.errors import NoModelLoaded
from domain.errors import EndeavourError
from domain.model.errors import CorruptModel, ModelNotFound
from domain.promotion.errors import FeatureChangeNotApproved, NoPreviousVersion, PromotionConflict

_PROMOTE_ANOTHER = "`endeavour models` lists the versions that `endeavour promote` can choose from"
# By class; `{0}` is the error.
HINTS: Mapping[type[EndeavourError], str] = {
    CorruptKeyFile: "repair the file or restore a backup; or remove it, and issue keys with `endeavour keys add NAME`",
    CorruptModel: _PROMOTE_ANOTHER,
    FeatureChangeNotApproved: "once clients send the new ones: `endeavour promote {0.version} --allow-feature-change`",
    ModelNotFound: "`endeavour models` lists the versions",
    NoModelLoaded: "`endeavour train` makes and promotes one; `endeavour doctor` finds faults",
    NoPreviousVersion: _PROMOTE_ANOTHER,
    PromotionConflict: "run the command again to compare with the new champion",
    TooFewRows: "choose the held-out rows with `--holdout`; fewer `--features`, or a penalty, need fewer training rows",
    InvalidCell: "correct the cell, read its text as empty with `--na`, or leave the column out with `--exclude`",
    UnusableColumns: "name others with `--target` or `--features`, or read one as another kind: `--as category:NAME`",
    UnknownKey: "`endeavour keys list` lists the keys",
}


def hint(error: EndeavourError) -> str:
    """Return what to type after `error`; '' if there is nothing."""
    if isinstance(error, UnusableColumns) and error.usable:
        return f"to learn from the others: `--features {_as_option(error.usable)}`"
    return HINTS.get(type(error), "").format(error)


def _as_option(names: Sequence[str]) -> str:
    """Return names as a shell and a list of names on the command line take them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="").writerow(names)
    return shlex.quote(text.getvalue())


def approval_hints(version: str) -> tuple[str, ...]:
    """Return what to type after a decision that awaits the approval of the features of `version`."""
    return (
        f"to replace it: endeavour promote {version} --allow-feature-change",
        "to keep both:  ENDEAVOUR_MODEL_NAME=NAME endeavour train …",
    )
