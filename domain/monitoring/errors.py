"""Errors of monitoring."""

from domain.errors import BackendUnavailable, StoreRefusal


class FiguresUnavailable(BackendUnavailable):
    """The counts of the traffic cannot be read now."""


class NoDistributions(StoreRefusal):
    """A version keeps no distributions of its training rows, because an older release has trained it."""

    def __init__(self, version: str) -> None:
        super().__init__(f"version {version} keeps no distributions of its training rows")
        self.version = version
