"""Served model: the version that a server predicts with, and its origin."""

from dataclasses import dataclass
from enum import StrEnum

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
