"""Served models: the version that a server predicts with, its origin, and the one that a rollout compares with it."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.delivery.rollout import Rollout
from domain.delivery.rollout_reader import Exposure
from domain.delivery.routing import Routing
from domain.model.model_version import ModelVersion


class ModelOrigin(StrEnum):
    """Origin of the served model."""

    REGISTRY = "registry"
    """The registry has just named it champion."""
    CACHE = "cache"
    """It is the last champion of this host, and the registry has not confirmed it lately."""
    BUNDLED = "bundled"
    """It ships with the program; this host has never had a champion."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model version and its origin: immutable, and replaced as a whole."""

    version: ModelVersion
    origin: ModelOrigin


@dataclass(frozen=True, slots=True)
class ServedRollout:
    """A rollout as a worker applies it: the model beside the champion, and its share of the requests.

    Parameters
    ----------
    rollout : Rollout
    challenger : ServedModel
        The version that is not the champion; in the watch after the promotion, it is the baseline.
    routing : Routing
        Its weight is 0 if requests go to the champion only, as in the watch.
    trusted_until : float
        Monotonic seconds after which all requests go to the champion.
    """

    rollout: Rollout
    challenger: ServedModel
    routing: Routing
    trusted_until: float
    is_compared: bool = field(init=False)
    """Whether both models evaluate the requests; computed once, because each request asks for it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_compared", self.rollout.is_compared)


@dataclass(frozen=True, slots=True)
class ServedModels:
    """What a worker answers with: immutable, and replaced as a whole.

    Parameters
    ----------
    champion : ServedModel
    rollout : ServedRollout or None
        None without a rollout, and on a host that has no verified challenger.
    exposure : Exposure or None
        The rollout as this host has read it, None without one.
    challenger_problem : str
        Cause why the host has no verified challenger; empty if it has one, or without a rollout.
    """

    champion: ServedModel
    rollout: ServedRollout | None = None
    exposure: Exposure | None = None
    challenger_problem: str = ""
