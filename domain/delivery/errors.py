"""Errors of a serving host: no model, or a registry whose answer cannot be used."""

from domain.errors import EndeavourError, StoreRefusal, StoreUnavailable


class NoModelLoaded(StoreRefusal):
    """There is nothing to predict with."""

    def __init__(
        self, why: str = "train and promote one with `endeavour train`; `endeavour doctor` finds faults"
    ) -> None:
        super().__init__(f"no model is loaded: {why}")
        self.why = why


class NoChampion(EndeavourError):
    """The registry has no champion."""

    def __init__(self) -> None:
        super().__init__("nothing is in production")


class InvalidRegistryResponse(StoreUnavailable):
    """The model store answers, but not as a model store does."""


class RegistryThrottled(StoreUnavailable):
    """The model store asks for no request within some `seconds`."""

    def __init__(self, place: str, why: str, seconds: float) -> None:
        super().__init__(place, why)
        self.seconds = seconds
