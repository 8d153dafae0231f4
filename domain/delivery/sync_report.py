"""Sync report: the outcome of a registry check, published to the processes that answer requests."""

from dataclasses import dataclass
from enum import StrEnum

from domain.delivery.rollout_reader import Exposure
from domain.model.model_version import ModelVersion


class RegistryState(StrEnum):
    """State of the registry at a check."""

    OK = "ok"
    """It names a champion, and that model is here and sound."""
    UNREACHABLE = "unreachable"
    """It does not respond, or responds with a failure."""
    INVALID = "invalid"
    """It responds with nothing to serve: a malformed response, no champion, or a corrupt model."""
    AWAITING_APPROVAL = "awaiting_approval"
    """It names a sound champion with other features than clients send here, without an approval."""


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """State of the registry at the last check, as a worker reads it.

    Parameters
    ----------
    state : RegistryState
    reason : str
        Cause of a state that is not ok.
    seconds : float or None
        Since the last response of the registry; None if there was none.
    copy_problem : str
        Cause why the champion cannot be kept on the disk; empty if it can.
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
        Last one that the registry named and that is sound.
    state : RegistryState
    reason : str
        Cause of a state that is not ok.
    last_contact_at : float or None
        Time of the last response of the registry, of any kind.
    reported_at : float
    copy_problem : str
        Cause why the champion cannot be kept on the disk; empty if it can.
    champion_named : bool
        Whether the registry has named a champion, sound or not, since the registry sync started.
    exposure : Exposure or None
        The rollout of the champion, None if there is none.
    challenger : ModelVersion or None
        The model that the rollout compares with the champion, if it is here and verified.
    challenger_problem : str
        Cause why it is not; empty if it is, or if there is no rollout.
    """

    champion: ModelVersion | None
    state: RegistryState
    reason: str
    last_contact_at: float | None
    reported_at: float
    copy_problem: str = ""
    champion_named: bool = False
    exposure: Exposure | None = None
    challenger: ModelVersion | None = None
    challenger_problem: str = ""
