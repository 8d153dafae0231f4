"""Change: what has changed on a service, when, by whom and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.data.plain_values import require_list
from domain.delivery.ledger import LedgerDraft
from domain.delivery.rollout import Outcome
from domain.delivery.routing import BUCKETS
from domain.delivery.transition import Move, Transition
from domain.monitoring.wording import percent

# Of a list of changes.
MAX_CHANGES = 200
# Ended rollouts whose steps are listed, so that changes of champion keep their place in a list.
MAX_ROLLOUTS = 8


class What(StrEnum):
    """What has changed; the first six are events of the ledger."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    PROMOTED = "promoted"
    ABORTED = "aborted"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    ROLLOUT_STARTED = "rollout_started"
    ROLLOUT_SHADOW = "rollout_shadow"
    ROLLOUT_STEP = "rollout_step"
    ROLLOUT_HELD = "rollout_held"
    ROLLOUT_RESUMED = "rollout_resumed"
    SERVER_STARTED = "server_started"
    WORKER_REPLACED = "worker_replaced"
    REGISTRY_AWAY = "registry_away"
    REGISTRY_BACK = "registry_back"


SENTENCES = {
    What.PROMOTE: "Version {version} was promoted.",
    What.ROLLBACK: "Version {version} was put back into production.",
    What.PROMOTED: "The rollout of version {challenger} has ended with its promotion.",
    What.ABORTED: "The rollout of version {challenger} was aborted.",
    What.SUPERSEDED: "The rollout of version {challenger} ended, because another version was promoted.",
    What.REFUSED: "An order to put version {challenger} into production was refused.",
    What.ROLLOUT_STARTED: "A rollout of version {challenger} was started.",
    What.ROLLOUT_SHADOW: "Version {challenger} evaluates requests beside the champion.",
    What.ROLLOUT_STEP: "Version {challenger} answers {weight} of the requests.",
    What.ROLLOUT_HELD: "The rollout of version {challenger} is held, at {weight} of the requests.",
    What.ROLLOUT_RESUMED: "The rollout of version {challenger} goes on, at {weight} of the requests.",
    What.SERVER_STARTED: "The server on {host} was started.",
    What.WORKER_REPLACED: "A worker on {host} ended and was replaced.",
    What.REGISTRY_AWAY: "The registry no longer gives {host} an answer that can be used.",
    What.REGISTRY_BACK: "The registry answers {host} again.",
}
MOVES = {
    Move.START: What.ROLLOUT_STARTED,
    Move.SHADOW: What.ROLLOUT_SHADOW,
    Move.STEP: What.ROLLOUT_STEP,
    Move.HOLD: What.ROLLOUT_HELD,
    Move.RESUME: What.ROLLOUT_RESUMED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Parameters
    ----------
    at : datetime
        In UTC.
    what : What
    version : str
        In production after the change, empty if the change is not about a version.
    replaced : str
        In production before it.
    challenger : str
        Of a rollout, or of a refused order.
    share : float
        Of the requests that the challenger answers after the change.
    host : str
        Where it happened, for changes of one host.
    by : str
        Who made it; empty for what happened to a host.
    why : str
    """

    at: datetime
    what: What
    version: str = ""
    replaced: str = ""
    challenger: str = ""
    share: float = 0.0
    host: str = ""
    by: str = ""
    why: str = ""

    @property
    def sentence(self) -> str:
        """The change in words."""
        names = {"version": self.version, "challenger": self.challenger, "host": self.host}
        return SENTENCES[self.what].format(**names, weight=percent(self.share))

    @classmethod
    def of_ledger(cls, entry: LedgerDraft) -> "Change":
        """Return the change that an entry of the ledger records."""
        return cls(
            at=entry.at,
            what=What(entry.event),
            version=entry.version,
            replaced=entry.replaced or "",
            challenger=entry.challenger,
            by=entry.actor,
            why=entry.why,
        )


def rollout_changes(challenger: str, transitions: Iterable[Transition]) -> tuple[Change, ...]:
    """Return the start, the steps and the holds of a rollout; the ledger has its promotion and its end."""
    return tuple(
        Change(
            at=each.at,
            what=MOVES[each.move],
            challenger=challenger,
            share=each.weight / BUCKETS,
            by=each.by,
            why=each.why,
        )
        for each in transitions
        if each.move in MOVES
    )


def ledger_changes(entries: Sequence[LedgerDraft]) -> tuple[Change, ...]:
    """Return a change for each entry, and those of the last rollouts that have ended."""
    ends = {entry.rollout: entry for entry in entries if entry.event in tuple(Outcome)}
    of_rollouts = (change for entry in [*ends.values()][-MAX_ROLLOUTS:] for change in _of_end(entry))
    return (*map(Change.of_ledger, entries), *of_rollouts)


def _of_end(entry: LedgerDraft) -> tuple[Change, ...]:
    try:
        transitions = tuple(map(Transition.from_values, require_list(entry.verdicts.get("transitions"))))
    except ValueError:  # an entry without transitions, or with damaged ones
        return ()
    return rollout_changes(entry.challenger, transitions)


def newest(*changes: Change) -> tuple[Change, ...]:
    """Return the last changes, the newest first."""
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True)[:MAX_CHANGES])
