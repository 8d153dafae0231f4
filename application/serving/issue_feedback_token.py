"""IssueFeedbackToken: makes the token with which a client sends the label of a prediction later."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.delivery.feedback_keys import FeedbackKeys
from domain.delivery.feedback_token import NO_ROLLOUT, FeedbackToken, rollout_mark

NONCE_BITS = 64


@dataclass(frozen=True, slots=True)
class IssueFeedbackToken:
    """Sign a prediction; `now()` returns Unix seconds, and `random_bits(n)` an integer of n random bits."""

    keys: FeedbackKeys
    now: Callable[[], float]
    random_bits: Callable[[int], int]

    def __call__(self, version: str, champion: float, other: float | None = None, rollout: str = "") -> str:
        """Return the token's text.

        Parameters
        ----------
        version : str
            The champion's.
        champion : float
            Its prediction, also if another model answers.
        other : float, optional
            The prediction of the model that a rollout compares with the champion, if it is finite.
        rollout : str, optional
            Id of that rollout.
        """
        mark = NO_ROLLOUT if other is None else rollout_mark(rollout)
        token = FeedbackToken(version, champion, other, int(self.now()), self.random_bits(NONCE_BITS), mark)
        return token.to_text(self.keys)
