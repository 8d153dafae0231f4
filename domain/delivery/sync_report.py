"""Report of a host's mirror about the registry, for the processes that answer requests."""

from dataclasses import dataclass
from enum import StrEnum

from domain.model.model_version import ModelVersion


class RegistryState(StrEnum):
    """How the registry was found."""

    OK = "ok"
    """It names a champion, and that very model is here and sound."""
    UNREACHABLE = "unreachable"
    """It does not answer, or answers that it cannot."""
    INVALID = "invalid"
    """It answers, but its answer cannot be served: nonsense, no champion, or a model that was refused."""
    AWAITING_APPROVAL = "awaiting_approval"
    """It names a sound champion of other features than clients send here, without consent to the change."""


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """State of the registry, as a host last found it.

    Parameters
    ----------
    state : RegistryState
    reason : str
        Why the state is not ok.
    seconds : float or None
        Since the last answer of the registry; None if there was none.
    copy_problem : str
        Why the champion could not be kept on the disk; empty if it was.
    """

    state: RegistryState
    reason: str
    seconds: float | None
    copy_problem: str = ""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Outcome of one poll of the registry.

    Times are seconds of a clock that all processes of the host share and that cannot be set.

    Parameters
    ----------
    champion : ModelVersion or None
        The last one that the registry named and that proved sound.
    state : RegistryState
    reason : str
        Why the state is not ok.
    last_contact_at : float or None
        When the registry last answered at all.
    reported_at : float
    copy_problem : str
        Why the champion could not be kept on the disk; empty if it was.
    champion_named : bool
        Whether the registry has named a champion since the mirror began, sound or not.
    """

    champion: ModelVersion | None
    state: RegistryState
    reason: str
    last_contact_at: float | None
    reported_at: float
    copy_problem: str = ""
    champion_named: bool = False
