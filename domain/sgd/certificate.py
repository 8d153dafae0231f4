"""How far a model is from the optimum, by one reading of all rows; and the best point that the readings so far know."""

from dataclasses import dataclass

import numpy as np

from domain.dataset import FloatArray
from domain.sgd.reading import Reader
from domain.sgd.whitened import WhitenedSpace

# A direction of the span whose curvature is below this share of the largest is a repetition of others.
REPEATED = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """The loss and its gradient at a point, exact but for rounding.

    Parameters
    ----------
    point : ndarray of shape (k + 1,)
        Whitened coordinates.
    gradient : ndarray of shape (k + 1,)
        Of half the mean squared error there.
    loss : float
        The mean squared error there.
    blind : bool
        Whether rows were found to vary along a direction that the space leaves out: the gradient does not show it.
    """

    point: FloatArray
    gradient: FloatArray
    loss: float
    blind: bool = False

    @property
    def excess(self) -> float:
        """The estimated excess of the loss over its optimum: gᵀH⁻¹g, with the Hessian H = I of whitened rows."""
        return float(self.gradient @ self.gradient)

    @property
    def excess_risk(self) -> float:
        """The excess as a share of the optimum; infinite if it is no less than the loss."""
        optimum = self.loss - self.excess
        return self.excess / optimum if optimum > 0 else float("inf")


def certify(reader: Reader, space: WhitenedSpace, point: FloatArray, *, look_along_null: bool) -> Certificate:
    """Read all rows once and return the certificate of `point`, shape (k + 1,)."""
    weights = space.weights(point)
    coefficients, constant = weights[:-1], weights[-1]
    gradient, squares = np.zeros_like(weights), 0.0
    look_along_null &= space.preconditioner.rank < len(coefficients)
    along_null, of_features = np.zeros(len(coefficients) - space.preconditioner.rank), np.zeros(len(coefficients))
    for features, target in reader.blocks():
        residuals = features @ coefficients.astype(features.dtype, copy=False)
        residuals -= target
        residuals += constant
        gradient[:-1] += residuals @ features
        gradient[-1] += np.add.reduce(residuals)
        squares += float(residuals @ residuals)
        if look_along_null:
            centred = space.centred(features)
            of_features += np.einsum("ij,ij->j", centred, centred)
            along_null += np.sum((centred @ space.preconditioner.null) ** 2, axis=0)
    rows = len(reader.rows)
    loss = squares / rows
    reader.finish_pass(loss)
    blind = not space.sees(along_null / len(reader.rows), of_features / len(reader.rows))
    return Certificate(point, space.gradient(gradient) / rows, loss, blind)


class Span:
    """The certificates so far, and the minimum of the loss on the affine space through their points.

    The loss is quadratic, so that its gradient anywhere on that space is known without a reading. Each new point adds
    a preconditioned gradient to the space, as the method of conjugate gradients does; but every gradient is measured,
    none carried on by a recurrence, so that rounding does not build up.

    References
    ----------
    Hestenes and Stiefel (1952), "Methods of conjugate gradients". Anderson (1965), "Iterative procedures for nonlinear
    integral equations". Pilanci and Wainwright (2016), "Iterative Hessian sketch" (steps with a sampled Hessian).
    """

    def __init__(self) -> None:
        self._certificates: list[Certificate] = []
        self.curvature = 1.0

    def add(self, certificate: Certificate) -> Certificate:
        """Take in a certificate and return that of the minimum on the space spanned."""
        self._certificates.append(certificate)
        base = min(self._certificates, key=lambda each: each.loss)
        others = [each for each in self._certificates if each is not base]
        if not others:
            return base
        steps = np.column_stack([each.point - base.point for each in others])
        turns = np.column_stack([each.gradient - base.gradient for each in others])
        lengths = np.linalg.norm(steps, axis=0)
        steps, turns = steps[:, lengths > 0] / lengths[lengths > 0], turns[:, lengths > 0] / lengths[lengths > 0]
        bends = steps.T @ turns
        self.curvature = max(1.0, float(bends.diagonal().max(initial=0.0)))
        slope = steps.T @ base.gradient
        moved = -np.linalg.pinv((bends + bends.T) / 2, rcond=REPEATED, hermitian=True) @ slope
        gradient = base.gradient + turns @ moved
        return Certificate(base.point + steps @ moved, gradient, base.loss + float(moved @ slope))

    def next_point(self, best: Certificate) -> FloatArray:
        """Return where to read next: a Newton step from the best point, shorter if the loss curves more than known."""
        point: FloatArray = best.point - best.gradient / self.curvature
        return point
