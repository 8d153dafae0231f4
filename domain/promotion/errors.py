"""Errors of promotions and rollbacks."""

from domain.errors import StoreRefusal


class NoPreviousVersion(StoreRefusal):
    """No version was in production before the `champion`, or there is no champion."""

    def __init__(self, champion: str | None) -> None:
        found = f"no version is recorded as in production before {champion!r}" if champion else "there is no champion"
        super().__init__(f"nothing to roll back to: {found}")
        self.champion = champion


class PromotionConflict(StoreRefusal):
    """The champion changed between comparison and promotion, from `expected` to `found`."""

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(f"the champion is now {found or 'none'}, and no longer {expected or 'none'}")
        self.expected, self.found = expected, found


class FeatureChangeNotApproved(StoreRefusal):
    """A version takes other features than the champion, and no operator has approved the `change`."""

    def __init__(self, version: str, champion: str, change: str) -> None:
        super().__init__(
            f"version {version} takes other features than version {champion} ({change}), "
            "which breaks clients that send the old ones"
        )
        self.version, self.champion, self.change = version, champion, change
