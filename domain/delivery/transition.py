"""Transitions: what a rollout went through, as its state keeps it, and the ledger after its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from domain.data.plain_values import require_count, require_fields, require_moment, require_text
from domain.data.short_text import short_text

# Transitions that a state keeps, and characters of a text, so that state and ledger keep their bounds.
MAX_TRANSITIONS, MAX_TEXT_CHARACTERS = 16, 100
CONTROLLER = "controller"


class Move(StrEnum):
    """What a transition begins."""

    START = "start"
    SHADOW = "shadow"
    STEP = "step"
    HOLD = "hold"
    RESUME = "resume"
    PROMOTE = "promote"
    WATCH = "watch"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition; its texts are shortened.

    Parameters
    ----------
    at : datetime
    move : Move
    weight : int
        Requests of 10,000 that the challenger answers afterwards.
    why : str
        Reason.
    by : str
        Who asked for it; `CONTROLLER` if the evidence did.
    """

    at: datetime
    move: Move
    weight: int = 0
    why: str = ""
    by: str = CONTROLLER

    def __post_init__(self) -> None:
        for name in ("by", "why"):
            object.__setattr__(self, name, short_text(getattr(self, name), MAX_TEXT_CHARACTERS))

    def to_values(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return {
            "at": self.at.isoformat(),
            "move": str(self.move),
            "weight": self.weight,
            "why": self.why,
            "by": self.by,
        }

    @classmethod
    def from_values(cls, values: object) -> Self:
        """Return the transition of `to_values`; raise `ValueError` if the values are of no transition."""
        read: Mapping[str, Any] = require_fields(values, "at", "move", "weight", "why", "by")
        return cls(
            require_moment(read["at"]),
            Move(require_text(read["move"])),
            require_count(read["weight"]),
            require_text(read["why"]),
            require_text(read["by"]),
        )


def shortened(transitions: tuple[Transition, ...]) -> tuple[Transition, ...]:
    """Return the first transition and the last ones, as many as a state keeps."""
    return (*transitions[:1], *transitions[1:][1 - MAX_TRANSITIONS :])
