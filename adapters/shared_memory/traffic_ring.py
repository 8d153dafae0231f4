"""Traffic ring: the traffic of a host by version and period, in memory that all its processes share."""

import hashlib
import mmap
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from adapters.shared_memory.sequence import Sequence
from domain.data.arrays import FloatArray
from domain.monitoring.traffic import COUNTS, LATENCY_BUCKETS, Traffic
from domain.monitoring.traffic_series import TrafficSeries
from domain.ports import MINUTES, TEN_SECONDS, Resolution, TrafficLog
from domain.ports.monitoring import MAX_TRAFFIC_VERSIONS

MAX_NAME_BYTES = 64
_SMALL = COUNTS[: COUNTS.index("rows")]
# The small counts and the latency buckets are one array, because each operation of numpy takes a microsecond.
_ROW = np.dtype(
    [
        ("period", "<i8"),
        ("counts", "<u4", (len(_SMALL) + LATENCY_BUCKETS,)),
        ("rows", "<u8"),
        ("seconds", "<f8"),
    ]
)
_FIELDS = {MINUTES: "minutes", TEN_SECONDS: "ten_seconds"}
_LAYOUT = np.dtype(
    [
        ("sequence", "<u8"),
        ("since", "<f8"),
        ("uses", "<u8"),
        ("used", "<u8", (MAX_TRAFFIC_VERSIONS,)),
        ("names", f"S{MAX_NAME_BYTES}", (MAX_TRAFFIC_VERSIONS,)),
        *((field, _ROW, (MAX_TRAFFIC_VERSIONS, each.periods + 1)) for each, field in _FIELDS.items()),
    ]
)
_SHAPE = hashlib.sha256(repr(_LAYOUT.descr).encode()).digest()


class TrafficRing(TrafficLog):
    """One row for each version and period, some 1.5 MB; made before workers are forked.

    The parent process alone writes. The sequence number is odd while it does, and a reader that finds it odd, or
    changed, reads again. The row of a period is that of its number modulo the number of rows, and holds the number
    too, so that a row of an earlier round counts for nothing. One row more is that of the incomplete period.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _LAYOUT.itemsize)
        self._table = np.frombuffer(self._memory, _LAYOUT)
        self._sequence = Sequence(self._table["sequence"])
        self._slots: dict[str, int] = {}

    @property
    def since(self) -> float:
        """Unix time from which on requests are counted."""
        return float(self._table["since"][0])

    def begin(self, at: float) -> None:
        """Count from the time on, unless there are counts of an earlier time."""
        if not self.since:
            self._table["since"][0] = at

    def add(self, counts: Mapping[str, Traffic], at: float) -> None:
        """Add the counts to one row a version and resolution."""
        with self._sequence.writing():
            for version, traffic in counts.items():
                slot, small = self._slot(version), _small_counts(traffic)
                for resolution, field in _FIELDS.items():
                    rows, period = self._table[field][0, slot], int(at // resolution.seconds)
                    row = rows[period % len(rows) : period % len(rows) + 1]
                    if row["period"][0] != period:
                        row[:] = np.zeros(1, _ROW)
                        row["period"] = period
                    row["counts"] += small
                    row["rows"] += traffic.rows
                    row["seconds"] += traffic.seconds

    def read(self, resolution: Resolution, periods: int, at: float) -> Mapping[str, TrafficSeries]:
        """Return the last complete periods, each version's as they were between two writes."""
        end = int(at // resolution.seconds)
        wanted = np.arange(end - periods, end)
        rows = self._table[_FIELDS[resolution]][0]

        def copy() -> dict[str, npt.NDArray[np.void]]:
            used, names = self._table["used"][0], self._table["names"][0]
            return {
                names[slot].decode(errors="replace"): rows[slot, wanted % rows.shape[1]]
                for slot in np.flatnonzero(used)
            }

        series = {name: _values(found, wanted) for name, found in self._sequence.consistent(copy).items()}
        return {name: TrafficSeries(values) for name, values in series.items() if values[:, 0].any()}

    def to_bytes(self) -> bytes:
        """Return the content, for `restore`, as it was between two writes; may raise `FiguresUnavailable`."""
        return self._sequence.consistent(lambda: _SHAPE + bytes(self._memory))

    def restore(self, content: bytes) -> bool:
        """Replace the content by that of another ring; return False if it has another shape."""
        if len(content) != len(_SHAPE) + _LAYOUT.itemsize or not content.startswith(_SHAPE):
            return False
        with self._sequence.writing():
            kept = np.frombuffer(content, _LAYOUT, offset=len(_SHAPE))
            for field in ("since", "uses", "used", "names", *_FIELDS.values()):
                self._table[field] = kept[field]
        used, names = kept["used"][0], kept["names"][0]
        self._slots = {names[slot].decode(): int(slot) for slot in np.flatnonzero(used)}
        return True

    def _slot(self, version: str) -> int:
        """Return the slot of the version; that of the version that was used longest ago if it has none."""
        uses = self._table["uses"]
        uses += 1
        used = self._table["used"][0]
        name = version.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
        if name not in self._slots:
            slot = int(used.argmin())
            self._slots = {other: place for other, place in self._slots.items() if place != slot} | {name: slot}
            self._table["names"][0, slot] = name.encode()
            for field in _FIELDS.values():
                self._table[field][0, slot] = np.zeros(1, _ROW)
        used[self._slots[name]] = uses[0]
        return self._slots[name]


def _small_counts(traffic: Traffic) -> npt.NDArray[np.uint32]:
    return np.array([*(getattr(traffic, name) for name in _SMALL), *traffic.latencies], dtype=np.uint32)


def _values(rows: npt.NDArray[np.void], wanted: npt.NDArray[np.int64]) -> FloatArray:
    """Return the numbers of the rows as `TrafficSeries` takes them; zeros for rows of another round."""
    counts, small = rows["counts"], len(_SMALL)
    values = np.column_stack([counts[:, :small], rows["rows"], rows["seconds"], counts[:, small:]]).astype(np.float64)
    values[rows["period"] != wanted] = 0.0
    return values
