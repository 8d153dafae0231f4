"""What happens to a challenger while the registry cannot be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.model_version import ModelVersion
from domain.promotion import Decision
from domain.rows import Rows


@dataclass(frozen=True, slots=True)
class KeepChallenger:
    """Keep a challenger without a judgement, because only the registry names the champion."""

    def __call__(self, challenger: ModelVersion, held_out: Callable[[Sequence[str]], Rows]) -> Decision:
        """Return a refusal; nothing is in production because of it."""
        del challenger, held_out
        return Decision(False, ("the registry cannot be used, so there is no champion to compare with",))
