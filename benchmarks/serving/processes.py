"""What the operating system knows of a server's processes."""

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
KIB, MB = 1024, 1e6
# Fields of /proc/PID/stat behind the name in brackets.
PARENT, SESSION, USER_TICKS, SYSTEM_TICKS, STARTED = 1, 3, 11, 12, 19


def of_session(leader: int) -> list[int]:
    """Return the processes of the session that `leader` leads."""
    return [pid for pid, stat in _all() if int(stat[SESSION]) == leader]


def workers_of(parent: int) -> list[int]:
    """Return the children of `parent` that are copies of it, which leaves out programs that it has started."""
    return [pid for pid, stat in _all() if int(stat[PARENT]) == parent and _command(pid) == _command(parent)]


def cpu_seconds(pids: list[int]) -> float:
    """Return the time that the processes have spent on a core."""
    stats = dict(_all())
    ticks = [int(stats[pid][USER_TICKS]) + int(stats[pid][SYSTEM_TICKS]) for pid in pids if pid in stats]
    return sum(ticks) / TICKS


def started_at(pid: int) -> float:
    """Return when the process began, in seconds since the machine did."""
    return int(dict(_all())[pid][STARTED]) / TICKS


def resident_megabytes(pid: int) -> float:
    """Return how much of the process is in memory, what it shares with others included."""
    return _kilobytes(PROC / str(pid) / "status", "VmRSS:") * KIB / MB


def own_megabytes(pids: list[int]) -> float:
    """Return how much the processes have in memory together, what they share counted once."""
    return sum(_kilobytes(PROC / str(pid) / "smaps_rollup", "Pss:") for pid in pids) * KIB / MB


def _all() -> Iterator[tuple[int, list[str]]]:
    for folder in PROC.iterdir():
        if folder.name.isdecimal():
            try:
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue


def _command(pid: int) -> bytes:
    return (PROC / str(pid) / "cmdline").read_bytes()


def _kilobytes(file: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(name))
