"""CountLabels: counts the labels that clients send back, each token once on this host."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from application.serving.current_model import CurrentModel
from domain.delivery.errors import InvalidFeedbackToken
from domain.delivery.feedback_keys import FeedbackKeys
from domain.delivery.feedback_token import FeedbackToken, rollout_mark
from domain.delivery.labels import LabelCounts, LabelOutcome, PairedLabels
from domain.delivery.served_model import ServedModels
from domain.ports import UsedTokens

MAX_AGE_SECONDS = 7 * 24 * 3600


class Label(NamedTuple):
    """The text of a feedback token, and the label in target units, finite."""

    token: str
    value: float


@dataclass(frozen=True, slots=True)
class CountLabels:
    """Count labels for the champion's error, and those of the rollout under way for its test of the error too.

    `now()` returns Unix seconds.
    """

    keys: FeedbackKeys
    used: UsedTokens
    current: CurrentModel
    now: Callable[[], float]

    def __call__(self, labels: Sequence[Label]) -> LabelCounts:
        """Return what the labels count as; nothing is counted if an error is raised.

        Raises
        ------
        InvalidFeedbackToken
            For the first token that none of the keys has signed.
        NoModelLoaded
            If nothing is loaded.
        """
        pairs, counts = _paired(self.current.models), LabelCounts()
        signed, earliest = list(self._signed(labels)), self.now() - MAX_AGE_SECONDS
        young = [(token, value) for token, value in signed if token.issued_at >= earliest]
        are_new = self.used.add(token.nonce for token, _ in young)
        for (token, value), is_new in zip(young, are_new, strict=True):
            if is_new:
                counts.add(token, value, pairs)
        counts.outcomes[LabelOutcome.REPEATED] += are_new.count(False)
        counts.outcomes[LabelOutcome.LATE] += len(labels) - len(young)
        return counts

    def _signed(self, labels: Sequence[Label]) -> Iterator[tuple[FeedbackToken, float]]:
        for item, (text, value) in enumerate(labels):
            try:
                yield FeedbackToken.from_text(text, self.keys), value
            except InvalidFeedbackToken as error:
                raise InvalidFeedbackToken(item) from error


def _paired(models: ServedModels) -> PairedLabels | None:
    """Return what the labels of the rollout under way are compared with, None without one."""
    served = models.rollout
    if served is None:
        return None
    baseline = served.challenger if served.rollout.is_after_promotion else models.champion
    mark = rollout_mark(served.rollout.id)
    return PairedLabels(mark, served.rollout.champion, baseline.version.lineage.scores.mse)
