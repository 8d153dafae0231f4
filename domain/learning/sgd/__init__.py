"""Least squares by stochastic gradient descent: the steps of the method, one a file.

What belongs here reads rows in blocks and knows nothing of where they come from; `SGD` in `learner.py` is the way in.
"""

from domain.learning.sgd.learner import SGD
from domain.learning.sgd.report import Fit, FitReport, OnProgress, Progress, StopReason

__all__ = ["SGD", "Fit", "FitReport", "OnProgress", "Progress", "StopReason"]
