"""Key file of a host, as `endeavour keys` changes it."""

import os
from pathlib import Path

from adapters.files.key_store import FileKeyStore
from application.access.issue_key import IssueKey
from application.access.revoke_key import RevokeKey
from domain.access.api_key import Role
from entrypoints.factories import process


class Keys:
    def __init__(self, artifacts: Path) -> None:
        self.path = artifacts / "keys.json"
        self._store = FileKeyStore(self.path)

    def add(self, name: str = "me", *roles: Role) -> str:
        """Return the text of a new key, for predictions unless `roles` are given."""
        return IssueKey(self._store, process.utc_now, os.urandom)(name, roles or (Role.PREDICT,)).text

    def revoke(self, key: str) -> None:
        RevokeKey(self._store)(key)
