"""Label window: the last labels of a version, in two halves, so that many labels without a rise never hide one."""

from dataclasses import dataclass

from domain.delivery.labels import ErrorSums

HALF_LABELS = 512


@dataclass(frozen=True, slots=True)
class LabelWindow:
    """Sums over the last labels.

    Parameters
    ----------
    sums : ErrorSums
    looks : int
        Windows of this version until now, from 1.
    """

    sums: ErrorSums
    looks: int


def is_full(labels: float) -> bool:
    """Return whether a half has its labels."""
    return labels >= HALF_LABELS
