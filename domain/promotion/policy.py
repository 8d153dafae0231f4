"""Promotion policy: decides whether a challenger may replace the champion, with reasons."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from domain.data.columns import Kind
from domain.errors import InvalidParameter
from domain.model.feature_change import feature_change
from domain.model.scores import METRICS, Scores
from domain.promotion.errors import FeatureChangeNotApproved


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that is compared: the digest of its weights, its features by kind, its scores on the held-out rows."""

    name: str
    digest: str
    features: Mapping[str, Kind]
    scores: Scores
    held_out_rows: int | None = None
    """Rows that the scores rest on; None if they do not matter."""
    objections: tuple[str, ...] = ()
    """Findings of the training that forbid a promotion."""
    is_complete: bool = True
    """Whether its record has what this release keeps beside the weights."""


@dataclass(frozen=True, slots=True)
class UnscorableChampion:
    """A champion without scores on the challenger's held-out rows, the reason, and its features if it is readable."""

    name: str
    why: str
    features: Mapping[str, Kind] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a challenger is promoted.

    Parameters
    ----------
    promote : bool
    reasons : tuple of str
        One for each rule; the rules that refuse come first.
    awaits_approval : bool
        Whether the policy refuses its features only, which an operator may approve.
    rollout : str
        Id of the rollout that was started instead of a promotion; '' if there is none.
    awaits_rollout : bool
        Whether the policy prefers it, and the start of its rollout was refused.
    """

    promote: bool
    reasons: tuple[str, ...]
    awaits_approval: bool = False
    rollout: str = ""
    awaits_rollout: bool = False


@dataclass(frozen=True, slots=True)
class PromotionPolicy:
    """A threshold, a comparison with the champion on the same rows, and the same features.

    Parameters
    ----------
    threshold : float
        Worst score of a version in production, in the metric's unit.
    margin : float
        Difference by which the challenger may be worse than the champion, at most, in the metric's unit.
    metric : str
        Name of the score that is compared; one of `METRICS`.
    min_held_out_rows : int
        Rows that the scores of a challenger rest on, at least.
    """

    threshold: float = 0.4
    margin: float = 0.01
    metric: str = "r2"
    min_held_out_rows: int = 1

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise InvalidParameter("metric", self.metric, f"one of {', '.join(METRICS)}")
        if math.isnan(self.threshold):
            raise InvalidParameter("threshold", self.threshold, "a number")
        if not self.margin >= 0:
            raise InvalidParameter("margin", self.margin, "a number of at least 0")

    def decide(self, challenger: Candidate, champion: Candidate | UnscorableChampion | None) -> Decision:
        """Return the decision with one reason for each rule."""
        compared, threshold = self._comparison(challenger, champion), self._threshold(challenger)
        change, objections = _unapproved_change(challenger, champion), self._objections(challenger)
        verdicts = [(False, str(change))] if change else []
        verdicts += [(False, objection) for objection in objections]
        verdicts += sorted((compared, threshold), key=lambda verdict: verdict[0])
        # A champion that takes columns which the new data lack is not comparable because of its features.
        comparable = compared[0] or isinstance(champion, UnscorableChampion)
        return Decision(
            promote=all(passed for passed, _ in verdicts),
            reasons=tuple(reason for _, reason in verdicts),
            awaits_approval=change is not None and comparable and threshold[0] and not objections,
        )

    def _objections(self, challenger: Candidate) -> tuple[str, ...]:
        rows = challenger.held_out_rows
        if rows is None or rows >= self.min_held_out_rows:
            return challenger.objections
        few = f"its scores rest on {rows} held-out rows, and a promotion needs {self.min_held_out_rows}"
        return (few, *challenger.objections)

    def _score(self, candidate: Candidate) -> float:
        """Return the score of the policy's metric; NaN, which no comparison passes, if it was not measured."""
        score: float | None = getattr(candidate.scores, self.metric)
        return math.nan if score is None else score

    def _is_as_good(self, score: float, reference: float, margin: float = 0.0) -> bool:
        """Return whether `score` is worse than `reference` by at most `margin`."""
        return score >= reference - margin if METRICS[self.metric].greater_is_better else score <= reference + margin

    def _threshold(self, challenger: Candidate) -> tuple[bool, str]:
        score = self._score(challenger)
        passed = self._is_as_good(score, self.threshold)
        verdict = "meets" if passed else "misses"
        return (
            passed,
            f"hold-out {METRICS[self.metric].label} {score:.4f} {verdict} the threshold of {self.threshold:g}",
        )

    def _comparison(self, challenger: Candidate, champion: Candidate | UnscorableChampion | None) -> tuple[bool, str]:
        if champion is None:
            return True, "nothing is in production yet"
        if isinstance(champion, UnscorableChampion):
            return False, f"no comparison with version {champion.name} in production: {champion.why}"
        if challenger.digest == champion.digest:
            same = f"its weights are those of version {champion.name}"
            if challenger.is_complete and not champion.is_complete:
                return True, f"{same}, whose record lacks intervals or distributions"
            return False, f"{same}, which is in production already"
        score, reference = self._score(challenger), self._score(champion)
        label = METRICS[self.metric].label
        pair = f"{label} {score:.4f} against {reference:.4f} of version {champion.name} on the same rows"
        if self._is_as_good(score, reference):
            return True, f"{pair} is no worse"
        passed = self._is_as_good(score, reference, self.margin)
        verdict = "worse, but within" if passed else "worse by more than"
        return passed, f"{pair} is {verdict} the margin of {self.margin:g}"


def _unapproved_change(
    challenger: Candidate, champion: Candidate | UnscorableChampion | None
) -> FeatureChangeNotApproved | None:
    """Return the change that an operator must approve; None if the features are the champion's, or there is none."""
    if champion is None or champion.features is None:
        return None
    change = feature_change(champion.features, challenger.features)
    return FeatureChangeNotApproved(challenger.name, champion.name, change) if change else None
