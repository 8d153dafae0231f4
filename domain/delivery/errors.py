"""Errors of a serving host: no model, or a registry whose response is unusable."""

from domain.errors import BackendUnavailable, EndeavourError, StoreRefusal, StoreUnavailable


class NoModelLoaded(StoreRefusal):
    """The server has no model to predict with; `why` may be empty."""

    def __init__(self, why: str = "") -> None:
        super().__init__(f"no model is loaded: {why}" if why else "no model is loaded")
        self.why = why


class NoChampion(EndeavourError):
    """The registry names no champion."""

    def __init__(self) -> None:
        super().__init__("nothing is in production")


class InvalidRegistryResponse(StoreUnavailable):
    """The registry's response is malformed."""


class RegistryThrottled(StoreUnavailable):
    """The registry refuses requests for some `seconds`, as in Retry-After."""

    def __init__(self, place: str, why: str, seconds: float) -> None:
        super().__init__(place, why)
        self.seconds = seconds


class RolloutConflict(StoreRefusal):
    """Another controller, or a person, changed the rollout's state."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"the rollout's state has generation {found}, and {expected} was to be replaced")
        self.expected, self.found = expected, found


class NoRollout(StoreRefusal):
    """No rollout is under way."""

    def __init__(self) -> None:
        super().__init__("no rollout is under way")


class RolloutRefused(StoreRefusal):
    """A rollout cannot be started, or a request about it makes no sense now."""


class OrderOutdated(StoreRefusal):
    """What a host serves has changed since an operator looked; `now` is what would be seen."""

    def __init__(self, now: str) -> None:
        super().__init__("it has changed since you looked; nothing was done")
        self.now = now


class OrderRefused(StoreRefusal):
    """An order makes no sense now."""


class InvalidFeedbackToken(EndeavourError):
    """A text is no feedback token that this service has signed; `item` is its place among the labels of a request."""

    def __init__(self, item: int = 0) -> None:
        super().__init__("not a token that this service has signed with its present keys; send it as it was received")
        self.item = item


class ReplicasUnavailable(BackendUnavailable):
    """No replica of the server answers."""
