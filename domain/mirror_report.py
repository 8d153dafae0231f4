"""What a host's mirror has found out about the registry, for those who answer requests."""

from dataclasses import dataclass
from enum import StrEnum

from domain.model_version import ModelVersion


class RegistryState(StrEnum):
    """How the registry was found."""

    OK = "ok"
    """It names a champion, and that very model is here and sound."""
    DOWN = "down"
    """It does not answer, or answers that it cannot."""
    BAD = "bad"
    """It answers, but what it says cannot be served: nonsense, no champion, or a model that was refused."""
    FEATURES_CHANGED = "features_changed"
    """It names a sound champion of other features than clients send here, and nobody has said that they may change."""


@dataclass(frozen=True, slots=True)
class RegistryWord:
    """The registry's state, why if it is not ok, and how long ago it last said anything; None if it never has."""

    state: RegistryState
    reason: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """How one question to the registry ended.

    Times are seconds of a clock that all processes of the host share and that nobody can set.

    Parameters
    ----------
    champion : ModelVersion or None
        The last one that the registry named and that proved sound.
    state : RegistryState
    reason : str
        Why the state is not ok.
    heard_at : float or None
        When the registry last answered at all.
    reported_at : float
    copy_problem : str
        Why the champion could not be kept on the disk; empty if it was.
    named : bool
        Whether the registry has named a champion since the mirror began, sound or not.
    """

    champion: ModelVersion | None
    state: RegistryState
    reason: str
    heard_at: float | None
    reported_at: float
    copy_problem: str = ""
    named: bool = False

    def confirms(self, *, now: float, for_seconds: float) -> bool:
        """Tell whether the registry named the champion no longer than `for_seconds` ago."""
        return self.state is RegistryState.OK and now - self.reported_at <= for_seconds

    def word(self, *, now: float, silent_after: float) -> RegistryWord:
        """Return what is known of the registry now; a mirror that has not reported for so long knows nothing."""
        seconds = None if self.heard_at is None else now - self.heard_at
        if now - self.reported_at > silent_after:
            return RegistryWord(RegistryState.DOWN, "the mirror has fallen silent", seconds)
        return RegistryWord(self.state, self.reason, seconds)
