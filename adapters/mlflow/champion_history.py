"""Champion history: the changes of champion as text in a tag, brought in line with the alias.

The approval of other features is the tag `FEATURE_CHANGE_APPROVED_TAG` of the version, because servers read that.
"""

import json
import logging
from datetime import UTC, datetime
from typing import get_args

from adapters.mlflow.names import MAX_MODEL_TAG_CHARACTERS, is_version
from adapters.mlflow.remedies import first_line
from domain.access.redaction import Redaction
from domain.promotion.history import Action, ChampionChange, PromotionHistory

log = logging.getLogger(__name__)

MIN_ROLLBACKS = 20
"""Rollbacks in a row that a shortened history still allows, if the whole history did."""


def to_text(history: PromotionHistory) -> str:
    """Return the tag's value: all changes, or as many recent ones as `MAX_MODEL_TAG_CHARACTERS` hold."""
    changes = history.changes
    while True:
        rows = [[c.version, c.replaced, c.action, c.at.astimezone(UTC).isoformat()] for c in changes]
        text = json.dumps(rows, separators=(",", ":"))
        if len(text) <= MAX_MODEL_TAG_CHARACTERS:
            return text
        changes = _shortened(changes)


def _shortened(changes: tuple[ChampionChange, ...]) -> tuple[ChampionChange, ...]:
    """Return `changes` without the oldest promotion, or without the oldest one that was rolled back at once.

    Either keeps the champion and the version that each later rollback returned to.
    """
    standing: list[int] = []
    first_rollback = 0
    for index, change in enumerate(changes):
        if change.action == "promote":
            standing.append(index)
        else:
            standing.pop()
            first_rollback = first_rollback or index
    nothing_returned_to_the_oldest = standing[1:2] == [1]
    if first_rollback and not (nothing_returned_to_the_oldest and len(standing) > MIN_ROLLBACKS + 1):
        return changes[: first_rollback - 1] + changes[first_rollback + 1 :]
    return changes[1:]


def from_text(text: str | None) -> PromotionHistory:
    """Return the history in the tag; a damaged tag counts as none, because the alias decides."""
    if text is None:
        return PromotionHistory()
    try:
        history = PromotionHistory(tuple(_change(*fields) for fields in json.loads(text)))
        history.previous  # noqa: B018  # raises if there are more rollbacks than promotions
    except (ValueError, TypeError, IndexError, OverflowError, RecursionError) as error:
        log.warning("champion_history_damaged", extra={"why": first_line(error, Redaction())})
        return PromotionHistory()
    return history


def _change(version: str, replaced: str | None, action: Action, at: str) -> ChampionChange:
    if not is_version(version) or not (replaced is None or is_version(replaced)) or action not in get_args(Action):
        raise ValueError(f"not a change of champion: {version!r}, {replaced!r}, {action!r}")
    return ChampionChange(version, replaced, action, datetime.fromisoformat(at).astimezone(UTC))


def reconcile(recorded: PromotionHistory, champion: str, at: datetime) -> PromotionHistory:
    """Return `recorded`, with a change appended if the alias was moved to `champion` by hand.

    A promotion that was cut off between the tag and the alias looks the same as an alias that was moved back by hand:
    the champion is the one before.

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
