"""Encoded fit: a fit over the terms of raw rows, whose model predicts from the raw columns."""

from dataclasses import replace

import numpy as np

from domain.data.rows import Rows
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


def _corrected(model: LinearModel, rows: Rows) -> LinearModel:
    """Return `model` with the mean of the exponentials of its residuals on the logarithmic scale."""
    features, target = rows.sample(CORRECTION_ROWS, seed=0)
    residuals = np.log(target) - model.sums(model.encoding.bind(rows.columns).values(features))
    correction = float(np.exp(residuals).mean())
    transform: TargetTransform = replace(model.target_transform, correction=correction)
    return replace(model, target_transform=transform)
