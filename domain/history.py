"""Which version was in production when: the list that promotion appends to and rollback walks back along."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.errors import NothingToRollBackTo, PromotionConflict

Action = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of champion, from `replaced` to `version`, in UTC."""

    version: str
    replaced: str | None
    action: Action
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Every change of champion, oldest first; it only ever grows.

    A rollback returns to the version before, a second one to the version before that: it never brings the bad version
    back.
    """

    changes: tuple[Promotion, ...] = ()
    features_may_change: bool = False
    """Whether the champion may be served where clients have sent other features so far; not inherited."""

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
        """Return the history with `version` in production, or raise `PromotionConflict` if it replaces another.

        Promoting the champion again changes nothing but the consent to its features.
        """
        if self.champion != replacing:
            raise PromotionConflict(replacing, self.champion)
        if self.champion == version:
            return replace(self, features_may_change=True) if features_may_change else self
        return self._with(Promotion(version, self.champion, "promote", at), features_may_change)

    def roll_back(self, *, at: datetime) -> "History":
        """Return the history with the previous version in production again, or raise `NothingToRollBackTo`.

        Its features may be others: an operator who rolls back is not asked about them.
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
