"""Copy the champion from the registry to where this host can read it alone."""

import logging
from dataclasses import dataclass

from domain.errors import BackendUnavailable, BrokenModel
from domain.ports import ChampionSource, Clock, LastKnownGood

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MirrorChampion:
    """Ask the registry once, keep what it names, and write down how that went; never raise because of the registry."""

    registry: ChampionSource
    copy: LastKnownGood
    clock: Clock

    def __call__(self) -> str | None:
        """Return what was wrong, None if the copy is now the champion the registry named."""
        problem = self._mirror()
        self.copy.note(heard_at=self.clock(), problem=problem)
        return problem

    def _mirror(self) -> str | None:
        try:
            champion = self.registry.champion()
            if champion is None:
                return "nothing is in production"
            self.copy.keep(champion)
        except (BackendUnavailable, BrokenModel) as error:
            return str(error)
        return None
