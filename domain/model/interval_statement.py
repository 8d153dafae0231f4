"""Interval statement: the width of a model's prediction intervals in one sentence, for summaries and cards."""

from math import exp

from domain.data.number_text import number_text
from domain.model.calibration import Calibration
from domain.model.leverage import typical_error_scale
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

LEVEL = 0.9


def interval_statement(model: LinearModel, moments: Moments | None, calibration: Calibration) -> str:
    """Return half the width of a typical row's interval, at 0.9 or the highest level, and what it rests on.

    Examples
    --------
    >>> import numpy as np
    >>> model = LinearModel([2.0], 0.0, ("area",))
    >>> interval_statement(model, None, Calibration(19, np.arange(19.0)))
    '90 % of targets lie within ± 17 of the prediction of a typical row (19 held-out rows; levels up to 0.95)'
    >>> interval_statement(model, None, Calibration(0, []))
    'none, because 0 held-out rows are too few'
    """
    highest, rows = calibration.highest_level, calibration.rows
    if highest is None:
        return f"none, because {rows} held-out rows are too few"
    level = min(LEVEL, highest)
    reach = calibration.quantile(level) * typical_error_scale(moments)
    within = f"± {number_text(reach)} of the prediction"
    if model.target_transform.log:
        within = f"a factor of {number_text(exp(min(reach, 700)))} of the predicted median"
    rests_on = f"{rows:,} held-out rows; levels up to {highest:g}"
    return f"{100 * level:g} % of targets lie within {within} of a typical row ({rests_on})"
