"""Ending: how a rollout ended, or why it is held, with the exit code."""

from dataclasses import dataclass

from domain.delivery.rollout import Outcome, Rollout
from domain.ports import ModelStore, RolloutStore
from entrypoints.cli.exit_codes import ExitCode

CODES = {Outcome.PROMOTED: 0, Outcome.ABORTED: ExitCode.ABORTED, Outcome.SUPERSEDED: ExitCode.REFUSED}


@dataclass(frozen=True, slots=True)
class Ending:
    """The last state of a rollout, and its outcome; None if it is held.

    Parameters
    ----------
    rollout : Rollout
    outcome : Outcome or None
    why : str
        As a sentence.
    """

    rollout: Rollout
    outcome: Outcome | None
    why: str

    @property
    def word(self) -> str:
        """The outcome as one word."""
        return self.outcome or "held"

    @property
    def code(self) -> int:
        """The exit code."""
        return CODES[self.outcome] if self.outcome else ExitCode.HELD

    def facts(self) -> dict[str, str]:
        """Return the ending for programs."""
        return {"rollout": self.rollout.id, "outcome": self.word, "why": self.why}

    def __str__(self) -> str:
        return f"{self.word}: {self.why}"


def ending(rollout: Rollout, store: ModelStore, rollouts: RolloutStore) -> Ending:
    """Return how a rollout ended whose state is gone, from the champion and the rejection of the challenger."""
    champion = store.history().champion
    if champion == rollout.challenger:
        return Ending(rollout, Outcome.PROMOTED, f"Version {champion} is in production.")
    if champion == rollout.champion and (why := rollouts.rejection(rollout.challenger)):
        return Ending(rollout, Outcome.ABORTED, why)
    return Ending(rollout, Outcome.SUPERSEDED, f"Version {champion} was put into production by other means.")
