"""Promotion policy: whether a newly trained model may replace the one in production, with reasons in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidParameter, format_names
from domain.model.scores import Scores
from domain.promotion.errors import FeatureChangeNotApproved


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that is judged: the digest of its weights, its features in order, its scores on the judging rows."""

    name: str
    digest: str
    features: tuple[str, ...]
    scores: Scores


@dataclass(frozen=True, slots=True)
class UnscorableChampion:
    """A champion that cannot be scored on the challenger's rows, and why; its features, if they are known."""

    name: str
    why: str
    features: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a challenger, and why."""

    promote: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromotionPolicy:
    """A floor on the score, no score below the champion's on the same rows, and the same features.

    Parameters
    ----------
    min_r2 : float
        Hold-out R² of a version in production, at least.
    max_r2_drop : float
        Difference by which the challenger's R² may be below the champion's on the same rows, at most.
    """

    min_r2: float = 0.4
    max_r2_drop: float = 0.01

    def __post_init__(self) -> None:
        if not self.min_r2 <= 1:
            raise InvalidParameter("min_r2", self.min_r2, "a number of at most 1")
        if not self.max_r2_drop >= 0:
            raise InvalidParameter("max_r2_drop", self.max_r2_drop, "a number of at least 0")

    def decide(self, challenger: Candidate, champion: Candidate | UnscorableChampion | None) -> Decision:
        """Return the decision with the reasons of every rule that refuses.

        If only its features are against the challenger, the reasons for it are given as well, for the operator to
        decide.
        """
        verdicts = (self._floor(challenger), self._comparison(challenger, champion))
        refusals = tuple(reason for passed, reason in verdicts if not passed)
        changes = _other_features(challenger, champion)
        reasons = refusals or tuple(reason for _, reason in verdicts)
        return Decision(not (refusals or changes), (*reasons, *changes))

    def _floor(self, challenger: Candidate) -> tuple[bool, str]:
        r2 = challenger.scores.r2
        passed = r2 >= self.min_r2
        return passed, f"hold-out R² {r2:.4f} is {'at least' if passed else 'below'} the floor of {self.min_r2:g}"

    def _comparison(self, challenger: Candidate, champion: Candidate | UnscorableChampion | None) -> tuple[bool, str]:
        if champion is None:
            return True, "nothing is in production yet"
        if isinstance(champion, UnscorableChampion):
            return False, f"it cannot be compared with version {champion.name} in production: {champion.why}"
        if challenger.digest == champion.digest:
            return False, f"its weights are those of version {champion.name}, which is in production already"
        ours, theirs = challenger.scores.r2, champion.scores.r2
        against = f"R² {ours:.4f} against {theirs:.4f} of version {champion.name} on the same rows"
        if ours >= theirs:
            return True, f"{against} is no worse"
        passed = ours >= theirs - self.max_r2_drop
        verdict = "worse, but within" if passed else "worse by more than"
        return passed, f"{against} is {verdict} the margin of {self.max_r2_drop:g}"


def _other_features(challenger: Candidate, champion: Candidate | UnscorableChampion | None) -> tuple[str, ...]:
    """Return why an operator must promote a model of other features; nothing if its features are the champion's."""
    if champion is None or champion.features is None:
        return ()
    change = feature_change(champion.features, challenger.features)
    return (str(FeatureChangeNotApproved(challenger.name, champion.name, change)),) if change else ()


def feature_change(before: Sequence[str], after: Sequence[str]) -> str:
    """Return how `after` differs from `before`, in words; '' if clients may send what they have always sent.

    Clients send lists by position and records by name, so the same names in another order are a change too.

    Examples
    --------
    >>> feature_change(("area", "age"), ("area", "rooms", "floor"))
    'gone: age; new: floor, rooms'
    >>> feature_change(("area", "age"), ("age", "area"))
    'the same in another order'
    """
    if tuple(before) == tuple(after):
        return ""
    parts = (("gone", {*before} - {*after}), ("new", {*after} - {*before}))
    changes = [f"{word}: {format_names(sorted(names))}" for word, names in parts if names]
    return "; ".join(changes) or "the same in another order"
