"""Encoded fit: a fit over the terms of raw rows, whose model predicts from the raw columns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from domain.data.arrays import Block
from domain.data.rows import Rows
from domain.data.sums import Sums, Work
from domain.features.bound_encoding import BoundEncoding
from domain.features.encoded_rows import EncodedRows
from domain.features.target_transform import TargetTransform
from domain.learning.fit import Fit, Learner, OnProgress
from domain.learning.terms.choice import TermChoice
from domain.model.linear_model import LinearModel

# Rows that the correction of a logarithmic target is measured on, at most.
CORRECTION_ROWS = 65_536


def fit_encoded(learner: Learner, rows: Rows, choice: TermChoice, on_progress: OnProgress | None = None) -> Fit:
    """Return the fit of `learner` to the chosen terms of `rows`, with the chosen penalty.

    Raises
    ------
    InvalidData
        As `Learner.fit` raises it, or if a target whose logarithm is asked for is not positive.
    """
    transform = choice.target_transform
    encoded = EncodedRows(rows, choice.encoding, transform)
    fit = learner.with_penalty(choice.penalty).fit(encoded, on_progress)
    model = LinearModel(fit.model.coefficients, fit.model.intercept, choice.encoding, transform)
    return replace(fit, model=_corrected(model, rows) if transform.log else model)


@dataclass(frozen=True, slots=True)
class RatioSums(Sums):
    """The sum over rows of the ratio of target to prediction."""

    rows: int
    total: float

    def __add__(self, other: Self) -> Self:
        return type(self)(self.rows + other.rows, self.total + other.total)


@dataclass(frozen=True, slots=True, eq=False)
class RatiosOf(Work[RatioSums]):
    """Work: the ratios of targets to a model's predictions, by an encoding bound to the blocks' columns."""

    model: LinearModel
    encoding: BoundEncoding

    def __call__(self, blocks: Iterable[Block]) -> RatioSums:
        """Return the sum of the exponentials of the residuals on the logarithmic scale."""
        sums = RatioSums(0, 0.0)
        for features, target in blocks:
            residuals = np.log(target) - self.model.sums(self.encoding.values(features))
            sums += RatioSums(len(target), float(np.exp(residuals).sum()))
        return sums


def _corrected(model: LinearModel, rows: Rows) -> LinearModel:
    """Return `model` with the mean of the exponentials of its residuals on the logarithmic scale."""
    ratios = rows.drawn(CORRECTION_ROWS, seed=0).reduce(RatiosOf(model, BoundEncoding(model.encoding, rows.columns)))
    correction = ratios.total / ratios.rows
    transform: TargetTransform = replace(model.target_transform, correction=correction)
    return replace(model, target_transform=transform)
