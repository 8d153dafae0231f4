"""Orders: what an operator asks of the controller through a serving host, and what that operator saw."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.data.plain_values import require_moment
from domain.data.quoting import has_control_character, has_visible_character
from domain.data.short_text import short_text

ORDER_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
MAX_WHY_CHARACTERS = 200
# A rollout's id with its phase, or a version; the names are those of the registry.
MAX_SEEN_CHARACTERS = 100
MAX_BY_CHARACTERS = 128
LIFE = timedelta(minutes=5)
"""Time in which the controller may take an order: an order that is not taken now must not be carried out later."""
# Orders that the state of a rollout keeps, and characters of their texts, so that state and ledger keep their bounds.
MAX_KEPT, MAX_KEPT_CHARACTERS = 8, 100
CHAMPION = "champion"
NOT_A_REASON = (
    f"must be a text of at most {MAX_WHY_CHARACTERS} characters, one of which can be seen and none controls a terminal"
)


class OrderAction(StrEnum):
    """What an operator orders."""

    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    PROMOTE = "promote"
    """The challenger of a rollout without the stages that are left, or any version outside of a rollout."""
    ROLLBACK = "rollback"
    """To the version before the champion, outside of a rollout."""


OF_ROLLOUTS = (OrderAction.PAUSE, OrderAction.RESUME, OrderAction.ABORT, OrderAction.PROMOTE)
OF_CHAMPIONS = (OrderAction.PROMOTE, OrderAction.ROLLBACK)


@dataclass(frozen=True, slots=True)
class Order:
    """An order that a serving host has accepted.

    Parameters
    ----------
    id : str
        32 hexadecimal digits, made with the form: the same order that arrives twice is one.
    action : OrderAction
    seen : str
        What the operator saw: `seen_rollout` of the rollout, or `seen_champion` outside of one.
    version : str
        In production afterwards, if the order is carried out; empty for a pause.
    by : str
        Who gives it: name and id of a key.
    why : str
        Reason, 200 characters at most; may be empty.
    at : datetime
        In UTC, by the clock of the host.

    Raises
    ------
    ValueError
        If a value differs from its description.
    """

    id: str
    action: OrderAction
    seen: str
    version: str
    by: str
    why: str
    at: datetime

    def __post_init__(self) -> None:
        if not ORDER_ID.fullmatch(self.id):
            raise ValueError("the id of an order is not 32 hexadecimal digits")
        longest = {"seen": MAX_SEEN_CHARACTERS, "version": MAX_SEEN_CHARACTERS}
        longest |= {"by": MAX_BY_CHARACTERS, "why": MAX_WHY_CHARACTERS}
        texts = {name: getattr(self, name) for name in longest}
        if any(len(text) > longest[name] or has_control_character(text) for name, text in texts.items()):
            raise ValueError("a text of an order is too long, or has a control character")
        object.__setattr__(self, "action", OrderAction(self.action))
        if self.action not in (OF_ROLLOUTS if self.rollout else OF_CHAMPIONS):
            raise ValueError("what the operator saw has no such order")
        object.__setattr__(self, "at", self.at.astimezone(UTC))

    @property
    def rollout(self) -> str:
        """Id of the rollout that the order is about; empty for one about the champion."""
        about, _, _ = self.seen.partition(":")
        return "" if about == CHAMPION else about

    @property
    def champion(self) -> str:
        """Version that the operator saw in production; empty for an order about a rollout."""
        return "" if self.rollout else self.seen.partition(":")[2]

    @property
    def mark(self) -> str:
        """Text by which the reason of an entry of the ledger names the order."""
        return f"(order {self.id})"

    def reason(self) -> str:
        """Return who ordered what and why, as a sentence."""
        why = f": {self.why.rstrip('.')}" if self.why else ""
        return f"{self.by} asked to {self.action}{why}."

    def to_values(self) -> dict[str, str]:
        """Return the fields as texts."""
        return {each.name: str(getattr(self, each.name)) for each in fields(self)} | {"at": self.at.isoformat()}

    @classmethod
    def from_values(cls, values: Mapping[str, str]) -> Self:
        """Return the order of `to_values`; raise `ValueError` if they are of no order."""
        try:
            action, at = OrderAction(values["action"]), require_moment(values["at"])
            texts = {name: values[name] for name in ("id", "seen", "version", "by", "why")}
        except KeyError as error:
            raise ValueError("the values are of no order") from error
        return cls(action=action, at=at, **texts)


@dataclass(frozen=True, slots=True)
class AnsweredOrder:
    """An order that the controller has answered.

    Parameters
    ----------
    order : Order
    ignored : str
        Why it changed nothing; empty if it was followed.
    """

    order: Order
    ignored: str = ""

    def to_values(self) -> dict[str, str]:
        """Return the fields of the order, and `ignored`, as texts."""
        return {**self.order.to_values(), "ignored": self.ignored}

    def shortened(self) -> Self:
        """Return it with a reason of `MAX_KEPT_CHARACTERS`, as the state keeps it."""
        why, ignored = (short_text(text, MAX_KEPT_CHARACTERS) for text in (self.order.why, self.ignored))
        return replace(self, order=replace(self.order, why=why), ignored=ignored)


def reason_from(text: str) -> str:
    """Return an operator's reason without outer spaces, which may be empty.

    Raises
    ------
    ValueError
        If it is too long, or a person cannot read it: no character can be seen, or one controls a terminal.
    """
    why = text.strip()
    if has_control_character(text) or len(why) > MAX_WHY_CHARACTERS or (why and not has_visible_character(why)):
        raise ValueError(NOT_A_REASON)
    return why


def seen_champion(version: str) -> str:
    """Return what an operator has seen who saw `version` in production, and no rollout."""
    return f"{CHAMPION}:{version}"
