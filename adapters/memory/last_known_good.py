"""A copy of the champion that is gone when the process is."""

from domain.model_version import ModelVersion
from domain.ports import LastKnownGood


class MemoryLastKnownGood(LastKnownGood):
    """Keeps the copy."""

    def __init__(self) -> None:
        self._champion: ModelVersion | None = None

    def keep(self, champion: ModelVersion) -> None:
        """Replace the copy."""
        self._champion = champion

    def champion(self) -> ModelVersion | None:
        """Return the copy."""
        return self._champion
