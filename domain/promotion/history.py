"""Promotion history: every change of the champion, and the undo stack that a rollback pops."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from domain.promotion.errors import NoPreviousVersion, PromotionConflict

Action = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class ChampionChange:
    """One change of champion, from `replaced` to `version`, in UTC."""

    version: str
    replaced: str | None
    action: Action
    at: datetime


@dataclass(frozen=True, slots=True)
class PromotionHistory:
    """Every change of champion, oldest first; changes are only appended.

    A rollback returns to the version before, and a second one to the version before that.
    """

    changes: tuple[ChampionChange, ...] = ()
    feature_change_approved: bool = False
    """Whether hosts may serve the champion whose clients send other features; the next promotion clears it."""

    @property
    def champion(self) -> str | None:
        """The version in production, if any."""
        return self.changes[-1].version if self.changes else None

    @property
    def previous(self) -> str | None:
        """The version that a rollback returns to, if any."""
        stack = self._undo_stack()
        return stack[-2] if len(stack) > 1 else None

    def promote(
        self, version: str, *, replacing: str | None, at: datetime, feature_change_approved: bool = False
    ) -> "PromotionHistory":
        """Return the history with `version` in production, or raise `PromotionConflict` if it replaces another.

        Promoting the champion again changes the approval of its features only.
        """
        if self.champion != replacing:
            raise PromotionConflict(replacing, self.champion)
        if self.champion == version:
            return replace(self, feature_change_approved=True) if feature_change_approved else self
        return self._with(ChampionChange(version, self.champion, "promote", at), feature_change_approved)

    def roll_back(self, *, at: datetime, replacing: str | None = None) -> "PromotionHistory":
        """Return the history with the previous version in production again.

        A rollback approves the features of the previous version.

        Raises
        ------
        NoPreviousVersion
        PromotionConflict
            If the champion is another version than `replacing`.
        """
        if replacing and self.champion != replacing:
            raise PromotionConflict(replacing, self.champion)
        if self.previous is None:
            raise NoPreviousVersion(self.champion)
        return self._with(ChampionChange(self.previous, self.champion, "rollback", at), feature_change_approved=True)

    def _with(self, change: ChampionChange, feature_change_approved: bool) -> "PromotionHistory":
        return PromotionHistory((*self.changes, change), feature_change_approved)

    def _undo_stack(self) -> list[str]:
        """Return the versions up to the champion, without those that were rolled back."""
        stack: list[str] = []
        for change in self.changes:
            if change.action == "rollback":
                stack.pop()
            else:
                stack.append(change.version)
        return stack
