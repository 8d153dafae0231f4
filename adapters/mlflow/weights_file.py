"""Weights file: weights and lineage of a registered model as JSON, without the name that MLflow gives it later."""

import hashlib
import json
from hmac import compare_digest

from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record, to_record


def to_bytes(version: ModelVersion) -> bytes:
    """Return the file; Python writes the shortest decimal that reads back as the same float."""
    record = to_record(version)
    del record["name"]
    return json.dumps(record, indent=1).encode()


def sha256(data: bytes) -> str:
    """Return the digest of the file as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def from_bytes(data: bytes, expected_sha256: str | None, version: str) -> ModelVersion:
    """Return what the file holds.

    Raises
    ------
    CorruptModel
        If the file is not the one the registry names, or not what this project writes. The digest is compared before
        anything is parsed.
    """
    if expected_sha256 is None:
        raise CorruptModel(version, "the registry has no digest for it, so it was not saved by Endeavour")
    if not compare_digest(sha256(data).encode(), expected_sha256.encode()):
        raise CorruptModel(version, "its weights file is not the one the registry has the digest of")
    try:
        record = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CorruptModel(version, f"its weights file is not JSON: {error}") from error
    if not isinstance(record, dict):
        raise CorruptModel(version, f"its weights file holds a {type(record).__name__}")
    return from_record({"name": version, **record}, version)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a finite number")
