"""A worker's life: how soon it answers, how much memory it takes, and what it has imported."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.learning.findings import Bar, Finding, Unit
from benchmarks.serving import processes
from benchmarks.serving.contenders import NEVER, Endeavour, endeavour
from benchmarks.serving.scale import Scale
from benchmarks.serving.virtual_environments import SERVING
from domain.linear_model import LinearModel


def memory_findings(running: Endeavour, when: str, bar: Bar | None) -> Iterator[Finding]:
    """Yield what the largest worker has in memory, and how many modules it should not have imported."""
    largest = max(processes.resident_megabytes(pid) for pid in running.server.workers)
    yield Finding(f"a worker, {when}", "resident memory", largest, bar, Unit.MEGABYTES)


def import_findings(running: Endeavour) -> Iterator[Finding]:
    """Yield how often any process of the server tried to import what serving must do without."""
    tries = len(running.tripped.read_text().split())
    yield Finding("the server", f"imports of {', '.join(NEVER)}", tries, Bar(most=0), Unit.COUNT)


def start_findings(model: LinearModel, scale: Scale, folder: Path) -> Iterator[Finding]:
    """Yield how soon a worker answers after its process has begun, and a whole server after its command."""
    with_program, alone, again = [], [], []
    for number in range(scale.starts):
        began = time.clock_gettime(time.CLOCK_BOOTTIME)
        with endeavour(folder / f"start-{number}", model, SERVING.python, workers=1) as running:
            answered = time.clock_gettime(time.CLOCK_BOOTTIME)
            (worker,) = running.server.workers
            with_program.append(answered - began)
            alone.append(answered - processes.started_at(worker))
            again.append(_back_after_a_crash(running, worker))
    rounds = str(scale.starts)
    yield Finding(
        "starting a worker", "until its first answer", median(alone), Bar(most=1), Unit.SECONDS, rounds=rounds
    )
    yield Finding(
        "`endeavour keys add`, `endeavour serve`",
        "until the first answer",
        median(with_program),
        None,
        Unit.SECONDS,
        rounds=rounds,
    )
    yield Finding(
        "the only worker is killed", "until the next one answers", median(again), None, Unit.SECONDS, rounds=rounds
    )


def _back_after_a_crash(running: Endeavour, worker: int) -> float:
    # granian gives up after two crashes within 5.5 s.
    time.sleep(0.2)
    os.kill(worker, signal.SIGKILL)
    began = time.monotonic()
    running.server.wait_until_answering(running.asked("/batch", b'{"X": []}'))
    return time.monotonic() - began
