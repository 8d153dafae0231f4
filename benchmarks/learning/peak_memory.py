"""Learns from Parquet files and writes the most bytes that its process had in memory: started by `streamed`."""

import resource
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

STATUS = Path("/proc/self/status")


def main(place: str) -> None:
    """Learn with a certificate, and write the peak."""
    from benchmarks.learning.streamed import fit
    from domain.sgd import SGD

    with threadpool_limits(1):
        fit(SGD(), place)
    sys.stdout.write(f"{peak()}\n")


def peak() -> int:
    """Return the most bytes that were in memory at once.

    Linux passes `ru_maxrss` on from the process that starts another one, so that its own account is read there.
    """
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main(sys.argv[1])
