"""What the precision of the features allows to expect."""

from dataclasses import dataclass

import numpy as np

from domain.rows import Numbers


@dataclass(frozen=True, slots=True)
class Precision:
    """The limits that rounding sets.

    Parameters
    ----------
    epsilon : float
        The relative spacing of numbers.
    far_from_zero : float
        Features and targets further from 0 than this, in standard deviations, are centred before they are multiplied:
        otherwise the digits they share would drown the residuals.
    """

    epsilon: float
    far_from_zero: float

    @property
    def slack(self) -> float:
        """What may be put down to rounding in a sum of several numbers, as a share of the largest of them."""
        return 64 * self.epsilon

    @classmethod
    def of(cls, values: Numbers) -> "Precision":
        """Return the limits for arrays of this type."""
        return SINGLE if values.dtype == np.float32 else DOUBLE


DOUBLE = Precision(float(np.finfo(np.float64).eps), far_from_zero=1e4)
SINGLE = Precision(float(np.finfo(np.float32).eps), far_from_zero=8.0)
