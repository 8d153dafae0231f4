"""Least squares by stochastic gradient descent, one step of the method a file; `SGD` in `learner.py` is the entry.

The rows are read in blocks. Where they are stored does not belong here.
"""

from domain.learning.sgd.learner import SGD

__all__ = ["SGD"]
