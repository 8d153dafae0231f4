"""Errors of API keys."""

from domain.errors import BackendUnavailable, StoreRefusal


class KeysUnavailable(BackendUnavailable):
    """The keys cannot be read or written."""


class CorruptKeyFile(StoreRefusal):
    """The file of the keys is not as it was written."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"the keys in {place} are broken: {why}; mend them, or remove the file and issue new ones")
