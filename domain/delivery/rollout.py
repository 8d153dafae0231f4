"""Rollout: the state of a progressive delivery, from the preflight to the watch after the promotion."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.data.quoting import has_control_character
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import AnsweredOrder
from domain.delivery.plan import RolloutPlan
from domain.delivery.routing import BUCKETS, SALT
from domain.delivery.transition import CONTROLLER, Transition

ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9.]{1,32}")
"""Start in UTC, and the challenger's version."""
DIGEST = re.compile(r"[0-9a-f]{64}")
# Characters of a reason or a name that a state keeps.
MAX_TEXT_CHARACTERS = 500


class Phase(StrEnum):
    """Phase of a rollout."""

    PREFLIGHT = "preflight"
    """Hosts fetch and verify the challenger."""
    SHADOW = "shadow"
    """Both models evaluate requests, and the champion answers all of them."""
    CANARY = "canary"
    """The challenger answers the weight of the step."""
    PROMOTING = "promoting"
    """All steps have passed, and the registry's alias is being moved."""
    WATCH = "watch"
    """The challenger is the champion, and the old champion is evaluated beside it."""
    ABORTING = "aborting"
    """The challenger answers nothing any more."""


NOT_COMPARED = (Phase.PREFLIGHT, Phase.ABORTING)


class Outcome(StrEnum):
    """End of a rollout."""

    PROMOTED = "promoted"
    ABORTED = "aborted"
    SUPERSEDED = "superseded"
    """Another version was promoted meanwhile."""


class Action(StrEnum):
    """What a person asks of the controller."""

    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class Rollout:
    """State of a rollout; the controller alone writes it, each time with the next generation.

    Parameters
    ----------
    id : str
        Start in UTC and the challenger's version, such as `20261128T090412Z-42`.
    champion, challenger : str
        Versions at the start of the rollout: baseline and candidate of its counts.
    champion_digest, challenger_digest : str
        `LinearModel.digest` of both; a host serves no other model under their names.
    plan : RolloutPlan
    salt : str
        Of the routing.
    phase : Phase
    stage : int
        0 is the shadow, 1 to the number of steps the canary, and the next one the watch.
    generation : int
        Number of the write, from 1.
    beat : int
        Number of the controller's tick; a host that does not see it move gives the challenger no traffic.
    writer : str
        Random name of the controller that wrote the state.
    started_at, entered_at : datetime
        In UTC: start of the rollout, and of its stage.
    by : str
        Who started it.
    why : str
        Reason of the last transition.
    held : str
        Reason why the rollout does not go on; empty while it does.
    held_at : datetime or None
        In UTC.
    handled : int
        Number of the last request that the controller has handled.
    counts : RolloutCounts
        Since the start of the rollout.
    stage_base : RolloutCounts
        Those at the start of the stage.
    analysis : mapping
        Plain values of the last analysis, for people.
    orders : tuple of AnsweredOrder
        The last ones that operators gave through serving hosts.
    transitions : tuple of Transition
        The first one and the last ones.

    Raises
    ------
    ValueError
        If a text or a number differs from its description.
    """

    id: str
    champion: str
    champion_digest: str
    challenger: str
    challenger_digest: str
    plan: RolloutPlan
    salt: str
    phase: Phase
    started_at: datetime
    entered_at: datetime
    stage: int = 0
    generation: int = 1
    beat: int = 0
    writer: str = ""
    by: str = ""
    why: str = ""
    held: str = ""
    held_at: datetime | None = None
    handled: int = 0
    counts: RolloutCounts = field(default_factory=RolloutCounts)
    stage_base: RolloutCounts = field(default_factory=RolloutCounts)
    analysis: dict[str, Any] = field(default_factory=dict, hash=False)
    orders: tuple[AnsweredOrder, ...] = ()
    transitions: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        digests = self.champion_digest, self.challenger_digest
        if not (ID.fullmatch(self.id) and SALT.fullmatch(self.salt) and all(map(DIGEST.fullmatch, digests))):
            raise ValueError("the id, the salt or a digest of a rollout is malformed")
        if not 0 <= self.stage <= len(self.plan.steps) + 1 or min(self.generation, self.beat, self.handled) < 0:
            raise ValueError("a rollout has no such stage, generation, beat or request")
        _require_short(self.why, self.held, self.by, self.writer)

    @property
    def is_after_promotion(self) -> bool:
        """Whether the challenger is the champion now."""
        return self.stage > len(self.plan.steps)

    @property
    def seen(self) -> str:
        """What an operator has seen of the rollout; it changes when the consequences of an order change."""
        return f"{self.id}:{self.phase}:{self.stage}"

    @property
    def decided_by(self) -> str:
        """Who caused the last transition: the person whom its reason names, or the controller by its evidence."""
        person, asked, _ = self.why.partition(" asked to ")
        # The reason of an abort after a long hold ends with that of the hold.
        return person if asked and ". " not in person else CONTROLLER

    @property
    def is_compared(self) -> bool:
        """Whether hosts evaluate both models beside each other."""
        return self.phase not in NOT_COMPARED

    @property
    def weight(self) -> int:
        """Requests of 10,000 that the challenger answers."""
        if self.is_after_promotion:
            return BUCKETS
        return self.plan.weight(self.stage) if self.phase in (Phase.CANARY, Phase.PROMOTING) else 0

    @property
    def routed_weight(self) -> int:
        """Requests of 10,000 that hosts route to the version that is not the champion; none in the watch."""
        return 0 if self.is_after_promotion else self.weight

    @property
    def version_with_state(self) -> str:
        """Version that the state is kept with: the champion of its stage."""
        return self.challenger if self.is_after_promotion else self.champion

    @property
    def compared(self) -> tuple[str, str]:
        """Version and digest of the model that hosts evaluate beside the champion."""
        if self.is_after_promotion:
            return self.champion, self.champion_digest
        return self.challenger, self.challenger_digest


@dataclass(frozen=True, slots=True)
class RolloutRequest:
    """What a person asks of the controller of the rollout with the id `rollout`.

    Raises
    ------
    ValueError
        If a text is too long or has a control character, or the number is below 1.
    """

    rollout: str
    action: Action
    by: str
    why: str
    number: int
    """One more than that of the last request."""

    def __post_init__(self) -> None:
        _require_short(self.rollout, self.by, self.why)
        if self.number < 1:
            raise ValueError("the number of a request is below 1")


@dataclass(frozen=True, slots=True)
class RolloutRecord:
    """The state of a rollout, and the last request about it."""

    rollout: Rollout
    request: RolloutRequest | None = None


def _require_short(*texts: str) -> None:
    """Raise `ValueError` if a store would keep a text that cannot be read back."""
    if max(map(len, texts)) > MAX_TEXT_CHARACTERS:
        raise ValueError(f"a text has more than {MAX_TEXT_CHARACTERS} characters")
    if any(map(has_control_character, texts)):
        raise ValueError("a text has a control character")
