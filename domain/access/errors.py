"""Errors of API keys."""

from domain.errors import BackendUnavailable, StoreRefusal


class KeysUnavailable(BackendUnavailable):
    """The keys cannot be read or written."""


class UnknownKey(StoreRefusal):
    """No valid key has this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no key {key_id!r}")
        self.key_id = key_id


class CorruptKeyFile(StoreRefusal):
    """The key file is damaged, or another program wrote it."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"the key file {place} is damaged: {why}")
        self.place, self.why = place, why
