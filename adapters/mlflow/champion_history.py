"""The history of champions as text in a tag, and how it is brought in line with where the alias really points.

Of the champion's features nothing is said here: that is a tag of the version, where servers see it.
"""

import json
import logging
from datetime import UTC, datetime
from typing import get_args

from adapters.mlflow.vocabulary import is_version
from domain.history import Action, History, Promotion

log = logging.getLogger(__name__)

KEPT = 200
"""Changes of champion; a tag holds 100,000 characters, and a change needs some 90."""


def to_text(history: History) -> str:
    """Return the tag's value: the last `KEPT` changes, and the promotions before them that a rollback may return to."""
    line: list[Promotion] = []
    for change in history.changes[:-KEPT]:
        if change.action == "rollback":
            line.pop()
        else:
            line.append(change)
    changes = (*line[-2 * KEPT :], *history.changes[-KEPT:])
    return json.dumps([[c.version, c.replaced, c.action, c.at.astimezone(UTC).isoformat()] for c in changes])


def from_text(text: str | None) -> History:
    """Return the history in the tag; a tag that somebody has damaged counts as none, since the alias is the truth."""
    if text is None:
        return History()
    try:
        history = History(tuple(_change(*fields) for fields in json.loads(text)))
        history.previous  # noqa: B018  # a list with more rollbacks than promotions cannot tell it
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        log.warning("champion_history_damaged", extra={"why": str(error)})
        return History()
    return history


def _change(version: str, replaced: str | None, action: Action, at: str) -> Promotion:
    if not is_version(version) or not (replaced is None or is_version(replaced)) or action not in get_args(Action):
        raise ValueError(f"not a change of champion: {version!r}, {replaced!r}, {action!r}")
    return Promotion(version, replaced, action, datetime.fromisoformat(at).astimezone(UTC))


def reconciled(recorded: History, champion: str, at: datetime) -> History:
    """Return `recorded`, with a change appended if somebody moved the alias to `champion` by hand.

    A promotion that was cut off between the tag and the alias looks the same as an alias moved back by hand, and both
    mean the same: the champion is the one before.

    Parameters
    ----------
    at : datetime
        The earliest time at which the change can have been made; MLflow keeps no time of it.
    """
    if recorded.champion == champion:
        return recorded
    latest = max([at, *(change.at for change in recorded.changes[-1:])])
    if recorded.previous == champion:
        return recorded.roll_back(at=latest)
    return recorded.promote(champion, replacing=recorded.champion, at=latest)
