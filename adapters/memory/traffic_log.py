"""Traffic log in memory."""

from collections import defaultdict
from collections.abc import Mapping

from domain.delivery.labels import ErrorSums
from domain.monitoring.label_window import LabelWindow, is_full
from domain.monitoring.traffic import Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.ports import MINUTES, TEN_SECONDS, Resolution, TrafficLog
from domain.ports.monitoring import MAX_TRAFFIC_VERSIONS

UNLABELED = 1, Traffic(), Traffic()


class InMemoryTrafficLog(TrafficLog):
    """Keeps the traffic of each version and period."""

    def __init__(self) -> None:
        self._since = 0.0
        # Windows until now, and the halves of the last one.
        self._labels: dict[str, tuple[int, Traffic, Traffic]] = {}
        self._versions: dict[str, dict[Resolution, defaultdict[int, Traffic]]] = {}

    @property
    def since(self) -> float:
        """Unix time from which on requests are counted."""
        return self._since

    def begin(self, at: float) -> None:
        """Count from the time on."""
        self._since = self._since or at

    def add(self, counts: Mapping[str, Traffic], at: float) -> None:
        """Add the counts."""
        for version, traffic in counts.items():
            kept = self._versions.pop(version, None)
            if kept is None:
                self._labels[version] = UNLABELED
                kept = {resolution: defaultdict(Traffic) for resolution in (MINUTES, TEN_SECONDS)}
            # The last one in the dict was used last.
            self._versions[version] = kept
            if len(self._versions) > MAX_TRAFFIC_VERSIONS:
                oldest = next(iter(self._versions))
                del self._versions[oldest], self._labels[oldest]
            if traffic.labels:
                looks, earlier, later = self._labels[version]
                if is_full(later.labels):
                    looks, earlier, later = looks + bool(earlier.labels), later, Traffic()
                self._labels[version] = looks, earlier, later + traffic
            for resolution, periods in kept.items():
                periods[int(at // resolution.seconds)] += traffic

    def read(self, resolution: Resolution, periods: int, at: float) -> Mapping[str, TrafficSeries]:
        """Return the last complete periods."""
        end = int(at // resolution.seconds)
        kept = {version: by_resolution[resolution] for version, by_resolution in self._versions.items()}
        return {
            version: TrafficSeries.of(*(counts.get(period, Traffic()) for period in range(end - periods, end)))
            for version, counts in kept.items()
            if any(end - periods <= period < end for period in counts)
        }

    def errors(self, version: str) -> LabelWindow:
        """Return the sum of both halves."""
        looks, earlier, later = self._labels.get(version, UNLABELED)
        total = earlier + later
        return LabelWindow(ErrorSums(total.labels, total.squared_errors, total.absolute_errors), looks)
