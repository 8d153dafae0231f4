"""Champion reference: version and digest that the registry names, before the model is fetched."""

from dataclasses import dataclass, field

from domain.delivery.ledger import LedgerHead
from domain.delivery.rollout import RolloutRecord


@dataclass(frozen=True, slots=True)
class ChampionRef:
    """A version in production; equal references are of equal models, so that a model is fetched once.

    Parameters
    ----------
    version : str
    digest : str or None
        Digest of the model's file, if the registry has one.
    feature_change_approved : bool
        Whether a host may serve it whose clients send other features so far.
    rollout : RolloutRecord or None
        The rollout whose state is kept with the version.
    ledger_head : LedgerHead
        Last entry of the ledger when the version became champion or later; that of an empty ledger if there is none.
    """

    version: str
    digest: str | None
    feature_change_approved: bool = field(default=False, compare=False)
    rollout: RolloutRecord | None = field(default=None, compare=False)
    ledger_head: LedgerHead = field(default_factory=LedgerHead, compare=False)
