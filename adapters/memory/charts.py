"""No pictures, for those without matplotlib."""

from collections.abc import Mapping

from domain.ports import Charts
from domain.training import Training


class NoCharts(Charts):
    """Draws nothing."""

    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return no pictures."""
        del training
        return {}
