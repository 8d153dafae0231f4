"""ServedModel: the model that a server answers with."""

from dataclasses import dataclass
from enum import StrEnum

from domain.model.model_version import ModelVersion


class ModelOrigin(StrEnum):
    """Where the served model was confirmed to be the one to serve."""

    REGISTRY = "registry"
    """The store of record named it champion a moment ago."""
    CACHE = "cache"
    """It is the last champion of this host; the store of record has not confirmed it lately."""
    BUNDLED = "bundled"
    """It ships with the program; no champion has ever been seen here."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model version and its source: immutable, and replaced as a whole."""

    version: ModelVersion
    origin: ModelOrigin
