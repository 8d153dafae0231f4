"""Change: what has changed on a service, when, by whom and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.delivery.ledger import LedgerDraft
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.routing import BUCKETS
from domain.monitoring.wording import percent

# Of a list of changes.
MAX_CHANGES = 200


class What(StrEnum):
    """What has changed; the first six are events of the ledger."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    PROMOTED = "promoted"
    ABORTED = "aborted"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    ROLLOUT_STARTED = "rollout_started"
    ROLLOUT_STEP = "rollout_step"
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
    What.ROLLOUT_STEP: "Version {challenger} answers {weight} of the requests.",
    What.SERVER_STARTED: "The server on {host} was started.",
    What.WORKER_REPLACED: "A worker on {host} ended and was replaced.",
    What.REGISTRY_AWAY: "The registry no longer answers {host}.",
    What.REGISTRY_BACK: "The registry answers {host} again.",
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
        Who made it; empty for what no person made.
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


def rollout_changes(rollout: Rollout) -> tuple[Change, ...]:
    """Return the start of a rollout that is under way, and its present step."""
    start = Change(
        at=rollout.started_at,
        what=What.ROLLOUT_STARTED,
        version=rollout.champion,
        challenger=rollout.challenger,
        by=rollout.by,
    )
    if rollout.phase is not Phase.CANARY:
        return (start,)
    step = Change(
        at=rollout.entered_at,
        what=What.ROLLOUT_STEP,
        version=rollout.champion,
        challenger=rollout.challenger,
        share=rollout.weight / BUCKETS,
        by="controller",
        why=rollout.why,
    )
    return (step, start)


def newest(*changes: Change) -> tuple[Change, ...]:
    """Return the last changes, the newest first."""
    return tuple(sorted(changes, key=lambda change: change.at, reverse=True)[:MAX_CHANGES])
