"""Choice of terms and penalty by cross-validation on a sample of the training rows."""

from dataclasses import dataclass
from typing import Literal

from domain.data.arrays import Numbers
from domain.data.rows import Rows
from domain.features.encoding import Encoding
from domain.features.target_transform import TargetTransform
from domain.learning.terms.candidates import fit_encoding
from domain.learning.terms.cross_validation import CrossValidation, Validated
from domain.learning.terms.sample import draw_sample

Terms = Literal["auto", "linear", "splines", "interactions"]
"""Terms that a training may ask for: 'interactions' has products in any case, and 'auto' where they gain."""

KNOTS: dict[Terms, tuple[int, ...]] = {
    "auto": (0, 2, 4, 10),
    "linear": (0,),
    "splines": (2, 4, 10),
    "interactions": (0, 2, 4, 10),
}
"""Knots of the candidates, from few terms to many."""
# Share of the target's range by which predictions may leave it.
MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class TermCandidate:
    """Terms that were compared, and their cross-validated score.

    Parameters
    ----------
    name : str
        Such as 'linear' or 'splines with 4 knots'.
    terms : int
        Their number.
    penalty : float
        The best for these terms.
    r2, rmse : float
        Cross-validated, in target units; `r2` is 1 for a constant target.
    rmse_error : float
        Standard error of `rmse`.
    chosen : bool
    """

    name: str
    terms: int
    penalty: float
    r2: float
    rmse: float
    rmse_error: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class TermChoice:
    """Fitted columns and their terms, the ridge penalty, and the scale of the target."""

    encoding: Encoding
    penalty: float
    target_transform: TargetTransform
    candidates: tuple[TermCandidate, ...] = ()


def choose_terms(rows: Rows, terms: Terms, penalty: float | None, seed: int, *, log_target: bool = False) -> TermChoice:
    """Return the terms and the penalty that predict the rows of a sample best from the others.

    A candidate with more terms is chosen only if its squared errors are clearly less (`Validated.gains_on`).

    Parameters
    ----------
    rows : Rows
        The training rows.
    terms : {'auto', 'linear', 'splines', 'interactions'}
    penalty : float or None
        On the sum of squared errors; None chooses it. Linear terms with penalty 0 are plain least squares, and the
        predictions have no limits.
    seed : int
    log_target : bool

    Raises
    ------
    UnusableColumns
        If columns have empty cells only.
    InvalidData
        If the logarithm of a target is asked for that is not positive.
    """
    features, target = draw_sample(rows, seed)
    first = fit_encoding(rows.columns, features, KNOTS[terms][0])
    if terms == "linear" and penalty == 0:
        return TermChoice(first, 0.0, TargetTransform(log_target))
    transform = TargetTransform(log_target, 1.0, *_limits(target))
    validation = CrossValidation(rows.columns, features, target, transform, penalty, len(first.term_names))
    tried, best = _compared(validation, first, terms)
    candidates = tuple(_candidate(name, each, chosen=name == best) for name, each in tried.items())
    return TermChoice(tried[best].encoding, tried[best].penalty, transform, candidates)


def _compared(validation: CrossValidation, first: Encoding, terms: Terms) -> tuple[dict[str, Validated], str]:
    """Return the candidates by name, and the name of the best one."""
    best, *_ = names = [_name(knots) for knots in KNOTS[terms]]
    tried = {best: validation(first)}
    for name, knots in zip(names[1:], KNOTS[terms][1:], strict=True):
        encoding = validation.with_knots(knots)
        if len(encoding.term_names) > validation.max_terms:
            break
        tried[name] = validation(encoding)
        best = name if tried[name].gains_on(tried[best]) else best
    if terms in {"auto", "interactions"} and (with_products := validation.with_products(tried[best])):
        name = f"{best} and products"
        tried[name] = validation(with_products)
        best = name if terms == "interactions" or tried[name].gains_on(tried[best]) else best
    return tried, best


def _name(knots: int) -> str:
    return f"splines with {knots} knots" if knots else "linear"


def _limits(target: Numbers) -> tuple[float, float]:
    """Return the range of the target, wider by a tenth on both sides."""
    low, high = float(target.min()), float(target.max())
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def _candidate(name: str, validated: Validated, *, chosen: bool) -> TermCandidate:
    return TermCandidate(
        name=name,
        terms=len(validated.encoding.term_names),
        penalty=validated.penalty,
        r2=validated.r2,
        rmse=validated.rmse,
        rmse_error=validated.rmse_error,
        chosen=chosen,
    )
