"""Errors of monitoring."""

from domain.errors import BackendUnavailable


class FiguresUnavailable(BackendUnavailable):
    """The counts of the traffic cannot be read now."""
