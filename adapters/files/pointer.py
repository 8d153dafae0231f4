"""The small file that says which model is meant, and how to tell that it is that one, whole and unchanged."""

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any, Self

from domain.schema import refuse_other_schema

SCHEMA = 1
# A pointer is a few hundred bytes; a model of a million coefficients with their names has room.
LARGEST_POINTER, LARGEST_MODEL = 64 * 1024, 64 * 1024 * 1024
MODEL_FILE = re.compile(r"\Amodel-[0-9a-f]{32}\.json\Z")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Points to one file, which is named by its content and never by anything that came from elsewhere.

    Parameters
    ----------
    version : str
        The name of the model version.
    generation : int
        Counts how often the directory was pointed to a model: two pointers of one generation are the same writing.
    file : str
    size : int
        Of the file, in bytes.
    sha256 : str
        Of the file, as 64 hexadecimal digits.
    """

    version: str
    generation: int
    file: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not MODEL_FILE.match(self.file) or not 0 < self.size <= LARGEST_MODEL or self.generation < 1:
            raise ValueError(f"no file of ours is called {self.file!r} and has {self.size} bytes")

    @classmethod
    def to(cls, data: bytes, version: str, generation: int) -> Self:
        """Return the pointer to a file that holds `data`."""
        sha256 = hashlib.sha256(data).hexdigest()
        return cls(version, generation, f"model-{sha256[:32]}.json", len(data), sha256)

    def names(self, data: bytes) -> bool:
        """Whether `data` are the bytes that were pointed to."""
        return len(data) == self.size and compare_digest(hashlib.sha256(data).hexdigest(), self.sha256)

    def to_bytes(self) -> bytes:
        """Return the small file: the fields, and the sha256 of them."""
        fields = {"schema": SCHEMA, **asdict(self)}
        return _canonical(fields | {"checksum": _checksum(fields)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the pointer that `to_bytes` wrote as `data`, or raise `ValueError` if it is anything else."""
        fields = _fields(data)
        refuse_other_schema(fields.get("schema"), SCHEMA, "let this one reach the registry: it then replaces the copy")
        with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
            if compare_digest(_checksum(fields), fields.pop("checksum")) and fields.pop("schema") == SCHEMA:
                return cls(**fields)
        raise ValueError(
            "the pointer to the copy of the champion is damaged; the next answer of the registry replaces it"
        )


def _fields(data: bytes) -> dict[str, Any]:
    """Return the object that `data` holds as JSON, an empty one if `data` holds anything else."""
    with suppress(ValueError, RecursionError):
        fields = json.loads(data)
        return fields if isinstance(fields, dict) else {}
    return {}


def _checksum(fields: dict[str, Any]) -> str:
    rest = {name: value for name, value in fields.items() if name != "checksum"}
    return hashlib.sha256(_canonical(rest)).hexdigest()


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
