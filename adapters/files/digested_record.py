"""Digested record: a model in two lines, the sha256 of the record and the record, so that damage is found."""

import hashlib
import json
from pathlib import Path

from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problem
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record, to_record


def encoded(version: ModelVersion) -> bytes:
    """Return the lines; equal versions have equal ones."""
    record = json.dumps(to_record(version), allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(record).hexdigest().encode() + b"\n" + record


def read(path: Path, limit: int) -> bytes | None:
    """Return the bytes of the file, None if there is none, or raise `CorruptModel` if it cannot be read."""
    try:
        return read_bounded(path, limit)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CorruptModel(path.name, disk_problem(error)) from error


def checked(name: str, data: bytes) -> bytes:
    """Return the record in the bytes of the file `name`, or raise `CorruptModel` if they are not what was written."""
    digest, _, record = data.partition(b"\n")
    if hashlib.sha256(record).hexdigest().encode() != digest:
        why = "it is damaged, or another version of Endeavour wrote it; the next answer of the registry replaces it"
        raise CorruptModel(name, why)
    return record


def decoded(name: str, data: bytes) -> ModelVersion:
    """Return the version in the bytes of the file `name`, or raise `CorruptModel`."""
    record = checked(name, data)
    try:
        fields = json.loads(record)
        return from_record(fields, fields["name"])
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise CorruptModel(name, "it is not the record of a model") from error
