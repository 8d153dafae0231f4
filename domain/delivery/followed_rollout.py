"""Followed rollout: what a host has of the rollout of its champion."""

from dataclasses import dataclass

from domain.delivery.rollout_reader import Exposure
from domain.model.model_version import ModelVersion


@dataclass(frozen=True, slots=True)
class FollowedRollout:
    """The rollout of the champion of this host, empty if there is none.

    Parameters
    ----------
    exposure : Exposure or None
    challenger : ModelVersion or None
        The model that the rollout compares with the champion, if it is here and verified.
    problem : str
        Cause why it is not; empty if it is, or if there is no rollout.
    """

    exposure: Exposure | None = None
    challenger: ModelVersion | None = None
    problem: str = ""
