"""Keys in a JSON file that can be put in place by hand, or by a program that hands out secrets."""

import json
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.host.atomic_write import exclusive, write_atomically
from adapters.host.bounded_read import read_bounded
from adapters.host.disk_problem import disk_problems_as
from domain.access.api_key import ApiKey, KeyRing, Role
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from domain.errors import InvalidParameter
from domain.ports import KeyStore
from domain.schema_version import require_schema

SCHEMA = 1
# Some 50,000 keys.
MAX_BYTES = 16 * 1024 * 1024


class FileKeyStore(KeyStore):
    """Keeps `{"schema": 1, "keys": {id: {"name", "sha256", "roles", "created"}}}`, readable for its owner only.

    Readers take no lock, because the file is replaced as a whole. They read it each time, because a time stamp does not
    show every change, and parse it when its bytes have changed.

    Parameters
    ----------
    path : Path
        The file; made, with its directory, when the first key is added. A link is followed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._latest: tuple[bytes, KeyRing] | None = None

    def ring(self) -> KeyRing | None:
        """Return the ring in the file, None if there is no file."""
        with self._reported():
            try:
                data = read_bounded(self._path, MAX_BYTES, follow_links=True)
                if self._latest is None or self._latest[0] != data:
                    self._latest = data, _ring(json.loads(data))
                return self._latest[1]
            except FileNotFoundError:
                return None
            except (InvalidParameter, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
                why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                raise CorruptKeyFile(str(self._path), why) from error

    def add(self, key: ApiKey) -> None:
        """Write the file with one more key."""
        with self._reported(), exclusive(self._path.parent):
            self._write((self.ring() or KeyRing()).with_key(key))

    def revoke(self, key_id: str) -> ApiKey:
        """Write the file without a key; without its last key the file stays, and opens to no client."""
        with self._reported(), exclusive(self._path.parent):
            before = self.ring() or KeyRing()
            self._write(before.without_key(key_id))
            return next(key for key in before.keys if key.id == key_id)

    def _write(self, ring: KeyRing) -> None:
        value = {"schema": SCHEMA, "keys": {key.id: _entry(key) for key in ring.keys}}
        write_atomically(self._path.resolve(), json.dumps(value, indent=2).encode() + b"\n")

    def _reported(self) -> AbstractContextManager[None]:
        return disk_problems_as(KeysUnavailable, f"the key file {self._path}")


def _entry(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "sha256": key.digest.hex(),
        "roles": sorted(key.roles),
        "created": key.created.isoformat(),
    }


def _ring(value: Any) -> KeyRing:
    require_schema(value["schema"], (SCHEMA,), "take the file from a backup")
    if value["schema"] != SCHEMA:
        raise InvalidParameter("schema", value["schema"], str(SCHEMA))
    return KeyRing.from_keys(_key(key_id, entry) for key_id, entry in value["keys"].items())


def _key(key_id: str, entry: Any) -> ApiKey:
    created = datetime.fromisoformat(entry["created"])
    if created.tzinfo is None:
        raise InvalidParameter("created", entry["created"], "a time with its offset from UTC")
    return ApiKey(key_id, entry["name"], bytes.fromhex(entry["sha256"]), frozenset(map(Role, entry["roles"])), created)
