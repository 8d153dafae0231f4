"""Errors of promotions and rollbacks."""

from domain.errors import StoreRefusal


class NoPreviousVersion(StoreRefusal):
    """No version was in production before the present one."""

    def __init__(self, champion: str | None) -> None:
        super().__init__(
            f"nothing to roll back to: no version is recorded as in production before {champion!r}; "
            "`endeavour models` lists what `endeavour promote` can choose from"
            if champion
            else "nothing to roll back to: no version is in production"
        )


class PromotionConflict(StoreRefusal):
    """The champion is no longer the one that a version was compared with."""

    def __init__(self, expected: str | None, found: str | None) -> None:
        super().__init__(
            f"the champion is now {found or 'none'}, not {expected or 'none'} as when it was compared: try again"
        )
        self.expected, self.found = expected, found


class FeatureChangeNotApproved(StoreRefusal):
    """A version takes other features than the one before it, without an operator's consent."""

    def __init__(self, version: str, before: str, how: str) -> None:
        super().__init__(
            f"version {version} takes other features than version {before} ({how}), which breaks clients that do not "
            f"know; once they do: `endeavour promote {version} --allow-feature-change`"
        )
        self.version, self.before, self.how = version, before, how
