"""Traffic ring: the traffic of a host by version and period, in memory that all its processes share."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from adapters.shared_memory.shared_table import SharedTable
from domain.data.arrays import FloatArray
from domain.delivery.labels import ErrorSums
from domain.monitoring.label_window import LabelWindow, is_full
from domain.monitoring.traffic import COUNTS, LATENCY_BUCKETS, Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.ports import MINUTES, TEN_SECONDS, Resolution, TrafficLog
from domain.ports.monitoring import MAX_TRAFFIC_VERSIONS

MAX_NAME_BYTES = 64
_SMALL, _LARGE = COUNTS[: COUNTS.index("rows")], COUNTS[COUNTS.index("rows") :]
_ERRORS = ("labels", "squared_errors", "absolute_errors")
# The small counts and the latency buckets are one array, because each operation of numpy takes a microsecond.
_ROW = np.dtype(
    [("period", "<i8"), ("counts", "<u4", (len(_SMALL) + LATENCY_BUCKETS,)), ("amounts", "<f8", (len(_LARGE),))]
)
_FIELDS = {MINUTES: "minutes", TEN_SECONDS: "ten_seconds"}
_LAYOUT = np.dtype(
    [
        ("sequence", "<u8"),
        ("since", "<f8"),
        ("uses", "<u8"),
        ("used", "<u8", (MAX_TRAFFIC_VERSIONS,)),
        ("names", f"S{MAX_NAME_BYTES}", (MAX_TRAFFIC_VERSIONS,)),
        # Of the earlier and the later half, and how many windows have ended.
        ("errors", "<f8", (MAX_TRAFFIC_VERSIONS, 2, len(_ERRORS))),
        ("ended", "<u8", (MAX_TRAFFIC_VERSIONS, 1)),
        *((field, _ROW, (MAX_TRAFFIC_VERSIONS, each.periods + 1)) for each, field in _FIELDS.items()),
    ]
)


class TrafficRing(TrafficLog):
    """One row for each version and period, some 1.9 MB; made before workers are forked.

    The parent process alone writes. The row of a period is that of its number modulo the number of rows, and holds the
    number too, so that a row of an earlier round counts for nothing. One row more is that of the incomplete period.
    """

    def __init__(self) -> None:
        self.table = SharedTable(_LAYOUT, "the traffic of this host")
        self._record = self.table.record

    @property
    def since(self) -> float:
        """Unix time from which on requests are counted."""
        return float(self._record["since"][0])

    def begin(self, at: float) -> None:
        """Count from the time on, unless there are counts of an earlier time."""
        if not self.since:
            self._record["since"][0] = at

    def add(self, counts: Mapping[str, Traffic], at: float) -> None:
        """Add the counts to one row a version and resolution."""
        with self.table.writing():
            for version, traffic in counts.items():
                slot, small = self._used_slot(version), _small_counts(traffic)
                amounts = np.array([getattr(traffic, name) for name in _LARGE], dtype=np.float64)
                for resolution, field in _FIELDS.items():
                    rows, period = self._record[field][0, slot], int(at // resolution.seconds)
                    row = rows[period % len(rows) : period % len(rows) + 1]
                    if row["period"][0] != period:
                        row[:] = np.zeros(1, _ROW)
                        row["period"] = period
                    row["counts"] += small
                    row["amounts"] += amounts
                if traffic.labels:
                    self._add_errors(slot, traffic)

    def read(self, resolution: Resolution, periods: int, at: float) -> Mapping[str, TrafficSeries]:
        """Return the last complete periods, each version's as they were between two writes."""
        end = int(at // resolution.seconds)
        wanted = np.arange(end - periods, end)
        rows = self._record[_FIELDS[resolution]][0]

        def copy() -> dict[str, npt.NDArray[np.void]]:
            used, names = self._record["used"][0], self._record["names"][0]
            return {
                names[slot].decode(errors="replace"): rows[slot, wanted % rows.shape[1]]
                for slot in np.flatnonzero(used)
            }

        series = {name: _values(found, wanted) for name, found in self.table.consistent(copy).items()}
        return {name: TrafficSeries(values) for name, values in series.items() if values.any()}

    def errors(self, version: str) -> LabelWindow:
        """Return the sums of both halves as they were between two writes."""

        def copy() -> LabelWindow:
            slot = self._slot(version)
            if slot is None:
                return LabelWindow(ErrorSums(), 1)
            labels, squared, absolute = self._record["errors"][0, slot].sum(axis=0).tolist()
            return LabelWindow(ErrorSums(int(labels), squared, absolute), int(self._record["ended"][0, slot, 0]) + 1)

        return self.table.consistent(copy)

    def _add_errors(self, slot: int, traffic: Traffic) -> None:
        earlier, later = self._record["errors"][0, slot]
        if is_full(later[0]):
            # The window begins later if it had an earlier half.
            self._record["ended"][0, slot] += earlier[0] > 0
            earlier[:], later[:] = later, 0
        later += [getattr(traffic, name) for name in _ERRORS]

    def _slot(self, version: str) -> int | None:
        """Return the slot of the version, None if it has none."""
        is_its = (self._record["names"][0] == _name(version)) & (self._record["used"][0] > 0)
        return int(is_its.argmax()) if is_its.any() else None

    def _used_slot(self, version: str) -> int:
        """Return the slot of the version; that of the version that was used longest ago if it has none."""
        record, slot = self._record, self._slot(version)
        if slot is None:
            slot = int(record["used"][0].argmin())
            record["names"][0, slot] = _name(version)
            for field in ("errors", "ended", *_FIELDS.values()):
                record[field][0, slot] = np.zeros(1, record[field].dtype)
        record["uses"] += 1
        record["used"][0, slot] = record["uses"][0]
        return slot


def _name(version: str) -> bytes:
    return version.encode()[:MAX_NAME_BYTES].decode(errors="ignore").encode()


def _small_counts(traffic: Traffic) -> npt.NDArray[np.uint32]:
    return np.array([*(getattr(traffic, name) for name in _SMALL), *traffic.latencies], dtype=np.uint32)


def _values(rows: npt.NDArray[np.void], wanted: npt.NDArray[np.int64]) -> FloatArray:
    """Return the numbers of the rows as `TrafficSeries` takes them; zeros for rows of another round."""
    counts, small = rows["counts"], len(_SMALL)
    values = np.column_stack([counts[:, :small], rows["amounts"], counts[:, small:]]).astype(np.float64)
    values[rows["period"] != wanted] = 0.0
    return values
