"""Condition: the verdict on a service in one sentence, with its reason and the next step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.monitoring.facts import Facts


class Kind(StrEnum):
    """Kind of a condition, which chooses its color."""

    WELL = "well"
    """Nothing to do."""
    BUSY = "busy"
    """A rollout runs by itself."""
    LOOK = "look"
    """An operator should look; requests are answered."""
    BAD = "bad"
    """Requests fail."""
    NEW = "new"
    """No request has come yet."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Verdict on a service.

    Parameters
    ----------
    kind : Kind
    sentence : str
        What holds.
    reason : str
        The facts behind it.
    next_step : str
        What an operator can do; empty if nothing.
    since : datetime or None
        In UTC; None if the beginning is not known.
    """

    kind: Kind
    sentence: str
    reason: str = ""
    next_step: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and the alerts of Prometheus that it agrees with.

    Parameters
    ----------
    check : callable
        Returns the condition if the rule holds, else None.
    alerts : tuple of str
    """

    check: Callable[[Facts], Condition | None]
    alerts: tuple[str, ...] = ()
