"""WitnessLedger: keeps on this host the highest head of the ledger that the registry has named with its champion."""

import logging

from domain.delivery.champion_ref import ChampionRef
from domain.delivery.ledger import LedgerHead
from domain.errors import BackendUnavailable
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, LedgerWitness

log = logging.getLogger(__name__)


class WitnessLedger(ChampionSource):
    """A registry whose heads of the ledger are kept; a lower one replaces none, as after an alias moved by hand.

    Parameters
    ----------
    registry : ChampionSource
    witness : LedgerWitness
        Written when a higher head is seen; after a failure, at the next one.
    """

    def __init__(self, registry: ChampionSource, witness: LedgerWitness) -> None:
        self._registry, self._witness = registry, witness
        self._seen: LedgerHead | None = None

    def champion_ref(self) -> ChampionRef | None:
        """Return the champion's reference, after its head of the ledger was kept."""
        ref = self._registry.champion_ref()
        if ref:
            self._keep(ref.ledger_head)
        return ref

    def version_ref(self, version: str) -> ChampionRef:
        """Return the version's reference."""
        return self._registry.version_ref(version)

    def fetch(self, ref: ChampionRef) -> ModelVersion:
        """Return the version."""
        return self._registry.fetch(ref)

    def _keep(self, head: LedgerHead) -> None:
        self._seen = self._seen or self._witness.head()
        if head.number <= self._seen.number:
            return
        self._seen = head
        try:
            self._witness.keep(head)
        except BackendUnavailable as error:
            log.warning("ledger_witness_failed", extra={"why": str(error)})
