"""Starts: the time until a server, and a worker in place of a killed one, answers for the first time."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from timeit import timeit

from benchmarks.report import SECONDS, Finding
from benchmarks.serving.contenders import endeavour


def start_findings(artifacts: Path, rounds: int) -> Iterator[Finding]:
    """Yield the time until a server, and a worker in place of a killed one, answers for the first time."""
    turns = []
    for _ in range(rounds):
        began = time.perf_counter()
        with endeavour(artifacts, workers=1)[0] as server:
            first = time.perf_counter() - began
            time.sleep(0.2)  # granian gives up after a worker's crash at its start
            os.kill(*server.workers(), signal.SIGKILL)
            turns.append((first, timeit(server.__enter__, number=1)))
    whole, again = map(median, zip(*turns, strict=True))
    work = "`endeavour keys add`, `endeavour serve`"
    yield Finding(work, "until the first answer", whole, unit=SECONDS, rounds=rounds)
    yield Finding("the only worker is killed", "until the next one answers", again, None, 1, SECONDS, rounds)
