"""IssueFeedbackToken: makes the token with which a client sends the label of a prediction later."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.delivery.feedback_keys import FeedbackKeys
from domain.delivery.feedback_token import NO_ROLLOUT, FeedbackToken, rollout_mark

NONCE_BYTES = 8


@dataclass(frozen=True, slots=True)
class IssueFeedbackToken:
    """Sign a prediction; `now()` returns Unix seconds, and `entropy(n)` returns n random bytes."""

    keys: FeedbackKeys
    now: Callable[[], float]
    entropy: Callable[[int], bytes]

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
        nonce = int.from_bytes(self.entropy(NONCE_BYTES), "big")
        return FeedbackToken(version, champion, other, int(self.now()), nonce, mark).to_text(self.keys)
