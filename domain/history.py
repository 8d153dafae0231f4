"""Which version was in production when: the list that promotion appends to and rollback walks back along."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.errors import NothingToRollBackTo, PromotionConflict

Action = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of champion.

    Parameters
    ----------
    version : str
        In production from then on.
    replaced : str or None
        In production until then.
    action : {'promote', 'rollback'}
    at : datetime
        UTC.
    """

    version: str
    replaced: str | None
    action: Action
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Every change of champion, oldest first; it only ever grows.

    Rolling back returns to what was in production before, and rolling back again to what was before that: a second,
    nervous rollback never brings the bad version back.

    Parameters
    ----------
    changes : tuple of Promotion
    features_may_change : bool
        Whether the champion may be served where clients have sent other features so far. It is said of a champion while
        it is one: the next starts without it.
    """

    changes: tuple[Promotion, ...] = ()
    features_may_change: bool = False

    @property
    def champion(self) -> str | None:
        """The version in production, if any."""
        return self.changes[-1].version if self.changes else None

    @property
    def previous(self) -> str | None:
        """The version that a rollback returns to, if any."""
        line = self._line()
        return line[-2] if len(line) > 1 else None

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, features_may_change: bool = False
    ) -> "History":
        """Return the history with `version` in production.

        Promoting the champion again changes nothing, but what is said of its features.

        Raises
        ------
        PromotionConflict
            If the champion is not the one that `version` was compared with.
        """
        if self.champion != replacing:
            raise PromotionConflict(replacing, self.champion)
        if self.champion == version:
            return replace(self, features_may_change=True) if features_may_change else self
        return self._with(Promotion(version, self.champion, "promote", at), features_may_change)

    def roll_back(self, *, at: datetime) -> "History":
        """Return the history with the previous version in production again, or raise `NothingToRollBackTo`.

        Its features may be others: whoever rolls back at night is not asked about them.
        """
        if self.previous is None:
            raise NothingToRollBackTo(self.champion)
        return self._with(Promotion(self.previous, self.champion, "rollback", at), features_may_change=True)

    def _with(self, change: Promotion, features_may_change: bool) -> "History":
        return History((*self.changes, change), features_may_change)

    def _line(self) -> list[str]:
        """Return the versions that led to the champion, without those that were rolled back."""
        line: list[str] = []
        for change in self.changes:
            if change.action == "rollback":
                line.pop()
            else:
                line.append(change.version)
        return line
