"""From a point near the optimum to one that is certified: read, certify, step, and rebuild if need be."""

from dataclasses import dataclass, replace

from domain.sgd.certificate import Certificate, Span, certify
from domain.sgd.precision import DOUBLE, Precision
from domain.sgd.reading import Reader
from domain.sgd.report import StopReason
from domain.sgd.spread import Spread
from domain.sgd.whitened import WhitenedSpace

# The spread of more features than this is not taken: its factor would need more memory than the blocks do.
MOST_COLUMNS = 4096
# A pass that gains less than this, or a loss that curves more than that, tells of a poor preconditioner.
GOOD_GAIN, GREATEST_CURVATURE = 0.1, 3.0
# A loss of this share of the target's mean square may be a perfect fit but for rounding.
PERFECT = 1e-6
# Certificates in a row that bring less than a tenth, before the fit is taken to stall.
PATIENCE, PROGRESS = 3, 0.9


@dataclass(slots=True)
class Refinement:
    """The passes that certify.

    Parameters
    ----------
    reader : Reader
    space : WhitenedSpace
        Replaced if it has to be rebuilt.
    max_passes : int
    tol : float
    target_square : float
        The mean square of the target as it is read.
    precision : Precision
        In which rows are multiplied.
    """

    reader: Reader
    space: WhitenedSpace
    max_passes: int
    tol: float
    target_square: float
    precision: Precision
    rebuilt: str = ""
    stop_reason: StopReason = "max_passes"

    def refine(self, start: Certificate) -> Certificate:
        """Return the best point certified; the start, if no pass is left."""
        best, point, span, idle = start, start.point, Span(), 0
        while self.reader.passes < self.max_passes:
            with self.reader.phase("certificate"):
                seen = certify(self.reader, self.space, point, look_along_null=not self.rebuilt)
                best = span.add(seen)
            earlier, risk = self.reader.excess_risk[-1:], self.risk(best)
            self.reader.excess_risk.append(risk)
            if risk <= self.tol and not seen.blind:
                self.stop_reason = "tol"
                break
            why = _what_is_wrong(seen.blind, risk, earlier, span.curvature)
            if why and self.may_rebuild:
                best, span, idle = self.rebuild(why, best), Span(), 0
                point = best.point
                continue
            idle = idle + 1 if earlier and risk > PROGRESS * min(self.reader.excess_risk[:-1]) else 0
            if idle == PATIENCE:
                self.stop_reason = "stall"
                break
            point = span.next_point(best)
        return best

    def risk(self, best: Certificate) -> float:
        """Return the relative excess of a certificate; 0 if the loss itself is nothing but rounding.

        Coefficients so huge that rounding is much of the target as well do not make a perfect fit.
        """
        rounding = self.rounding(best)
        return 0.0 if best.loss <= rounding <= PERFECT * self.target_square else best.excess_risk

    def rounding(self, best: Certificate) -> float:
        """Return the mean squared error at a point that rounding alone would leave."""
        return self.space.rounding(best.point, self.target_square, self.precision.slack)

    def rebuild(self, why: str, best: Certificate) -> Certificate:
        """Whiten with the spread of all rows, which takes a pass or two, and return the point in the new space."""
        with self.reader.phase("rebuild"):
            weights, origin = self.space.weights(best.point), self.space.origin
            slope = self.space.slope(best.gradient)
            known = self.space.preconditioner
            about = known.centre - origin[:-1]
            spread = Spread.of(self.reader.blocks, about, known.basis, known.rounding_along(known.scale))
            self.space = WhitenedSpace(known.whitening(spread), origin)
            self.rebuilt = why
            self.reader.tell()
            return replace(best, point=self.space.point(weights), gradient=self.space.gradient(slope))

    def widen_if_need_be(self, best: Certificate) -> None:
        """Have float32 read as float64 if its rounding would be more than a hundredth of the tolerated excess.

        Rounding is taken as one unit in the last place here, where `rounding` allows for 64.
        """
        unit = self.rounding(best) * (self.precision.epsilon / self.precision.slack) ** 2
        if unit > self.tol * best.loss / 100:
            self.reader.widen, self.precision = True, DOUBLE

    @property
    def may_rebuild(self) -> bool:
        """Whether the spread of all rows can be taken, and a pass is left to make use of it."""
        small = len(self.space.origin) - 1 <= MOST_COLUMNS
        return small and not self.rebuilt and self.reader.passes + 1 < self.max_passes


def _what_is_wrong(blind: bool, risk: float, earlier: list[float], curvature: float) -> str:
    """Say why the preconditioner is poor, if it is."""
    if blind:
        return "rows vary where the sample does not"
    if not earlier and not risk <= 1:
        return "the sample's covariance is far from that of all rows"
    if curvature > GREATEST_CURVATURE:
        return "the loss curves more than the sample shows"
    if earlier and not risk <= GOOD_GAIN * earlier[0]:
        return "a pass gained less than tenfold"
    return ""
