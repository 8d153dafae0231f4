"""Past of a rollout: its transitions, from the changes of a service."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.monitoring.change import Change, What
from domain.monitoring.wording import percent

ENDS = (What.PROMOTED, What.ABORTED, What.SUPERSEDED)
NAMES = {What.ROLLOUT_STARTED: "preflight", What.ROLLOUT_HELD: "held", What.PROMOTE: "watch"}
OF_ROLLOUTS = (*NAMES, What.ROLLOUT_SHADOW, What.ROLLOUT_STEP, What.ROLLOUT_RESUMED, *ENDS)


@dataclass(frozen=True, slots=True)
class Passage:
    """A transition: the change, and the names of the stages before and after it; `start` is empty at first."""

    change: Change
    start: str
    end: str


def passages(changes: Sequence[Change]) -> tuple[Passage, ...]:
    """Return the transitions of the last rollout, newest first like the changes."""
    found: list[Passage] = []
    challenger = ""
    for change in reversed(changes):
        if change.what is What.ROLLOUT_STARTED:
            found, challenger = [], change.challenger
        if challenger and change.challenger == challenger and change.what in OF_ROLLOUTS:
            found.append(Passage(change, found[-1].end if found else "", _stage(change)))
    return tuple(reversed(found))


def _stage(change: Change) -> str:
    if change.what in ENDS:
        return str(change.what)
    return NAMES.get(change.what) or (percent(change.share) if change.share else "shadow")
